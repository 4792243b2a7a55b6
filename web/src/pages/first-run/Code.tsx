import type { ReactNode } from "react";
import { CopyButton } from "~/components/ui/CopyButton";
import styles from "./FirstRun.module.css";

export interface CodeProps {
  /** What the button copies: the whole of it, where the eye gets less. */
  copy: string;
  what: string;
  children: ReactNode;
}

/** Lines to take along. */
export function Code({ copy, what, children }: CodeProps) {
  return (
    <div className={styles.code}>
      <pre>{children}</pre>
      <CopyButton text={copy} what={what} word="Copy" />
    </div>
  );
}
