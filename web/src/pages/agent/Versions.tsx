import type { AgentVersion } from "~/api/types";
import { Empty } from "~/components/ui/Empty";
import { figures, Table } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { formatCount, formatShare } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import styles from "./agent.module.css";

/** Versions before the rest is only counted. */
const ROWS = 10;

/** Version against version: whether the last deploy made things better. */
export function Versions({ versions }: { versions: readonly AgentVersion[] }) {
  return (
    <section aria-label="Versions" className={styles.section}>
      <div className={styles.head}>
        <h2>Versions</h2>
        <span className="dim">{versions.length}</span>
      </div>
      {versions.length === 0 ? (
        <Empty title="No run yet">Give hb.agent(…) a version, and deploys can be compared here.</Empty>
      ) : (
        <Table
          columns={[
            "Version",
            "First seen",
            figures("Tasks"),
            figures("Success"),
            figures("p50"),
            figures("p95"),
            figures("Errors per 100"),
            figures("Escalated"),
            figures("Cost per task"),
          ]}
        >
          {versions.slice(0, ROWS).map((version) => {
            const ended = version.tasks_completed + version.tasks_failed;
            return (
              <tr key={version.version ?? ""}>
                <td className="strong">{version.version ?? <span className="dim">not named</span>}</td>
                <td className="sub">
                  <Time at={version.first_seen} />
                </td>
                <td className="num">{formatCount(ended)}</td>
                <td className="num">{formatShare(version.success_rate)}</td>
                <td className="num">{formatDuration(version.p50_duration_ms)}</td>
                <td className="num">{formatDuration(version.p95_duration_ms)}</td>
                <td className="num">{ended === 0 ? "–" : ((version.error_count / ended) * 100).toFixed(1)}</td>
                <td className="num">{formatShare(version.escalation_rate)}</td>
                <td className="num">{formatMoney(version.avg_cost_per_task)}</td>
              </tr>
            );
          })}
        </Table>
      )}
    </section>
  );
}
