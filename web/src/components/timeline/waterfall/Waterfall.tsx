import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "~/components/ui/Button";
import { ToggleChip } from "~/components/ui/Chip";
import { Icon } from "~/components/ui/Icon";
import { keep } from "~/components/ui/kept";
import { Resizer } from "~/components/ui/Resizer";
import { counted } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { timeAxis } from "../model/axis";
import { failuresOf } from "../model/chain";
import { isRowKey } from "../model/repeats";
import { criticalPath, type Row, toRows } from "../model/rows";
import type { RunModel, Span } from "../model/types";
import { useElementWidth } from "../useElementWidth";
import type { OpenedRows } from "../useOpened";
import { Bars, ROW_PX } from "./Bars";
import { NameRow } from "./NameRow";
import { Overview } from "./Overview";
import { usePanZoom } from "./usePanZoom";
import styles from "./waterfall.module.css";

export interface WaterfallProps {
  run: RunModel;
  title: string;
  selectedId: string | null;
  opened: OpenedRows;
  onSelect: (span: Span) => void;
}

const KEY = [
  { status: "action", word: "Action", hatch: false },
  { status: "llm", word: "LLM call", hatch: false },
  { status: "waiting", word: "Person", hatch: true },
  { status: "backoff", word: "Back-off", hatch: true },
  { status: "error", word: "Failed", hatch: false },
] as const;

/** The tools and the axis above the rows, which stay in sight. */
const HEADS_PX = 67;
const OVERVIEW_ROW_PX = 29;
/** Bounds of the column of names, and the width that the reader chose for it; null for the one that fits the page. */
const NAMES_PX = { least: 132, most: 720, usual: 292 } as const;
const WIDTHS = keep<{ names_px: number | null }>("hiveboard.waterfall", { names_px: null });
/** A mark of the axis nearer to its end than this would be cut. */
const TICK_ROOM_PX = 28;
/** From so many spans on a run has its overview. */
const LARGE_RUN_SPANS = 60;

