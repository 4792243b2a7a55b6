import { QUEUE_HOT } from "~/components/hive/AgentCardView";
import { Age } from "~/components/ui/Age";
import { Empty } from "~/components/ui/Empty";
import { Unseen } from "~/components/ui/Unseen";
import { formatAge } from "~/format/duration";
import { legible } from "~/format/legible";
import { AgentName } from "./AgentName";
import { Lead } from "./Lead";
import { Level } from "./Level";
import styles from "./pipeline.module.css";
import { priorityLevel, type QueueOf } from "./rows";
import { usePipelineOrder } from "./usePipelineOrder";

/** Items of one queue that a list of many queues shows. */
const ITEMS_IN_FLEET = 3;

function QueueItems({ queue, fleet }: { queue: QueueOf; fleet: boolean }) {
  const items = fleet ? queue.items.slice(0, ITEMS_IN_FLEET) : queue.items;
  return (
    <>
      {items.map((item, index) => {
        const level = priorityLevel(item.priority);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: agents may send items without ids; a snapshot is replaced as a whole
          <li key={`${item.id} ${index}`} className={`${styles.row} ${styles.item}`}>
            {level === null ? (
              <span className="dim">–</span>
            ) : (
              <Level level={level} of={3} word={item.priority ?? ""} tone={level === 3 ? "waiting" : "idle"} />
            )}
            <span className={styles.title}>
              <Lead agent={queue.agent_id} find={item.id} title={item.id === null ? undefined : legible(item.id)}>
                {item.summary ?? (item.id === null ? "no summary" : legible(item.id))}
              </Lead>
            </span>
            <span className="sub ell">{item.source}</span>
            <span className="num sub">{item.queued_at !== null && <Age since={item.queued_at} short />}</span>
          </li>
        );
      })}
      {queue.depth > items.length && (
        <li className={`${styles.row} ${styles.rest}`}>
          {queue.depth - items.length} more{queue.items.length === 0 && ", not told which"}
        </li>
      )}
    </>
  );
}

/** What waits to be worked on, as agents last said. */
export function Queues({ queues, fleet }: { queues: readonly QueueOf[]; fleet: boolean }) {
  const waiting = queues.reduce((sum, queue) => sum + queue.depth, 0);
  const order = usePipelineOrder(
    queues.filter((queue) => queue.depth > 0 || queue.processing !== null),
    (queue) => queue.agent_id,
    queues,
  );
  const filled = order.items;
  return (
    <section aria-label="Queue" {...order.handlers}>
      <div className={styles.head}>
        <h2>Queue</h2>
        <span className={styles.depth} data-hot={waiting > QUEUE_HOT}>
          {waiting}
        </span>
      </div>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      {filled.length === 0 ? (
        <Empty title={queues.length === 0 ? "No agent tells about its queue" : "Nothing waits"}>
          {queues.length === 0
            ? "Give hb.agent(…) a queue_provider: it is asked with every heartbeat."
            : "All queues are empty."}
        </Empty>
      ) : (
        filled.map((queue) => (
          <div key={queue.agent_id}>
            <div className={styles.queueHead}>
              <AgentName agent={queue.agent_id} fleet={fleet} />
              {fleet && (
                <span className={styles.depth} data-hot={queue.depth > QUEUE_HOT}>
                  {queue.depth}
                </span>
              )}
              <span className="dim">
                {queue.oldest_age_seconds !== null && `oldest ${formatAge(queue.oldest_age_seconds * 1_000)}, `}
                <Age since={queue.snapshot_at} short /> old
              </span>
            </div>
            <ul>
              <QueueItems queue={queue} fleet={fleet} />
            </ul>
          </div>
        ))
      )}
    </section>
  );
}
