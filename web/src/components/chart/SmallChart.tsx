import { useEffect, useRef, useSyncExternalStore } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { resolvedTheme, subscribeTheme } from "~/appearance/theme";
import { serverNow } from "~/live/clock";
import styles from "./chart.module.css";
import { type ChartLook, chartOptions } from "./options";

export interface SmallChartProps {
  title: string;
  /** Seconds since the epoch, ascending: the start of each bucket. */
  times: readonly number[];
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
  /** A bucket was chosen: from its start to its end, seconds. */
  onSlice: (from: number, to: number) => void;
}

/** A chart of 48 pixels with its value in words; the cross-hair is shared, a click narrows to a bucket, a drag to several. */
export function SmallChart(props: SmallChartProps) {
  const { title, times, values, before, look, format, formatTime, syncKey, slice, onSlice } = props;
  const place = useRef<HTMLDivElement>(null);
  const readTime = useRef<HTMLSpanElement>(null);
  const readValue = useRef<HTMLElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useSyncExternalStore(subscribeTheme, resolvedTheme);
  const latest = useRef(props);
  const lastValue = restingValue(times, values);

  // uPlot keeps its own canvas: it is told of what React knows after each rendering.
  useEffect(() => {
    latest.current = { title, times, values, before, look, format, formatTime, syncKey, slice, onSlice };
    plot.current?.setData([[...times], [...values], before === null ? times.map(() => null) : [...before]]);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read when the chart is made
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options = chartOptions({
      look: latest.current.look,
      syncKey: latest.current.syncKey,
      width: element.clientWidth,
      slice: () => latest.current.slice,
      onCursor: (index) => {
        const { values: shown, times: at, format: words, formatTime: clock } = latest.current;
        const newest = restingValue(at, shown);
        const time = index === null ? undefined : at[index];
        if (readTime.current !== null) readTime.current.textContent = time === undefined ? "" : clock(time);
        if (readValue.current !== null)
          readValue.current.textContent = words(index === null ? newest : (shown[index] ?? null));
      },
      onPick: (fromIndex, toIndex) => {
        const { times: at, onSlice: pick } = latest.current;
        const from = at[fromIndex];
        const to = at[toIndex];
        if (from === undefined || to === undefined) return;
        const bucket = (at[1] ?? from + 60) - (at[0] ?? from);
        pick(from, to + bucket);
      },
    });
    const { times: at, values: shown, before: earlier } = latest.current;
    const chart = new uPlot(
      options,
      [[...at], [...shown], earlier === null ? at.map(() => null) : [...earlier]],
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: 54 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [theme]);

  const first = times[0];
  const last = times.at(-1);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.head}>
        {title}
        <span ref={readTime} className={styles.at} />
        <b ref={readValue}>{format(lastValue)}</b>
      </figcaption>
      <div ref={place} className={styles.plot} role="img" aria-label={`${title}: ${inWords(values, format)}`} />
      <div className={styles.axis} aria-hidden="true">
        <span>{first === undefined ? "" : formatTime(first)}</span>
        <span>{first === undefined || last === undefined ? "" : formatTime((first + last) / 2)}</span>
        <span>{last === undefined ? "" : formatTime(last)}</span>
      </div>
    </figure>
  );
}

/**
 * What the chart says while nobody points at it: the latest bucket that is at least half over, for one that has only begun
 * would read as a slump.
 */
function restingValue(times: readonly number[], values: readonly (number | null)[]): number | null {
  const last = times.at(-1) ?? 0;
  const bucketSeconds = last - (times.at(-2) ?? last);
  const begun = serverNow() / 1_000 - last < bucketSeconds / 2;
  const full = begun ? values.slice(0, -1) : values;
  return full.findLast((value) => value !== null) ?? values.at(-1) ?? null;
}

function inWords(values: readonly (number | null)[], format: (value: number | null) => string): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return "nothing yet";
  return `latest ${format(known.at(-1) ?? null)}, lowest ${format(Math.min(...known))}, highest ${format(Math.max(...known))}`;
}
