import { Icon } from "./Icon";
import styles from "./Unseen.module.css";

export interface UnseenProps {
  /** How many have come while the order was held. */
  count: number;
  onShow: () => void;
}

/** Over a list that is held under the pointer: what came meanwhile, and the way to it; nothing where nothing came. */
export function Unseen({ count, onShow }: UnseenProps) {
  if (count === 0) return null;
  return (
    <div className={styles.unseen}>
      <button type="button" onClick={onShow}>
        <Icon name="esc" size={12} />
        {count} new
      </button>
    </div>
  );
}
