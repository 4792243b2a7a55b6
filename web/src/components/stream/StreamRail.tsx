import { Button } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import styles from "./StreamRail.module.css";

/** The Activity Stream, folded. */
export function StreamRail({ onUnfold }: { onUnfold: () => void }) {
  return (
    <aside className={styles.rail} aria-label="Activity Stream">
      <Button look="ghost" small icon aria-label="Unfold the Activity Stream" onClick={onUnfold}>
        <Icon name="sider" />
      </Button>
      <button type="button" className={styles.word} tabIndex={-1} aria-hidden="true" onClick={onUnfold}>
        Activity
      </button>
    </aside>
  );
}
