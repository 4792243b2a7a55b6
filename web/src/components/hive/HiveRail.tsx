import { needsAttention, statusLook } from "~/appearance/status";
import { Button } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { useRowStops } from "~/components/ui/useRowStops";
import { legible } from "~/format/legible";
import { useAgents } from "~/view/agents";
import { useView } from "~/view/url";
import styles from "./HiveRail.module.css";

/** Cells that a rail shows before it only counts; the first ones are those that need somebody. */
const CELLS_LIMIT = 40;

/** The Hive, folded: a cell an agent, in the same order, and the same click. */
export function HiveRail({ onUnfold }: { onUnfold: () => void }) {
  const { view, set } = useView();
  const stops = useRowStops<HTMLUListElement>("li");
  const agents = useAgents(view).agents ?? [];
  const needs = agents.filter((agent) => needsAttention(agent.derived_status)).length;
  return (
    <aside className={styles.rail} aria-label="The Hive">
      <Button look="ghost" small icon aria-label="Unfold the Hive" onClick={onUnfold}>
        <Icon name="side" />
      </Button>
      {needs > 0 && (
        <span className={styles.count} title="Stuck, error and waiting">
          {needs}
        </span>
      )}
      <ul className={styles.cells} {...stops}>
        {agents.slice(0, CELLS_LIMIT).map((agent) => {
          const { tone, word } = statusLook(agent.derived_status);
          return (
            <li key={agent.agent_id}>
              <button
                type="button"
                className={styles.cell}
                data-status={tone}
                aria-pressed={agent.agent_id === view.agent}
                aria-label={`${legible(agent.agent_id)}: ${word}`}
                title={`${legible(agent.agent_id)}: ${word}`}
                onClick={() => set({ agent: agent.agent_id === view.agent ? undefined : agent.agent_id })}
              >
                <StatusCell tone={tone} size={20} />
              </button>
            </li>
          );
        })}
      </ul>
      {agents.length > CELLS_LIMIT && <span className={styles.more}>+{agents.length - CELLS_LIMIT}</span>}
    </aside>
  );
}
