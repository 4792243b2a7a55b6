import { needsAttention } from "~/appearance/status";
import { openPalette } from "~/components/palette/palette-state";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { useAgents } from "~/view/agents";
import { useView } from "~/view/url";
import styles from "./NarrowTabs.module.css";
import { type Pane, toPane } from "./panes";

/** The three columns as tabs, and the palette for everything else. */
export function NarrowTabs() {
  const { view, set } = useView();
  const { agents } = useAgents(view);
  const pane = toPane(view.pane);
  const needs = agents?.filter((agent) => needsAttention(agent.derived_status)).length ?? 0;
  const current = (each: Pane) => (each === pane ? "page" : undefined);
  const show = (each: Pane) => set({ pane: each === "board" ? undefined : each });
  return (
    <nav className={styles.tabs} aria-label="Panes">
      <button type="button" aria-current={current("hive")} onClick={() => show("hive")}>
        <StatusCell tone="idle" />
        Hive
        {needs > 0 && (
          <span className={styles.count}>
            {needs}
            <span className="sr-only"> need you</span>
          </span>
        )}
      </button>
      <button type="button" aria-current={current("board")} onClick={() => show("board")}>
        <Icon name="story" />
        Board
      </button>
      <button type="button" aria-current={current("activity")} onClick={() => show("activity")}>
        <Icon name="pulse" />
        Activity
      </button>
      <button type="button" onClick={openPalette}>
        <Icon name="dots" />
        More
      </button>
    </nav>
  );
}
