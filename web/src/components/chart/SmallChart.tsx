import { useEffect, useRef, useSyncExternalStore } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { resolvedTheme, subscribeTheme } from "~/appearance/theme";
import { formatBucket } from "~/format/time";
import { serverNow } from "~/live/clock";
import styles from "./chart.module.css";
import { CHART_HEIGHT, type ChartLook, chartOptions } from "./options";

export interface SmallChartProps {
  title: string;
  hint?: string | undefined;
  /** Seconds since the epoch, ascending: the start of each bucket. */
  times: readonly number[];
  /** The length of a bucket, seconds. */
  bucketSeconds: number;
  /** The figure of the whole period, as it stands elsewhere on the page: what the head says while nobody points. */
  whole: string;
  values: readonly (number | null)[];
  /** The period before at the same offsets, or null without one. */
  before: readonly (number | null)[] | null;
  look: ChartLook;
  format: (value: number | null) => string;
  formatTime: (seconds: number) => string;
  /** Charts with one key share their cross-hair. */
  syncKey: string;
  /** Highlighted part, seconds. */
  slice: { from: number; to: number } | null;
  /** What the arrow keys chose, buckets of both ends; null while they chose nothing. */
  chosen: { from: number; to: number } | null;
  /** A bucket was chosen: from its start to its end, seconds. */
  onSlice: (from: number, to: number) => void;
}

/** A chart of 48 pixels with its value in words; the cross-hair is shared, a click narrows to a bucket, a drag to several. */
export function SmallChart(props: SmallChartProps) {
  const { title, hint, times, bucketSeconds, whole, values, before, look, format, formatTime, chosen } = props;
  const place = useRef<HTMLDivElement>(null);
  const readTime = useRef<HTMLSpanElement>(null);
  const readValue = useRef<HTMLElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useSyncExternalStore(subscribeTheme, resolvedTheme);
  const latest = useRef(props);

  // uPlot keeps its own canvas: it is told of what React knows after each rendering.
  useEffect(() => {
    latest.current = props;
    plot.current?.setData(dataOf(props));
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read when the chart is made
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options = chartOptions({
      look: latest.current.look,
      syncKey: latest.current.syncKey,
      width: element.clientWidth,
      bucketSeconds: () => latest.current.bucketSeconds,
      slice: () => latest.current.slice,
      now: () => serverNow() / 1_000,
      onCursor: (index) => {
        if (readTime.current === null || readValue.current === null) return;
        [readTime.current.textContent, readValue.current.textContent] = readingAt(latest.current, index);
      },
      onPick: (fromIndex, toIndex) => {
        const { times: at, bucketSeconds: length, onSlice: pick } = latest.current;
        const from = at[fromIndex];
        const to = at[toIndex];
        if (from !== undefined && to !== undefined) pick(from, to + length);
      },
    });
    const chart = new uPlot(options, dataOf(latest.current), element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: CHART_HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme]);

  const from = chosen?.from;
  const to = chosen?.to;
  // The same cross-hair as the pointer's, each chart its own.
  useEffect(() => {
    const chart = plot.current;
    if (chart === null || from === undefined || to === undefined) return;
    const [left, right] = [chart.data[0][from], chart.data[0][to]].map((middle) => chart.valToPos(middle ?? 0, "x"));
    if (left === undefined || right === undefined) return;
    const half = chart.over.clientWidth / Math.max(1, chart.data[0].length) / 2;
    chart.setCursor({ left: right, top: 0 });
    if (from !== to) {
      const { times: at, bucketSeconds: length } = latest.current;
      if (readTime.current !== null)
        readTime.current.textContent = formatBucket((at[from] ?? 0) * 1_000, ((at[to] ?? 0) + length) * 1_000);
      if (readValue.current !== null) readValue.current.textContent = "";
      chart.setSelect({ left: left - half, width: right - left + 2 * half, top: 0, height: CHART_HEIGHT }, false);
    }
    return () => {
      chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      chart.setCursor({ left: -10, top: -10 });
    };
  }, [from, to]);

  const first = times[0];
  const last = times.at(-1);
  const running = last !== undefined && serverNow() / 1_000 < last + bucketSeconds;
  const top = Math.max(...values.map((value) => value ?? 0), ...(before ?? []).map((value) => value ?? 0));
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        <span title={hint}>{title}</span>
        <b ref={readValue}>{whole}</b>
      </figcaption>
      <div className={styles.scale} aria-hidden="true">
        <span>{look.range === null ? (top > 0 ? format(top) : "") : format(1)}</span>
        <span ref={readTime} />
      </div>
      <div ref={place} className={styles.plot} role="img" aria-label={`${title}: ${inWords(whole, values, format)}`} />
      <div className={styles.axis} aria-hidden="true">
        <span>{first === undefined ? "" : formatTime(first)}</span>
        <span>{first === undefined || last === undefined ? "" : formatTime((first + last + bucketSeconds) / 2)}</span>
        <span>{last === undefined ? "" : running ? "now" : formatTime(last + bucketSeconds)}</span>
      </div>
    </figure>
  );
}

/** What is drawn: each value in the middle of its bucket, so that bars, lines, slices and the cross-hair agree. */
function dataOf({ times, bucketSeconds, values, before }: SmallChartProps): uPlot.AlignedData {
  const middles = times.map((time) => time + bucketSeconds / 2);
  return [middles, [...values], before === null ? times.map(() => null) : [...before]];
}

/** What the head says of a bucket, or of the whole period: when, and how much. */
function readingAt({ times, bucketSeconds, values, whole, format }: SmallChartProps, index: number | null) {
  const from = index === null ? undefined : times[index];
  if (index === null || from === undefined) return ["", whole] as const;
  const soFar = serverNow() / 1_000 < from + bucketSeconds;
  const when = formatBucket(from * 1_000, (from + bucketSeconds) * 1_000, { isRunning: soFar });
  return [soFar ? `${when}, so far` : when, format(values[index] ?? null)] as const;
}

function inWords(whole: string, values: readonly (number | null)[], format: (value: number | null) => string): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "nothing yet";
  return `${whole}, lowest ${format(Math.min(...known))}, highest ${format(Math.max(...known))}`;
}
