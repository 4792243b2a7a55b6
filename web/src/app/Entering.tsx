import { Logo } from "~/components/ui/Logo";
import styles from "./Entering.module.css";

/** While the door is being opened. A server that is near opens it before this would be seen. */
export function Entering() {
  return (
    <p className={styles.entering} role="status">
      <Logo size={32} />
      Opening the board
    </p>
  );
}
