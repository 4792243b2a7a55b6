import { type PointerEvent, useMemo } from "react";
import { type Axis, timeAxis } from "../model/axis";
import { isLeaf } from "../model/rows";
import type { RunModel, Span } from "../model/types";
import type { PanZoom } from "./usePanZoom";
import styles from "./waterfall.module.css";

export const OVERVIEW_PX = 24;
const BAND_PX = 10;

export interface OverviewProps {
  run: RunModel;
  failures: readonly Span[];
  foldWaits: boolean;
  width: number;
  pan: PanZoom;
  selected: Span | null;
  onSelect: (span: Span) => void;
}

const BANDS = ["note", "action", "llm", "waiting"] as const;
type Band = (typeof BANDS)[number];

function bandOf(span: Span): Band | null {
  if (span.kind === "approval") return "waiting";
  if (!isLeaf(span)) return null;
  return span.kind === "llm" || span.kind === "action" || span.kind === "note" ? span.kind : null;
}

/** The whole run in one strip: what ran when, where it failed, and which part of it the bars below show. */
export function Overview({ run, failures, foldWaits, width, pan, selected, onSelect }: OverviewProps) {
  const axis = useMemo(() => timeAxis(run, width, 1, foldWaits), [run, width, foldWaits]);
  const bands = useMemo(() => drawBands(run, axis, width), [run, axis, width]);
  const look = (press: PointerEvent<SVGSVGElement>) => {
    if (press.buttons !== 1) return;
    const box = press.currentTarget.getBoundingClientRect();
    pan.centre((press.clientX - box.left) / box.width);
  };
  return (
    <svg
      className={styles.overview}
      width={width}
      height={OVERVIEW_PX}
      aria-hidden="true"
      onPointerDown={look}
      onPointerMove={look}
    >
      {BANDS.map((band) => (
        <path key={band} className={styles.band} data-band={band} d={bands[band]} />
      ))}
      {failures.map((span) => {
        const x = Math.round(axis.x(span.startMs));
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: “Next failure” does the same for the keyboard
          <g key={span.id} className={styles.failureTick} onClick={() => onSelect(span)}>
            <rect x={x - 3} y={0} width={7} height={OVERVIEW_PX} fill="transparent" />
            <path d={`M${x - 3} 1h7l-3.5 5z`} />
            <rect x={x} y={1} width={1.5} height={OVERVIEW_PX - 2} />
          </g>
        );
      })}
      {selected !== null && (
        <rect className={styles.here} x={axis.x(selected.startMs) - 1} y={0} width={2} height={OVERVIEW_PX} />
      )}
      {pan.zoom > 1 && (
        <rect
          className={styles.window}
          x={pan.offset / pan.zoom + 0.5}
          y={0.5}
          width={width / pan.zoom - 1}
          height={OVERVIEW_PX - 1}
          rx="3"
        />
      )}
    </svg>
  );
}

/** One path a band, a pixel at a time: a run of ten thousand spans is as cheap to draw as one of ten. */
function drawBands(run: RunModel, axis: Axis, width: number): Record<Band, string> {
  const pixels = {
    note: new Uint8Array(width + 1),
    action: new Uint8Array(width + 1),
    llm: new Uint8Array(width + 1),
    waiting: new Uint8Array(width + 1),
  };
  for (const span of run.spans) {
    const band = bandOf(span);
    if (band === null) continue;
    const from = Math.max(0, Math.floor(axis.x(span.startMs)));
    pixels[band].fill(1, from, Math.max(from + 1, Math.ceil(axis.x(span.endMs))));
  }
  return { note: draw(pixels.note), action: draw(pixels.action), llm: draw(pixels.llm), waiting: draw(pixels.waiting) };
}

function draw(pixels: Uint8Array): string {
  const y = (OVERVIEW_PX - BAND_PX) / 2 + 2;
  let path = "";
  for (let x = 0; x < pixels.length; x += 1) {
    if (pixels[x] !== 1) continue;
    const from = x;
    while (pixels[x + 1] === 1) x += 1;
    path += `M${from} ${y}h${x + 1 - from}v${BAND_PX}h${from - x - 1}z`;
  }
  return path;
}
