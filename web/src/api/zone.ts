/** The viewer's zone by its IANA name, as the server takes it; undefined where the browser does not know it: days are then UTC's. */
export function viewerZone(): string | undefined {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === "" || zone === "Etc/Unknown" ? undefined : zone;
}
