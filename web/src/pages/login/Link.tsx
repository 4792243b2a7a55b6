import { CopyButton } from "~/components/ui/CopyButton";
import { useView } from "~/view/url";
import { Door } from "./Door";
import styles from "./login.module.css";

const COMMAND = "hiveboard login-link";

/** Before the board has an owner, it is entered by a one-time link, and this says how to get one. */
export function Link() {
  const { view } = useView();
  return (
    <Door
      title={view.link === "used" ? "This link has been used." : "This board is entered by a link."}
      said="Where the server runs, ask for one, with --data-dir if the server was started with it. It works once, and this browser stays in while it is used."
    >
      <div className={styles.command}>
        <code>
          <span className="dim">$</span> {COMMAND}
        </code>
        <CopyButton text={COMMAND} what="command" word="Copy" />
      </div>
      <p className={styles.after}>Then open the link that it prints in this browser.</p>
    </Door>
  );
}
