import { About } from "./About";
import { Keys } from "./Keys";
import { Projects } from "./Projects";
import styles from "./settings.module.css";

/** What can be set from the board: keys; and what one may want to know about this server. */
export function Settings() {
  return (
    <div className={styles.page}>
      <h1 className="sr-only">Settings</h1>
      <Keys />
      <Projects />
      <About />
    </div>
  );
}