/** The run as nested bars on a time axis: what ran when, inside of what, and which chain of work its length is made of. */
export function Waterfall({ run, title, selectedId, opened, onSelect }: WaterfallProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const chart = useRef<HTMLDivElement>(null);
  const width = useElementWidth(chart);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [showPath, setShowPath] = useState(true);
  const [foldWaits, setFoldWaits] = useState(true);
  const pan = usePanZoom(chart, width);
  const selected = run.byId.get(selectedId ?? "") ?? null;
  const rows = useMemo(
    () => toRows(run, new Set([...folded, ...opened.keys]), selected),
    [run, folded, opened.keys, selected],
  );
  const failures = useMemo(() => failuresOf(run).filter((span) => span !== run.root), [run]);
  const { names_px } = WIDTHS.use();
  const large = run.spans.length >= LARGE_RUN_SPANS;
  const heads_px = HEADS_PX + (large ? OVERVIEW_ROW_PX : 0);
  const path = useMemo(() => (showPath ? criticalPath(run) : null), [run, showPath]);
  const axis = useMemo(() => timeAxis(run, width, pan.zoom, foldWaits), [run, width, pan.zoom, foldWaits]);
  const onPath = useMemo(() => (path === null ? null : new Set(path)), [path]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollMargin: heads_px,
    scrollPaddingStart: heads_px,
  });
  const items = virtual.getVirtualItems();
  // Of a row of like ones and its first the latter is meant.
  const selectedRow = rows.findLastIndex(({ span }) => span.id === selectedId);

  // The browser's scroll position: a selection made elsewhere is brought into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls, not every growth of the run
  useEffect(() => {
    if (selectedRow >= 0) virtual.scrollToIndex(selectedRow, { align: "auto" });
  }, [selectedId]);

  const toggle = (key: string) => {
    if (isRowKey(key)) return opened.toggle(key);
    setFolded((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  };
  const left_out = run.spans.length + 1 - rows.filter((row) => row.repeats === null).length;
  const nextFailure = () => {
    const after = failures.findIndex((span) => span.id === selectedId) + 1;
    const next = failures[after % failures.length];
    if (next !== undefined) onSelect(next);
  };
  const move = (from: number, step: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, from + step));
    virtual.scrollToIndex(next);
    // The row may only be drawn after the scroll.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus({ preventScroll: true }),
    );
  };

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={names_px === null ? undefined : ({ "--names": `${names_px}px` } as CSSProperties)}
    >
      <div className={styles.tools}>
        <span className={styles.key}>
          {KEY.map(({ status, word, hatch }) => (
            <span key={word} data-status={status}>
              <i data-hatch={hatch || undefined} />
              {word}
            </span>
          ))}
        </span>
        <span className="grow" />
        {failures.length > 0 && (
          <Button
            look="ghost"
            small
            aria-label={failures.length === 1 ? "The failure" : "Next failure"}
            onClick={nextFailure}
            title={`${failures.length} in all`}
          >
            <Icon name="fail" size={14} />
            <span className={styles.wideWord}>{failures.length === 1 ? "The failure" : "Next failure"}</span>
          </Button>
        )}
        <ToggleChip pressed={showPath} onToggle={() => setShowPath(!showPath)}>
          <svg width="16" height="8" aria-hidden="true">
            <path className={styles.path} d="M1 1.5h6v5h8" />
          </svg>
          <span className={styles.wideWord}>Critical path</span>
          <span className={styles.shortWord}>Path</span>
        </ToggleChip>
        <ToggleChip pressed={foldWaits} onToggle={() => setFoldWaits(!foldWaits)}>
          <span className={styles.wideWord}>Fold waits</span>
          <span className={styles.shortWord}>Waits</span>
        </ToggleChip>
        <fieldset className={styles.zoom} aria-label="Zoom">
          <Button look="ghost" small icon aria-label="Zoom out" onClick={() => pan.zoomBy(1 / 1.5)}>
            <Icon name="dash" size={12} />
          </Button>
          <Button look="ghost" small onClick={pan.fit}>
            {pan.zoom === 1 ? "Fit" : `${pan.zoom < 10 ? pan.zoom.toFixed(1) : Math.round(pan.zoom)}×`}
          </Button>
          <Button look="ghost" small icon aria-label="Zoom in" onClick={() => pan.zoomBy(1.5)}>
            <Icon name="plus" size={12} />
          </Button>
        </fieldset>
      </div>
      {large && (
        <div className={styles.overviewRow}>
          <div className={styles.head}>
            Overview
            <span className="grow" />
            {failures.length > 0 && <span className="bad">{failures.length.toLocaleString("en-US")} failed</span>}
          </div>
          {width > 0 && (
            <Overview
              run={run}
              failures={failures}
              foldWaits={foldWaits}
              width={width}
              pan={pan}
              selected={selected}
              onSelect={onSelect}
            />
          )}
        </div>
      )}
      <div className={styles.heads} data-below={large || undefined}>
        <div className={styles.head}>
          {counted(run.spans.length, "span")}
          {left_out > 0 && `, ${left_out.toLocaleString("en-US")} folded`}
          <span className="grow" />
          Took
          <Resizer
            label="Width of the names"
            edge="right"
            width_px={names_px ?? NAMES_PX.usual}
            least_px={NAMES_PX.least}
            most_px={NAMES_PX.most}
            usual_px={NAMES_PX.usual}
            onResize={(names_px) => WIDTHS.set({ names_px })}
          />
        </div>
        <svg className={styles.axis} width={width} height={ROW_PX} aria-hidden="true">
          {axis.parts.map((part) =>
            part.folded ? (
              <g key={part.fromMs} transform={`translate(${-pan.offset} 0)`}>
                <rect className={styles.fold} x={part.x1} y={0} width={part.x2 - part.x1} height={ROW_PX} />
                <text x={(part.x1 + part.x2) / 2} y="18" textAnchor="middle">
                  {formatDuration(part.untilMs - part.fromMs)} folded
                </text>
              </g>
            ) : null,
          )}
          {axis.ticks.map((tick) =>
            tick.x - pan.offset < -40 || tick.x - pan.offset > width + 40 ? null : (
              <text
                key={tick.atMs}
                className={styles.tick}
                x={tick.x - pan.offset}
                y="18"
                textAnchor={tick.atMs === 0 ? "start" : tick.x - pan.offset > width - TICK_ROOM_PX ? "end" : "middle"}
              >
                {tick.atMs === 0 ? "0" : formatDuration(tick.atMs)}
              </text>
            ),
          )}
        </svg>
      </div>
      <div className={styles.body} style={{ height: virtual.getTotalSize() }}>
        <div className={styles.names} role="tree" aria-label={`Spans of ${title}`}>
          {items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <NameRow
                key={row.key}
                row={row}
                index={item.index}
                title={title}
                top={item.start - heads_px}
                selected={item.index === selectedRow}
                focusable={item.index === Math.max(0, selectedRow)}
                offPath={onPath !== null && !row.expandable && row.span.kind !== "escalation" && !onPath.has(row.span)}
                edge={edgeOf(rows, item.index)}
                onSelect={onSelect}
                onToggle={toggle}
                onMove={(step) => move(item.index, step)}
              />
            );
          })}
        </div>
        <div ref={chart} className={styles.chart} data-panning={pan.panning || undefined}>
          {width > 0 && (
            <Bars
              rows={rows}
              from={items[0]?.index ?? 0}
              to={(items.at(-1)?.index ?? -1) + 1}
              axis={axis}
              offset={pan.offset}
              width={width}
              path={path}
              selectedRow={selectedRow}
              onSelect={onSelect}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** Where a dashed line along the tries begins and ends. */
function edgeOf(rows: readonly Row[], index: number): "first" | "last" | "middle" | null {
  const depth = rows[index]?.retryDepth ?? null;
  if (depth === null) return null;
  if (rows[index - 1]?.retryDepth !== depth) return "first";
  return rows[index + 1]?.retryDepth === depth ? "middle" : "last";
}
