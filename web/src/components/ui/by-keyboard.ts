let keyboard = false;

if (typeof document !== "undefined") {
  document.addEventListener("keydown", () => (keyboard = true), { capture: true, passive: true });
  document.addEventListener("pointerdown", () => (keyboard = false), { capture: true, passive: true });
}

/** Whether the reader acted by keyboard last: then the focus must go where what they did has led. */
export function byKeyboard(): boolean {
  return keyboard;
}
