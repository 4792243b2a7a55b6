import type { ReactNode } from "react";
import { Menu as AriaMenu, Button, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { buttonClass } from "./Button";
import { Icon } from "./Icon";
import styles from "./Select.module.css";

export interface MenuEntry {
  id: string;
  label: string;
  note?: string;
  /** A mark before the label's end: this entry is the one in force. */
  checked?: boolean;
}

export interface MenuProps {
  label: string;
  /** What the closed control shows; an icon alone unless `wide`. */
  children: ReactNode;
  entries: readonly MenuEntry[];
  onAction: (id: string) => void;
  wide?: boolean;
}

/** A button that opens a list of things to do or to switch. */
export function Menu({ label, children, entries, onAction, wide = false }: MenuProps) {
  return (
    <MenuTrigger>
      <Button aria-label={label} className={buttonClass({ look: "ghost", small: true, icon: !wide })}>
        {children}
      </Button>
      <Popover className={styles.popover} offset={4}>
        <AriaMenu className={styles.list} aria-label={label} items={entries} onAction={(key) => onAction(String(key))}>
          {(entry) => (
            <MenuItem className={styles.option} textValue={entry.label}>
              <span className="ell">{entry.label}</span>
              {entry.note !== undefined && <span className={styles.note}>{entry.note}</span>}
              <span className={styles.check}>{entry.checked === true && <Icon name="check" size={14} />}</span>
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
