import type { ReactNode } from "react";
import styles from "./Empty.module.css";

export interface EmptyProps {
  /** Why it is empty. */
  title: string;
  /** What would fill it. */
  children?: ReactNode;
  /** One step: a link or a button. */
  step?: ReactNode;
}

/** Says why nothing is here and offers one step. */
export function Empty({ title, children, step }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <svg viewBox="0 0 56 50" aria-hidden="true" focusable="false">
        <path d="M40 25 34 35.4H22L16 25l6-10.4h12z" />
        <path
          d="M22 14.6 16 4.2M34 14.6 40 4.2M16 25H4M40 25h12M22 35.4 16 45.8M34 35.4 40 45.8"
          strokeDasharray="2 3"
        />
      </svg>
      <b>{title}</b>
      {children !== undefined && <span>{children}</span>}
      {step !== undefined && <span className={styles.step}>{step}</span>}
    </div>
  );
}
