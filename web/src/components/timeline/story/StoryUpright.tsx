import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { formatDuration } from "~/format/duration";
import { formatClock } from "~/format/time";
import type { Beat, Story, Tone } from "../model/beats";
import { layOutStory, type PlacedLink } from "../model/layout";
import type { Span } from "../model/types";
import { describeBeat } from "./label";
import { StoryGlyph } from "./StoryNode";
import styles from "./story.module.css";

export interface StoryUprightProps {
  told: Story;
  selectedId: string | null;
  onSelect: (span: Span) => void;
}

interface Line {
  beat: Beat;
  next: PlacedLink | null;
  height: number;
  note: string | null;
}

const LANE_INDENT = 22;

/** The story on a narrow screen: the same beats from top to bottom, lanes as indents. */
export function StoryUpright({ told, selectedId, onSelect }: StoryUprightProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => toLines(told), [told]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => lines[index]?.height ?? 50,
    overscan: 12,
  });
  return (
    // Short stories take their own height; long ones scroll in a window of their own.
    <div ref={scroller} className={styles.upright} style={{ maxHeight: lines.length > 60 ? "70vh" : undefined }}>
      <ol className={styles.uprightList} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line === undefined ? null : (
            <li
              key={item.key}
              className={styles.line}
              style={{ transform: `translateY(${item.start}px)`, height: item.size }}
            >
              <UprightLine
                line={line}
                selected={line.beat.span.id === selectedId && line.beat.shape !== "start"}
                onSelect={onSelect}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function UprightLine({
  line: { beat, next, note },
  selected,
  onSelect,
}: {
  line: Line;
  selected: boolean;
  onSelect: (span: Span) => void;
}) {
  const indent = beat.lane * LANE_INDENT;
  const waits = next !== null && mainTone(next) === "human";
  const model = beat.span.llm?.model;
  return (
    <div style={{ marginLeft: indent, height: "100%", position: "relative" }}>
      <button
        type="button"
        className={styles.lineButton}
        aria-pressed={selected}
        aria-label={describeBeat(beat)}
        onClick={() => onSelect(beat.span)}
      >
        <svg viewBox="-17 -17 34 34" aria-hidden="true" focusable="false">
          <StoryGlyph beat={beat} selected={selected} />
        </svg>
        <span className={styles.lineName} data-failed={beat.failed || undefined}>
          {nameOf(beat)}
          {note !== null && <small>{note}</small>}
          {model !== undefined && (
            <small>
              <ModelBadge model={model} short />
            </small>
          )}
        </span>
        <span className={styles.lineTime}>{timeOf(beat)}</span>
        {waits && next !== null && (
          <span className={styles.wait}>{formatDuration(next.elapsedMs)} waiting for a person</span>
        )}
      </button>
      {next !== null && (
        <i
          className={styles.spine}
          data-tone={spineTone(next)}
          data-well={(spineTone(next) === "home" && !beat.failed) || undefined}
          style={{ "--indent": `${indent}px` } as React.CSSProperties}
        />
      )}
    </div>
  );
}

function toLines(told: Story): Line[] {
  // The same reading of the connectors as the horizontal story; only the direction differs.
  const { links } = layOutStory(told, 0);
  return told.beats.map((beat, index) => {
    const next = links[index] ?? null;
    const note = noteOf(beat, next);
    const stretch = next === null ? 10 : Math.min(60, 6 + 2.2 * Math.sqrt(next.elapsedMs / 1000));
    const words = 8 + 17 + (note === null ? 0 : 16) + (beat.span.llm === null ? 0 : 22);
    const waits = next !== null && mainTone(next) === "human" ? 32 : 0;
    const home = next?.arrives === "home" ? 18 : 0;
    const back = next?.arrives === "backoff" ? 8 : 0;
    return { beat, next, note, height: Math.max(38, words + 4) + stretch + waits + home + back };
  });
}

function noteOf(beat: Beat, next: PlacedLink | null): string | null {
  const parts: string[] = [];
  const { span } = beat;
  if (beat.shape === "asked" && span.summary) parts.push(span.summary);
  if (beat.shape === "plan" && span.summary) parts.push(span.summary);
  if (beat.failed || beat.shape === "ended-failed") parts.push(span.exception?.type ?? span.exception?.message ?? "");
  if (beat.stem.length > 0) parts.push(`${beat.stem.length + beat.stemHidden} steps inside`);
  if (next?.arrives === "backoff" && next.backoffMs > 0) parts.push(`then back-off ${formatDuration(next.backoffMs)}`);
  const words = parts.filter((part) => part !== "").join(", ");
  return words === "" ? null : words;
}

function nameOf(beat: Beat): string {
  const { human } = beat.span;
  if (beat.shape === "asked") return human?.askedOf ? `asked ${human.askedOf}` : "asked for approval";
  if (beat.shape === "answered") return human?.answeredBy ? `${human.answeredBy} ${beat.name}` : beat.name;
  if (beat.shape === "escalated") return human?.askedOf ? `escalated to ${human.askedOf}` : "escalated";
  return beat.name;
}

function timeOf(beat: Beat): string {
  if (beat.shape === "action" || beat.shape === "llm") return formatDuration(beat.workEndMs - beat.atMs);
  return formatClock(beat.atMs, beat.atMs);
}

function mainTone(link: PlacedLink): Tone {
  return link.tone;
}

function spineTone(link: PlacedLink): string {
  if (link.arrives === "backoff") return "back";
  if (link.arrives === "home") return "home";
  return mainTone(link);
}
