import type { ReactNode } from "react";
import { Logo } from "~/components/ui/Logo";
import styles from "./login.module.css";

/** A page in front of the board: the name, what is asked, and how to answer. */
export function Door({ title, said, children }: { title: string; said: ReactNode; children?: ReactNode }) {
  return (
    <main className={styles.door}>
      <div className={styles.panel}>
        <span className={styles.brand}>
          <Logo size={32} />
          HiveBoard
        </span>
        <h1>{title}</h1>
        <p>{said}</p>
        {children}
      </div>
    </main>
  );
}

/** A command for whoever runs the server. */
export function Command({ children }: { children: ReactNode }) {
  return <code className={styles.inline}>{children}</code>;
}
