import type { ButtonHTMLAttributes, MouseEvent, Ref } from "react";
import styles from "./Button.module.css";

export interface ButtonLook {
  look?: "plain" | "ghost" | "primary" | "danger";
  small?: boolean;
  /** A square with an icon in it; needs an `aria-label`. */
  icon?: boolean;
}

/** The class names of a button, for links and library components that shall look like one. */
export function buttonClass({ look = "plain", small = false, icon = false }: ButtonLook = {}): string {
  return [styles.btn, look !== "plain" && styles[look], small && styles.small, icon && styles.icon]
    .filter(Boolean)
    .join(" ");
}

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & ButtonLook & { ref?: Ref<HTMLButtonElement> };

/** A click, or Enter in a form's field, that comes to nothing. */
function nothing(event: MouseEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * A button: 28 px high, 24 px in rows. Disabled it does nothing, yet it keeps the keyboard's focus: while what it asked for is under way
 * the reader would be nowhere.
 */
export function Button({ look, small, icon, className, type = "button", disabled, ...rest }: ButtonProps) {
  const own = buttonClass({
    ...(look === undefined ? {} : { look }),
    ...(small === undefined ? {} : { small }),
    ...(icon === undefined ? {} : { icon }),
  });
  const off = disabled === true ? { "aria-disabled": true, onClick: nothing } : {};
  return <button type={type} className={className === undefined ? own : `${own} ${className}`} {...rest} {...off} />;
}
