import type { AgentCard } from "~/api/queries";
import type { AgentStatus } from "~/api/types";
import { ATTENTION, statusLook } from "~/appearance/status";
import { counted } from "~/format/count";
import { legible } from "~/format/legible";
import styles from "./Comb.module.css";

/** Beyond this many agents single cells say less than a bar with counts. */
const CELLS_LIMIT = 60;
const CELL_PX = 17.2;
const PITCH_PX = 16.9;
const LIFT_PX = 8.3;
const WIDTH_PX = 238;

export function countByStatus(agents: readonly AgentCard[]): Map<AgentStatus, number> {
  const counts = new Map<AgentStatus, number>();
  for (const agent of agents) counts.set(agent.derived_status, (counts.get(agent.derived_status) ?? 0) + 1);
  return counts;
}

function sentence(agents: readonly AgentCard[]): string {
  const counts = countByStatus(agents);
  const parts = ATTENTION.filter((status) => counts.has(status)).map(
    (status) => `${counts.get(status)} ${statusLook(status).word.toLowerCase()}`,
  );
  return `${counted(agents.length, "agent")}: ${parts.join(", ")}`;
}

function Cells({ agents, onReveal }: { agents: readonly AgentCard[]; onReveal: (agent: AgentCard) => void }) {
  const inRow = Math.floor((WIDTH_PX - CELL_PX) / PITCH_PX) + 1;
  const rows = Math.ceil(agents.length / inRow);
  const height = rows * (CELL_PX + 0.6) + LIFT_PX + 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a short cut for the pointer; the keyboard reaches the same cards in the list below
    <svg
      viewBox={`0 0 ${WIDTH_PX} ${height}`}
      role="img"
      aria-label={sentence(agents)}
      onClick={(event) => {
        const index = (event.target as Element).closest("[data-index]")?.getAttribute("data-index");
        const agent = index === null || index === undefined ? undefined : agents[Number(index)];
        if (agent !== undefined) onReveal(agent);
      }}
    >
      {agents.map((agent, index) => {
        const column = index % inRow;
        const row = Math.floor(index / inRow);
        const { tone, word } = statusLook(agent.derived_status);
        return (
          <use
            key={agent.agent_id}
            className={styles.cell}
            data-index={index}
            data-status={tone}
            href={`#s-${tone}`}
            x={column * PITCH_PX + 0.6}
            y={row * (CELL_PX + 0.6) + (column % 2) * LIFT_PX + 0.4}
            width={CELL_PX}
            height={CELL_PX}
          >
            <title>{`${legible(agent.agent_id)}: ${word}`}</title>
          </use>
        );
      })}
    </svg>
  );
}

function Bar({ agents }: { agents: readonly AgentCard[] }) {
  const counts = countByStatus(agents);
  const present = ATTENTION.filter((status) => counts.has(status));
  return (
    <div role="img" aria-label={sentence(agents)}>
      <div className={styles.bar}>
        {present.map((status) => (
          <i key={status} data-status={statusLook(status).tone} style={{ flexGrow: counts.get(status) }} />
        ))}
      </div>
      <div className={styles.legend}>
        {present.map((status) => (
          <span key={status} data-status={statusLook(status).tone} title={statusLook(status).word}>
            <svg className="g s12" aria-hidden="true">
              <use href={`#s-${statusLook(status).tone}`} />
            </svg>
            {counts.get(status)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** The whole fleet at a glance: a cell an agent in the order of the Hive, or a bar for great fleets. */
export function Comb({ agents, onReveal }: { agents: readonly AgentCard[]; onReveal: (agent: AgentCard) => void }) {
  return (
    <div className={styles.comb}>
      {agents.length > CELLS_LIMIT ? <Bar agents={agents} /> : <Cells agents={agents} onReveal={onReveal} />}
    </div>
  );
}
