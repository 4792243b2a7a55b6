import { useId } from "react";
import type { Insight } from "~/api/insights";
import type { Tone } from "~/appearance/status";
import { Age } from "~/components/ui/Age";
import { BoardLink } from "~/components/ui/BoardLink";
import { Icon } from "~/components/ui/Icon";
import { formatQuantityOf } from "~/format/quantity";
import { Against } from "./Against";
import styles from "./insights.module.css";
import { insightLook } from "./kinds";

/** Figures beside the title; the others are linked below. */
const FIGURES = 4;

const TONES: Record<Insight["severity"], Tone> = { critical: "error", warning: "waiting", info: "processing" };

/** A finding: what, the figures it stands on, each with the way to its rows, and what to do. */
export function InsightCard({ insight, rank }: { insight: Insight; rank: number | null }) {
  const title = useId();
  const look = insightLook(insight.kind);
  const tone = insight.severity === "critical" ? "error" : (look.tone ?? TONES[insight.severity]);
  return (
    <article className={styles.finding} data-status={tone} aria-labelledby={title}>
      <span className={styles.rank} aria-hidden="true">
        {rank}
      </span>
      <div className={styles.body}>
        <p className={styles.kind}>
          <Icon name={look.icon} />
          <b>{look.found}</b>
          <span className={styles.severity}>{insight.severity}</span>
          <span className="sub">
            over <Age since={insight.since} short />
          </span>
        </p>
        <h2 id={title} title={insight.title}>
          {insight.title}
        </h2>
        <dl className={styles.numbers}>
          {insight.evidence.slice(0, FIGURES).map((evidence) => (
            <div key={evidence.label}>
              <dd>
                <BoardLink to={evidence.link} className={styles.figure ?? ""}>
                  {formatQuantityOf(evidence.value, evidence.unit, evidence.label)}
                </BoardLink>
              </dd>
              <dt>{evidence.label}</dt>
            </div>
          ))}
        </dl>
        <p className={styles.suggestion}>{insight.suggestion}</p>
        <p className={styles.links}>
          {insight.evidence.slice(FIGURES).map((evidence) => (
            <BoardLink key={evidence.label} to={evidence.link}>
              {evidence.label}: {formatQuantityOf(evidence.value, evidence.unit, evidence.label)}
            </BoardLink>
          ))}
          {insight.task_ids.slice(0, 3).map((task) => (
            <BoardLink key={task} to={`/?task=${encodeURIComponent(task)}`} className={`link mono ${styles.task}`}>
              {task}
            </BoardLink>
          ))}
        </p>
      </div>
      <Against insight={insight} />
    </article>
  );
}
