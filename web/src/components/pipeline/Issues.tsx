import { useState } from "react";
import { formatJson } from "~/api/json";
import { Age } from "~/components/ui/Age";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { Unseen } from "~/components/ui/Unseen";
import { useRowStops } from "~/components/ui/useRowStops";
import { AgentName, type AgentNameProps } from "./AgentName";
import { Lead } from "./Lead";
import { Level } from "./Level";
import styles from "./pipeline.module.css";
import { type issueRows, severityLevel } from "./rows";
import { usePipelineOrder } from "./usePipelineOrder";

export interface IssuesProps extends Pick<AgentNameProps, "fleet"> {
  issues: ReturnType<typeof issueRows>;
}

function context(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : formatJson(value);
}

/** What agents report as wrong, the gravest first. */
export function Issues({ issues, fleet }: IssuesProps) {
  const [all, setAll] = useState(false);
  const stops = useRowStops<HTMLUListElement>("li");
  const open = issues.filter((issue) => issue.status === "open");
  const order = usePipelineOrder(
    all ? issues : open,
    (issue) => `${issue.agent_id} ${issue.issue_id}`,
    issues,
    String(all),
  );
  const shown = order.items;
  return (
    <section aria-label="Issues" {...order.handlers}>
      <div className={styles.head}>
        <h2>Issues</h2>
        <span className="dim">{open.length} open</span>
        <span className="grow" />
        {issues.length > open.length && (
          <Button look="ghost" small aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? "Hide" : "Show"} {issues.length - open.length} resolved
          </Button>
        )}
      </div>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      {shown.length === 0 ? (
        <Empty title="No open issue">Agents report them with agent.report_issue(…).</Empty>
      ) : (
        <ul {...stops}>
          {shown.map((issue, place) => {
            const level = severityLevel(issue.severity);
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
                key={place}
                className={`${styles.row} ${styles.issue}`}
                data-closed={issue.status !== "open"}
              >
                <Level
                  level={level}
                  of={4}
                  word={issue.severity}
                  tone={issue.status !== "open" || level === 1 ? "idle" : level >= 3 ? "error" : "waiting"}
                />
                <span className={styles.title}>
                  <Lead agent={issue.agent_id} tab="events" title={context(issue.context) || undefined}>
                    <b className="strong">{issue.summary ?? issue.issue_id}</b>
                  </Lead>
                </span>
                <span className={styles.side}>
                  <AgentName agent={issue.agent_id} fleet={fleet} />
                  {issue.category !== null && <span className="ell">{issue.category}</span>}
                  {issue.occurrences > 1 && <span>×{issue.occurrences}</span>}
                  <span>
                    <Age since={issue.last_seen} short /> ago
                  </span>
                  {issue.occurrences > 1 && (
                    <span className="dim">
                      since <Age since={issue.first_seen} short />
                    </span>
                  )}
                  {issue.status !== "open" && <span>{issue.status}</span>}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
