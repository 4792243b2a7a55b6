import { Fragment } from "react";
import type { Checked, Insight } from "~/api/insights";
import { Age } from "~/components/ui/Age";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { counted } from "~/format/count";
import { mattersOf, useInsights } from "~/view/findings";
import { useView } from "~/view/url";
import { InsightCard } from "./InsightCard";
import styles from "./insights.module.css";
import { insightLook } from "./kinds";

/** What the figures say that nobody asked for: findings first, then all that was looked at and is well. */
export function Insights() {
  const { view } = useView();
  const { query, offered } = useInsights(view);
  if (!offered) return <Empty title="No insights here">This server is of a version that does not look for them.</Empty>;
  if (query.data === undefined)
    return query.error !== null ? (
      <ErrorState what="The insights" error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <SkeletonRows count={12} height={44} />
    );
  const { data, checked } = query.data;
  const fine = checked.filter((each) => each.result === "nothing");
  const silent = checked.filter((each) => each.result === "not_enough_data");
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>Insights</h1>
        <span className="sub">{summaryOf(data)}</span>
        <span className="grow" />
        <span className="dim">
          checked <Age since={query.dataUpdatedAt} short /> ago
        </span>
      </header>
      {data.length === 0 && (
        <Empty title="Nothing stands out">
          {fine.length > 0
            ? "Everything below was looked at and is well."
            : "There is not enough to say something yet: come back when the agents have worked for a while."}
        </Empty>
      )}
      {byKind(data).map(([first, ...further], index) =>
        first === undefined ? null : (
          <Fragment key={first.kind}>
            <InsightCard insight={first} rank={index + 1} />
            {further.length > 0 && (
              <details className={styles.further}>
                <summary>
                  <Icon name="right" size={12} />
                  {further.length} more of this kind
                </summary>
                {further.map((insight) => (
                  <InsightCard key={insight.title} insight={insight} rank={null} />
                ))}
              </details>
            )}
          </Fragment>
        ),
      )}
      <CheckedList title="Checked and fine" checked={fine} fine />
      <CheckedList title="Too little to say" checked={silent} fine={false} />
    </div>
  );
}

/** How many findings want to be looked at, and how many only inform. */
function summaryOf(insights: readonly Insight[]): string {
  const urgent = mattersOf(insights);
  const others = insights.length - urgent;
  if (urgent === 0) return others === 0 ? "nothing stands out" : `nothing to look at, ${others} for information`;
  return `${urgent} to look at, most important first${others === 0 ? "" : `; ${others} for information`}`;
}

/** The findings of each kind together, in the order in which the first of each came. */
export function byKind(insights: readonly Insight[]): Insight[][] {
  const kinds = new Map<string, Insight[]>();
  for (const insight of insights) {
    const known = kinds.get(insight.kind);
    if (known === undefined) kinds.set(insight.kind, [insight]);
    else known.push(insight);
  }
  return [...kinds.values()];
}

function CheckedList({ title, checked, fine }: { title: string; checked: readonly Checked[]; fine: boolean }) {
  if (checked.length === 0) return null;
  return (
    <section className={styles.checked} aria-label={title}>
      <h2>
        {title} <span className="dim">{checked.length}</span>
      </h2>
      <ul>
        {checked.map((each) => {
          const look = insightLook(each.kind);
          return (
            <li key={each.kind} data-status={fine ? "success" : "idle"}>
              <Icon name={fine ? "okd" : "dash"} />
              <span>
                {fine ? look.fine : look.found}
                <small>
                  {each.looked_at === 0
                    ? "nothing to look at yet"
                    : `${counted(each.looked_at, look.counted)} looked at`}
                </small>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
