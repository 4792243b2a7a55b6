import { useQuery } from "@tanstack/react-query";
import { type Storage as StorageAnswer, storageQuery } from "~/api/storage";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { figures, Table, unseen } from "~/components/ui/Table";
import { formatBytes } from "~/format/bytes";
import { formatCount } from "~/format/count";
import { formatDay } from "~/format/time";
import { useView } from "~/view/url";
import { keptWords, Retention } from "./Retention";
import styles from "./settings.module.css";

const DAYS_SHOWN = 60;

/** What the events take up, for how long they are kept, and when which day frees its room. */
export function Storage() {
  const { view } = useView();
  const storage = useQuery(storageQuery(view.mode));
  if (storage.data === undefined)
    return storage.error !== null ? (
      <ErrorState what="The storage" error={storage.error} onRetry={() => void storage.refetch()} />
    ) : (
      <SkeletonRows count={6} />
    );
  const { disk_bytes, free_bytes, free_space_floor_bytes, damaged, modes } = storage.data;
  return (
    <>
      <section aria-label="Storage" className={styles.section}>
        <div className={styles.head}>
          <h2>Storage</h2>
        </div>
        <dl className={styles.facts}>
          <div>
            <dt>On disk</dt>
            <dd>{formatBytes(disk_bytes)}</dd>
          </div>
          <div>
            <dt>Free</dt>
            <dd>
              {formatBytes(free_bytes)}; below {formatBytes(free_space_floor_bytes)} nothing more is taken in
            </dd>
          </div>
          {damaged.map(({ file, what }) => (
            <div key={`${file} ${what}`}>
              <dt className="bad">Damaged</dt>
              <dd>
                <span className="mono">{file}</span> {what}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      {modes.map((mode) => (
        <Days key={mode.mode} mode={mode} />
      ))}
    </>
  );
}

function Days({ mode }: { mode: StorageAnswer["modes"][number] }) {
  const days = [...mode.days].sort((a, b) => (a.day < b.day ? 1 : -1));
  const most = Math.max(1, ...days.map((day) => day.event_bytes + day.index_bytes));
  return (
    <section aria-label={`Days of ${mode.mode} data`} className={styles.section}>
      <div className={styles.head}>
        <h2>{mode.mode === "live" ? "Live data" : "Test data"}</h2>
        <span className="sub">
          {formatCount(mode.events)} {mode.events === 1 ? "event" : "events"} in{" "}
          {formatBytes(mode.event_bytes + mode.index_bytes)}, kept {keptWords(mode.retention_days)}
        </span>
        <span className="grow" />
        <Retention mode={mode} />
      </div>
      {days.length === 0 ? (
        <Empty title="No event yet" />
      ) : (
        <Table
          fits
          columns={[
            "Day of arrival, UTC",
            unseen("Share", styles.share),
            figures("Size"),
            figures("Events"),
            figures("Deleted on"),
          ]}
        >
          {days.slice(0, DAYS_SHOWN).map((day) => (
            <tr key={day.day}>
              <td>{day.day}</td>
              <td>
                <span className={styles.room}>
                  <i style={{ width: `${Math.max(1, ((day.event_bytes + day.index_bytes) / most) * 100)}%` }} />
                </span>
              </td>
              <td className="num strong">{formatBytes(day.event_bytes + day.index_bytes)}</td>
              <td className="num">{formatCount(day.events)}</td>
              <td className="num sub">{formatDay(day.frees_at)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
