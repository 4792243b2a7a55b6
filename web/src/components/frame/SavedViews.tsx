import { Icon } from "~/components/ui/Icon";
import { lazily } from "~/components/ui/lazily";
import { Popover } from "~/components/ui/Popover";
import styles from "./SavedViews.module.css";

const Panel = lazily(
  () => import("./SavedViewsPanel").then((panel) => panel.SavedViewsPanel),
  () => null,
);

/** The workspace's views by name, and a way to keep this one among them. */
export function SavedViews() {
  return (
    <Popover
      label="Saved views"
      look="ghost"
      small
      trigger={
        <>
          <Icon name="eye" size={14} />
          <span className={styles.word}>Views</span>
        </>
      }
    >
      <Panel />
    </Popover>
  );
}
