import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Select.module.css";
import { listKeys, useFloating } from "./useFloating";

export interface SelectOption<T extends string> {
  value: T;
  label: string;
  /** A second word at the right of the row. */
  note?: string;
}

export interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly SelectOption<T>[];
  onChange: (value: T) => void;
  icon?: IconName;
  /** Shown in the closed control instead of the option's label. */
  display?: ReactNode;
  /** Whether the choice narrows what is shown: its text then stands out. */
  strong?: boolean;
  className?: string;
}

/** A choice that opens a list. */
export function Select<T extends string>(props: SelectProps<T>) {
  const { label, value, options, onChange, icon, display, strong = false, className } = props;
  const floating = useFloating();
  const shown = display ?? options.find((option) => option.value === value)?.label ?? value;
  return (
    <span className={className}>
      <button
        type="button"
        {...floating.trigger}
        className={styles.select}
        aria-haspopup="listbox"
        aria-label={typeof shown === "string" ? `${label}: ${shown}` : label}
      >
        {icon !== undefined && <Icon name={icon} size={14} />}
        <span className={strong ? styles.strong : styles.value}>{shown}</span>
        <Icon name="down" size={12} />
      </button>
      <div {...floating.panel} className={styles.panel}>
        <div className={styles.list} role="listbox" tabIndex={-1} aria-label={label} onKeyDown={listKeys}>
          {options.map((option) => (
            <button
              key={option.value}
              type="button"
              role="option"
              tabIndex={-1}
              className={styles.option}
              aria-selected={option.value === value}
              onClick={() => {
                floating.close();
                onChange(option.value);
              }}
            >
              <span className="ell">{option.label}</span>
              {option.note !== undefined && <span className={styles.note}>{option.note}</span>}
              <span className={styles.check}>{option.value === value && <Icon name="check" size={14} />}</span>
            </button>
          ))}
        </div>
      </div>
    </span>
  );
}
