import { Empty } from "~/components/ui/Empty";
import { Icon } from "~/components/ui/Icon";
import { Time } from "~/components/ui/Time";
import { Unseen } from "~/components/ui/Unseen";
import { useRowStops } from "~/components/ui/useRowStops";
import { formatAge } from "~/format/duration";
import { legible } from "~/format/legible";
import { readWrittenTime } from "~/format/written";
import { useNow } from "~/live/clock";
import { AgentName } from "./AgentName";
import { Lead } from "./Lead";
import styles from "./pipeline.module.css";
import type { ScheduledOf } from "./rows";
import { usePipelineOrder } from "./usePipelineOrder";

/** A run may be this late before it counts as overdue: clocks differ and workers are busy. */
const GRACE_MS = 60_000;

function overdue(item: ScheduledOf, now_ms: number): number | null {
  if (item.next_run === null || item.enabled === false) return null;
  const due = readWrittenTime(item.next_run, now_ms);
  if (due === null) return null;
  const late_ms = now_ms - due.past_ms;
  return late_ms > GRACE_MS ? late_ms : null;
}

function NextRun({ at, now_ms }: { at: string; now_ms: number }) {
  const next = readWrittenTime(at, now_ms);
  if (next === null) return at;
  return next.kind === "instant" ? <Time at={at} /> : <span title={next.note}>{next.words}</span>;
}

/** What will run by itself, and what should have. */
export function Schedule({ items: scheduled, fleet }: { items: readonly ScheduledOf[]; fleet: boolean }) {
  const stops = useRowStops<HTMLUListElement>("li");
  const now_ms = useNow();
  const order = usePipelineOrder(scheduled, (item) => `${item.agent_id} ${item.id} ${item.name}`, scheduled);
  const items = order.items;
  const late = items.filter((item) => overdue(item, now_ms) !== null).length;
  return (
    <section aria-label="Scheduled" {...order.handlers}>
      <div className={styles.head}>
        <h2>Scheduled</h2>
        {late > 0 ? <b className="bad">{late} overdue</b> : <span className="dim">{items.length}</span>}
      </div>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      {items.length === 0 ? (
        <Empty title="Nothing is scheduled">Agents tell with agent.scheduled(items=[…]).</Empty>
      ) : (
        <ul {...stops}>
          {items.map((item, place) => {
            const late_ms = overdue(item, now_ms);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
              <li key={place} className={`${styles.row} ${styles.scheduled}`}>
                <span className={styles.title}>
                  <Lead agent={item.agent_id}>{item.name ?? (item.id === null ? null : legible(item.id))}</Lead>{" "}
                  <AgentName agent={item.agent_id} fleet={fleet} />
                </span>
                <span className="sub ell">{item.interval}</span>
                {item.enabled === false ? (
                  <span className="dim">off</span>
                ) : late_ms === null ? (
                  <span>{item.next_run === null ? "no date" : <NextRun at={item.next_run} now_ms={now_ms} />}</span>
                ) : (
                  <b className={`${styles.late} bad`}>
                    <Icon name="clock" size={14} />
                    {formatAge(late_ms)} overdue
                  </b>
                )}
                <span className="num sub">{item.last_status === null ? "never run" : `last ${item.last_status}`}</span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
