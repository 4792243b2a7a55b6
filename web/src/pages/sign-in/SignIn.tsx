import { CopyButton } from "~/components/ui/CopyButton";
import { Logo } from "~/components/ui/Logo";
import { useView } from "~/view/url";
import styles from "./SignIn.module.css";

const COMMAND = "hiveboard login-link --data-dir ./hiveboard-data";

/** The door: the board is entered by a one-time link, and this says how to get one. */
export function SignIn() {
  const { view } = useView();
  return (
    <main className={styles.door}>
      <div className={styles.panel}>
        <span className={styles.brand}>
          <Logo size={32} />
          HiveBoard
        </span>
        <h1>{view.link === "used" ? "This link has been used." : "This board is entered by a link."}</h1>
        <p>
          Where the server runs, ask for one with the directory that the server was started with. It works once, and
          this browser stays in for 30 days.
        </p>
        <div className={styles.command}>
          <code>
            <span className="dim">$</span> {COMMAND}
          </code>
          <CopyButton text={COMMAND} what="command" word="Copy" />
        </div>
        <p className={styles.after}>Then open the link that it prints in this browser.</p>
      </div>
    </main>
  );
}
