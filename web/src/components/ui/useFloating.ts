import { type CSSProperties, type KeyboardEvent, type ToggleEvent, useId, useRef, useState } from "react";

const GAP_PX = 4;
const MARGIN_PX = 8;

/**
 * A panel that floats at a button, on the platform's own popovers: the browser keeps it above everything, closes it on Escape and
 * on a click outside, and gives the focus back. What is added here is the place, and the keys of lists.
 *
 * Spread `trigger` on a button and `panel` on the element that floats.
 */
export function useFloating() {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const floating = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState<CSSProperties>({});

  const settle = () => {
    const at = button.current?.getBoundingClientRect();
    const size = floating.current?.getBoundingClientRect();
    if (at === undefined || size === undefined) return;
    const below_px = window.innerHeight - at.bottom - GAP_PX - MARGIN_PX;
    const upwards = size.height > below_px && at.top > below_px;
    const rightAligned = at.left + size.width > window.innerWidth - MARGIN_PX;
    setPlace({
      minWidth: at.width,
      left: rightAligned ? Math.max(MARGIN_PX, at.right - size.width) : at.left,
      top: upwards ? Math.max(MARGIN_PX, at.top - GAP_PX - size.height) : at.bottom + GAP_PX,
      maxHeight: upwards ? at.top - GAP_PX - MARGIN_PX : below_px,
    });
  };

  return {
    open,
    close: () => floating.current?.hidePopover(),
    trigger: { ref: button, popoverTarget: id, "aria-expanded": open, "aria-controls": id },
    panel: {
      ref: floating,
      id,
      popover: "auto" as const,
      style: place,
      onToggle: (event: ToggleEvent<HTMLDivElement>) => {
        // A list inside of the panel opens and closes by itself.
        if (event.target !== event.currentTarget) return;
        const nowOpen = event.newState === "open";
        setOpen(nowOpen);
        if (!nowOpen) return;
        settle();
        focusFirst(event.currentTarget);
      },
    },
  };
}

const ITEMS = '[role="option"], [role^="menuitem"]';

function focusFirst(panel: HTMLElement): void {
  const chosen = panel.querySelector<HTMLElement>('[aria-selected="true"], [aria-checked="true"]');
  (chosen ?? panel.querySelector<HTMLElement>(`${ITEMS}, button, input, a[href]`))?.focus();
}

/** The keys of a list: arrows, Home and End, and the first letters of an item. */
export function listKeys(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(ITEMS)];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const next = nextItem(event, items, index);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function nextItem(event: KeyboardEvent, items: readonly HTMLElement[], index: number): HTMLElement | undefined {
  switch (event.key) {
    case "ArrowDown":
      return items[(index + 1) % items.length];
    case "ArrowUp":
      return items[(index - 1 + items.length) % items.length];
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default: {
      if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey)
        return undefined;
      const letter = event.key.toLowerCase();
      const after = [...items.slice(index + 1), ...items.slice(0, index + 1)];
      return after.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter));
    }
  }
}
