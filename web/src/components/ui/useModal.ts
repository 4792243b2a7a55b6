import { type RefObject, useEffect } from "react";

/**
 * Opens a `<dialog>` as the platform's modal one for as long as it is drawn: it holds the focus and closes on Escape. A dialog that is
 * taken out of the page gives the focus back to nobody; this does, or to the view where what had it is gone.
 */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  // The dialog is the platform's.
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      const hasFocus = before instanceof HTMLElement && before !== document.body && before.isConnected;
      const place = hasFocus ? before : document.getElementById("centre");
      place?.focus({ preventScroll: true });
    };
  }, [dialog]);
}
