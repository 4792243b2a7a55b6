import uPlot from "uplot";

/** How a small chart is drawn: bars count, lines follow. */
export interface ChartLook {
  kind: "bars" | "line";
  /** The token of its colour. */
  token: `--${string}`;
  /** Fixed bounds of the value axis, or null to fit the data from zero. */
  range: readonly [number, number] | null;
}

export interface ChartOptions {
  look: ChartLook;
  syncKey: string;
  width: number;
  /** The length of a bucket, seconds: values stand in the middles of theirs. */
  bucketSeconds: () => number;
  slice: () => { from: number; to: number } | null;
  /** The server's clock, seconds: the bucket that it is in is not over. */
  now: () => number;
  onCursor: (index: number | null) => void;
  onPick: (fromIndex: number, toIndex: number) => void;
}

export const CHART_HEIGHT = 54;
/** Room above and below the plot, so that the cross-hair's ring is not cut. */
const PADDING = 3;

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Options of uPlot for a chart of the board. Colours are read from the tokens now: make the chart anew when the theme changes. */
export function chartOptions({
  look,
  syncKey,
  width,
  bucketSeconds,
  slice,
  now,
  onCursor,
  onPick,
}: ChartOptions): uPlot.Options {
  const colour = token(look.token);
  const previous = token("--line-3");
  const accent = token("--accent-line");
  const wash = token("--fill-accent");
  const ground = token("--surface");
  const ink = token("--text");
  const line = token("--line");
  return {
    width: Math.max(1, width),
    height: CHART_HEIGHT,
    padding: [PADDING, 0, PADDING, 0],
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: (_, low, high) => xRange(low, high, bucketSeconds()) },
      y: {
        range: (_, __, high) =>
          look.range === null ? [0, Math.max(high ?? 0, Number.EPSILON) * 1.06] : [look.range[0], look.range[1]],
      },
    },
    cursor: {
      sync: { key: syncKey },
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { size: 8, width: 1.5, stroke: () => ink, fill: () => ground, show: true },
      focus: { prox: -1 },
    },
    series: [
      {},
      {
        stroke: look.kind === "line" ? colour : "transparent",
        fill: look.kind === "bars" ? colour : "transparent",
        // A stroke around bars, even an invisible one, is taken from their width.
        width: look.kind === "bars" ? 0 : 1.5,
        points:
          look.kind === "bars" ? { show: false } : { show: true, size: 4, width: 0, fill: colour, filter: lonePoints },
        spanGaps: true,
        ...(look.kind === "bars" && uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.74, 40], gap: 0 }) } : {}),
      },
      {
        stroke: previous,
        width: 1,
        dash: [3, 3],
        points: { show: false },
        spanGaps: true,
      },
    ],
    hooks: {
      drawClear: [(chart) => drawBehind(chart, slice(), { line, wash, accent })],
      draw: [(chart) => veilRunning(chart, now(), bucketSeconds(), { ground, line: previous })],
      setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)],
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected === 0) return;
          // The selection is mirrored on the charts that share the cross-hair: it is cleared on all, told by the one under the pointer.
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          if (selected >= 4 && chart.cursor.event != null)
            onPick(chart.posToIdx(left), chart.posToIdx(left + selected));
        },
      ],
      ready: [
        (chart) => {
          let downX = 0;
          chart.over.addEventListener("mousedown", (press) => {
            downX = press.clientX;
          });
          chart.over.addEventListener("click", (press) => {
            if (Math.abs(press.clientX - downX) > 3) return;
            const index = chart.posToIdx(press.clientX - chart.over.getBoundingClientRect().left);
            onPick(index, index);
          });
        },
      ],
    },
  };
}

/** Values without neighbours, which a line would not show. */
function lonePoints(chart: uPlot, seriesIndex: number): number[] {
  const values = chart.data[seriesIndex] ?? [];
  const known: number[] = [];
  for (let index = 0; index < values.length; index += 1) if (values[index] != null) known.push(index);
  return known.length === 1 ? known : [];
}

/** From the beginning of the first bucket to the end of the last. */
function xRange(low: number, high: number, bucketSeconds: number): [number, number] {
  const half = bucketSeconds / 2;
  return [low - half, Math.max(high, low) + half];
}

/** The bucket that is not over yet is paler, and a dotted edge parts it from those that are: it is no slump. */
function veilRunning(
  chart: uPlot,
  nowSeconds: number,
  bucketSeconds: number,
  { ground, line }: { ground: string; line: string },
): void {
  const last = chart.data[0].at(-1);
  if (last === undefined || nowSeconds >= last + bucketSeconds / 2) return;
  const { ctx, bbox } = chart;
  const left = chart.valToPos(last - bucketSeconds / 2, "x", true);
  ctx.save();
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = ground;
  ctx.fillRect(left, bbox.top, bbox.left + bbox.width - left, bbox.height - uPlot.pxRatio);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = line;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

function drawBehind(
  chart: uPlot,
  slice: { from: number; to: number } | null,
  { line, wash, accent }: { line: string; wash: string; accent: string },
): void {
  const { ctx, bbox } = chart;
  const pixel = uPlot.pxRatio;
  ctx.save();
  ctx.fillStyle = line;
  ctx.fillRect(bbox.left, bbox.top + bbox.height - pixel, bbox.width, pixel);
  if (slice !== null) {
    const left = Math.max(bbox.left, chart.valToPos(slice.from, "x", true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(slice.to, "x", true));
    if (right > left) {
      ctx.globalAlpha = 0.07;
      ctx.fillStyle = wash;
      ctx.fillRect(left, 0, right - left, chart.height * pixel);
      ctx.globalAlpha = 1;
      ctx.fillStyle = accent;
      ctx.fillRect(left, 0, pixel, chart.height * pixel);
      ctx.fillRect(right - pixel, 0, pixel, chart.height * pixel);
    }
  }
  ctx.restore();
}
