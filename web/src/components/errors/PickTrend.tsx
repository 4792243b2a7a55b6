import { CHOOSE_WORDS, useBucketRange } from "~/components/chart/useBucketRange";
import { counted } from "~/format/count";
import { formatStretch } from "~/format/time";
import { useView } from "~/view/url";
import { Trend } from "./Trend";
import styles from "./Trend.module.css";
import { byTheHour } from "./trend";

export interface PickTrendProps {
  counts: readonly number[];
  /** The time looked at, epoch milliseconds. */
  since_ms: number;
  until_ms: number;
}

/** A trend that is pointed at and dragged over as any other chart. */
export function PickTrend({ counts: given, since_ms, until_ms }: PickTrendProps) {
  const { set } = useView();
  const span_ms = until_ms - since_ms;
  const counts = byTheHour(given, span_ms);
  const timeOf = (part: number) => since_ms + (span_ms * part) / counts.length;
  const { at, from, to, handlers } = useBucketRange(counts.length, (first, last) => {
    const [since, until] = [timeOf(first), timeOf(last + 1)].map((time) => new Date(time).toISOString());
    set({ since, until });
  });
  if (counts.length === 0) return <Trend counts={given} span_ms={span_ms} />;
  const [first, last] = [from ?? at ?? 0, to ?? at ?? 0];
  const failures = counts.slice(first, last + 1).reduce((sum, count) => sum + count, 0);
  const read = at === null ? "" : `${formatStretch(timeOf(first), timeOf(last + 1))}: ${counted(failures, "failure")}`;
  return (
    <span className={styles.pick}>
      <Trend counts={given} span_ms={span_ms} />
      {at !== null && (
        <i
          style={{
            left: `${(first / counts.length) * 100}%`,
            width: `${((last - first + 1) / counts.length) * 100}%`,
          }}
        />
      )}
      <button type="button" aria-label={read === "" ? CHOOSE_WORDS : `Narrow to ${read}`} title={read} {...handlers} />
    </span>
  );
}
