import type { AgentHour } from "~/api/types";
import type { Tone } from "~/appearance/status";
import { formatClockShort } from "~/format/time";
import styles from "./agent.module.css";

const WIDTH = 240;
const HEIGHT = 40;

export interface HourChartProps {
  title: string;
  /** The figure of the day, formatted. */
  figure: string;
  note: string;
  hours: readonly AgentHour[];
  /** The figure of an hour; null where there was nothing to measure. */
  value: (hour: AgentHour) => number | null;
  line?: boolean;
  tone: Tone;
}

/** Hours without a figure part the line instead of pulling it down to zero. */
function path(values: readonly (number | null)[], top: number, pitch: number): string {
  let pen = "M";
  let drawn = "";
  values.forEach((value, index) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const x = (index + 0.5) * pitch;
    const y = HEIGHT - 1 - (value / top) * (HEIGHT - 4);
    // A lone hour still shows: as a short dash.
    drawn += pen === "M" ? `M${x - 1} ${y}L${x + 1} ${y}` : `L${x} ${y}`;
    pen = "L";
  });
  return drawn;
}

/** A small chart of a day. */
export function HourChart({ title, figure, note, hours, value, line = false, tone }: HourChartProps) {
  const values = hours.map(value);
  const top = Math.max(...values.map((each) => each ?? 0), Number.MIN_VALUE);
  const pitch = WIDTH / Math.max(1, hours.length);
  return (
    <figure className={styles.chart} data-status={tone}>
      <figcaption className={styles.chartHead}>
        {title}
        <b>{figure}</b>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} by the hour since ${hours[0] === undefined ? "yesterday" : formatClockShort(hours[0].timestamp)}`}
      >
        <path className={styles.base} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        {line ? (
          <path className={styles.line} d={path(values, top, pitch)} />
        ) : (
          values.map((each, index) => {
            const height = ((each ?? 0) / top) * (HEIGHT - 3);
            return height === 0 ? null : (
              <rect
                key={hours[index]?.timestamp}
                className={styles.bar}
                x={index * pitch + 0.8}
                y={HEIGHT - height}
                width={Math.max(1, pitch - 1.6)}
                height={height}
              />
            );
          })
        )}
      </svg>
      <p className={styles.chartNote}>{note}</p>
    </figure>
  );
}
