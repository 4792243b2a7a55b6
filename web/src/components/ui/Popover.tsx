import type { ReactNode } from "react";
import { Popover as AriaPopover, Button, Dialog, DialogTrigger } from "react-aria-components";
import { type ButtonLook, buttonClass } from "./Button";
import styles from "./Popover.module.css";

export interface PopoverProps extends ButtonLook {
  /** The name of the button and of what it opens. */
  label: string;
  /** What the button shows. */
  trigger: ReactNode;
  children: ReactNode;
}

/** A button that opens a floating panel; Escape and a click outside close it. */
export function Popover({ label, trigger, children, ...look }: PopoverProps) {
  return (
    <DialogTrigger>
      <Button aria-label={label} className={buttonClass(look)}>
        {trigger}
      </Button>
      <AriaPopover className={styles.popover} offset={6}>
        <Dialog aria-label={label} className={styles.dialog}>
          {children}
        </Dialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
