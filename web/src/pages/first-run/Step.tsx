import type { ReactNode } from "react";
import { Icon } from "~/components/ui/Icon";
import styles from "./FirstRun.module.css";

export interface StepProps {
  number: number;
  title: string;
  done?: boolean;
  children: ReactNode;
}

/** One numbered step of the guide. */
export function Step({ number, title, done = false, children }: StepProps) {
  return (
    <li className={styles.step} data-done={done}>
      <span className={styles.number}>
        <svg viewBox="0 0 30 30" aria-hidden="true" focusable="false">
          <path d="M29 15L22.0 27.1H8.0L1 15 8.0 2.9H22.0z" />
        </svg>
        <span>{done ? <Icon name="check" size={14} /> : number}</span>
      </span>
      <div className={styles.stepBody}>
        <h2>
          {title}
          {done && <span className="sr-only"> (done)</span>}
        </h2>
        {children}
      </div>
    </li>
  );
}
