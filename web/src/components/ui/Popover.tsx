import type { ReactNode } from "react";
import { type ButtonLook, buttonClass } from "./Button";
import styles from "./Popover.module.css";
import { useFloating } from "./useFloating";

export interface PopoverProps extends ButtonLook {
  /** The name of the button and of what it opens. */
  label: string;
  /** What the button shows. */
  trigger: ReactNode;
  children: ReactNode;
}

/** A button that opens a floating panel; Escape and a click outside close it. */
export function Popover({ label, trigger, children, ...look }: PopoverProps) {
  const floating = useFloating();
  return (
    <>
      <button
        type="button"
        {...floating.trigger}
        className={buttonClass(look)}
        aria-haspopup="dialog"
        aria-label={label}
      >
        {trigger}
      </button>
      <div {...floating.panel} className={styles.popover} role="dialog" aria-label={label}>
        {floating.open && children}
      </div>
    </>
  );
}
