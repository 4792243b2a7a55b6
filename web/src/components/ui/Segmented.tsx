import type { ReactNode } from "react";
import styles from "./Segmented.module.css";

export interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  /** `name` says what the label shows where that may be an icon alone. */
  options: readonly { value: T; label: ReactNode; name?: string }[];
  onChange: (value: T) => void;
}

/** One of a few, all of them in sight. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <fieldset className={styles.segmented} aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-label={option.name}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
