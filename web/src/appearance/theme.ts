/** What the reader asked for; `system` follows the operating system and its changes. */
export type ThemeChoice = "dark" | "light" | "system";

const STORAGE_KEY = "hiveboard.theme";
const light = matchMedia("(prefers-color-scheme: light)");
/** Paper is white whatever the screen is. */
const paper = matchMedia("print");
const listeners = new Set<() => void>();

function stored(): ThemeChoice {
  // Storage may be forbidden (private windows of some browsers): the board then follows the system.
  try {
    const value = localStorage.getItem(STORAGE_KEY);
    return value === "dark" || value === "light" ? value : "system";
  } catch {
    return "system";
  }
}

let choice = stored();

function show(): void {
  document.documentElement.dataset.theme = resolvedTheme();
  for (const listener of listeners) listener();
}

export function themeChoice(): ThemeChoice {
  return choice;
}

/** The theme on the screen. */
export function resolvedTheme(): "dark" | "light" {
  if (paper.matches) return "light";
  if (choice !== "system") return choice;
  return light.matches ? "light" : "dark";
}

export function setTheme(next: ThemeChoice): void {
  choice = next;
  try {
    if (next === "system") localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Not kept beyond this page; still applied to it.
  }
  show();
}

export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Applies the stored choice and follows the system; once, before the first drawing. `?theme=` wins for this page. */
export function startTheme(): void {
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") choice = asked;
  light.addEventListener("change", show);
  paper.addEventListener("change", show);
  show();
}
