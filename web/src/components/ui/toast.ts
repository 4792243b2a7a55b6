import type { StatusTone } from "~/appearance/status";

export interface ToastMessage {
  tone: StatusTone;
  title: string;
  text?: string;
  /** One thing to do about it. */
  action?: { word: string; run: () => void };
}

/** A toast on the screen; a new one replaces it. */
export interface ShownToast extends ToastMessage {
  id: number;
}

let shown: ShownToast | null = null;
let count = 0;
const listeners = new Set<() => void>();

function announce(): void {
  for (const listener of listeners) listener();
}

/** Says what happened, bottom centre, one at a time. */
export function toast(message: ToastMessage): void {
  count += 1;
  shown = { ...message, id: count };
  announce();
}

export function dismissToast(id: number): void {
  if (shown?.id !== id) return;
  shown = null;
  announce();
}

export function subscribeToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function shownToast(): ShownToast | null {
  return shown;
}
