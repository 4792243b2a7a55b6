import type { ReactNode } from "react";
import styles from "./Chip.module.css";
import { Icon } from "./Icon";

export interface ChipProps {
  /** What is narrowed: `environment`. */
  name: string;
  children: ReactNode;
  onRemove: () => void;
}

/** One part of what the page is narrowed to: name, value, remove. */
export function Chip({ name, children, onRemove }: ChipProps) {
  return (
    <span className={styles.chip}>
      <span className={styles.name}>{name}</span>
      <span className="ell">{children}</span>
      <button type="button" className={styles.remove} aria-label={`Remove filter ${name}`} onClick={onRemove}>
        <Icon name="x" size={12} />
      </button>
    </span>
  );
}

export interface ToggleChipProps {
  pressed: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** A filter that is on or off. */
export function ToggleChip({ pressed, onToggle, children }: ToggleChipProps) {
  return (
    <button type="button" className={styles.chip} aria-pressed={pressed} onClick={onToggle}>
      {children}
    </button>
  );
}
