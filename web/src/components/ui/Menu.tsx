import type { ReactNode } from "react";
import { buttonClass } from "./Button";
import { Icon } from "./Icon";
import styles from "./Select.module.css";
import { listKeys, useFloating } from "./useFloating";

export interface MenuEntry {
  id: string;
  label: string;
  note?: string;
  /** Set on entries that are one of several: whether this one is in force. */
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
  const floating = useFloating();
  return (
    <>
      <button
        type="button"
        {...floating.trigger}
        className={buttonClass({ look: "ghost", small: true, icon: !wide })}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
      >
        {children}
      </button>
      <div {...floating.panel} className={styles.panel}>
        <div className={styles.list} role="menu" tabIndex={-1} aria-label={label} onKeyDown={listKeys}>
          {entries.map((entry) => (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: only entries that are one of several, and so radios, carry it
            <button
              key={entry.id}
              type="button"
              role={entry.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={entry.checked}
              tabIndex={-1}
              className={styles.option}
              onClick={() => {
                floating.close();
                onAction(entry.id);
              }}
            >
              <span className="ell">{entry.label}</span>
              {entry.note !== undefined && <span className={styles.note}>{entry.note}</span>}
              <span className={styles.check}>{entry.checked === true && <Icon name="check" size={14} />}</span>
            </button>
          ))}
        </div>
      </div>
    </>
  );
}
