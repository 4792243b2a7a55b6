import { useSyncExternalStore } from "react";

let open = false;
/** What was typed since it was asked for and before it was there: it may still be on its way. */
let typed = "";
const listeners = new Set<() => void>();

function setOpen(next: boolean): void {
  open = next;
  for (const listener of listeners) listener();
}

export function openPalette(): void {
  typed = "";
  setOpen(true);
}

export function closePalette(): void {
  setOpen(false);
}

export function isPaletteOpen(): boolean {
  return open;
}

/** A key that was pressed before there was a field for it. */
export function typeAhead(key: string): void {
  if (key === "Backspace") typed = typed.slice(0, -1);
  else if (key.length === 1) typed += key;
}

export function typedAhead(): string {
  return typed;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePaletteOpen(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => open,
    () => open,
  );
}
