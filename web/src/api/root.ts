/**
 * The path that the board lies under: `/`, or `/hive/` behind a proxy. The page says it in its `<base>`, which the server fills in; read
 * once, because pages are gone to without loading another.
 */
export const BOARD_ROOT = typeof document === "undefined" ? "/" : new URL("./", document.baseURI).pathname;

/** The address on this server of a path that begins with a slash. */
export function onServer(path: string): string {
  return BOARD_ROOT + path.slice(1);
}
