import type { AgentVersion } from "~/api/types";
import { Empty } from "~/components/ui/Empty";
import { Time } from "~/components/ui/Time";
import table from "~/components/ui/table.module.css";
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
        <div className={styles.wide}>
          <table className={table.tbl}>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">First seen</th>
                <th scope="col" className="num">
                  Tasks
                </th>
                <th scope="col" className="num">
                  Success
                </th>
                <th scope="col" className="num">
                  p50
                </th>
                <th scope="col" className="num">
                  p95
                </th>
                <th scope="col" className="num">
                  Errors per 100
                </th>
                <th scope="col" className="num">
                  Escalated
                </th>
                <th scope="col" className="num">
                  Cost per task
                </th>
              </tr>
            </thead>
            <tbody>
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
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
