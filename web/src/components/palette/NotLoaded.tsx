import { Icon } from "~/components/ui/Icon";
import styles from "./NotLoaded.module.css";

/** In the place of the palette or the list of keys, where their code cannot be had: nobody types into the void. */
export function NotLoaded({ state }: { state: "loading" | "away" | "broken" }) {
  if (state === "loading") return null;
  return (
    <div className={styles.notice} role="alert" data-status="waiting">
      <Icon name="pulse" />
      <span>
        <b>This is not loaded yet.</b>{" "}
        {state === "away"
          ? "The server does not answer. The board loads anew as soon as it does."
          : "The server has other files than this page asks for: load the page anew."}{" "}
        <kbd>Esc</kbd> closes.
      </span>
    </div>
  );
}
