import type { ReactNode } from "react";
import { Select as AriaSelect, Button, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import styles from "./Select.module.css";

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
export function Select<T extends string>({
  label,
  value,
  options,
  onChange,
  icon,
  display,
  strong = false,
  className,
}: SelectProps<T>) {
  return (
    <AriaSelect
      aria-label={label}
      value={value}
      onChange={(key) => {
        const chosen = options.find((option) => option.value === key);
        if (chosen !== undefined) onChange(chosen.value);
      }}
      {...(className === undefined ? {} : { className })}
    >
      <Button className={styles.select}>
        {icon !== undefined && <Icon name={icon} size={14} />}
        <span className={strong ? styles.strong : styles.value}>
          {display ?? options.find((option) => option.value === value)?.label ?? value}
        </span>
        <Icon name="down" size={12} />
      </Button>
      <Popover className={styles.popover} offset={4}>
        <ListBox className={styles.list} items={options.map((option) => ({ ...option, id: option.value }))}>
          {(option) => (
            <ListBoxItem className={styles.option} textValue={option.label}>
              {({ isSelected }) => (
                <>
                  <span className="ell">{option.label}</span>
                  {option.note !== undefined && <span className={styles.note}>{option.note}</span>}
                  <span className={styles.check}>{isSelected && <Icon name="check" size={14} />}</span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
