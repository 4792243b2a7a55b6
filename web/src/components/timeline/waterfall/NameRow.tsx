import type { KeyboardEvent } from "react";
import { Icon, type IconName } from "~/components/ui/Icon";
import { formatDuration } from "~/format/duration";
import { turnCount, turnName } from "../model/repeats";
import { sumWords } from "../model/row-sum";
import type { Row } from "../model/rows";
import type { Span } from "../model/types";
import styles from "./waterfall.module.css";

export interface NameRowProps {
  row: Row;
  index: number;
  title: string;
  top: number;
  selected: boolean;
  focusable: boolean;
  offPath: boolean;
  edge: "first" | "last" | "middle" | null;
  onSelect: (span: Span) => void;
  onToggle: (key: string) => void;
  onMove: (step: number) => void;
}

const ICONS: Record<Span["kind"], IconName> = {
  task: "flag",
  action: "cell",
  llm: "spark",
  approval: "ask",
  escalation: "esc",
  retry: "retry",
  plan: "plan",
  note: "dots",
};

function statusOf(span: Span): string {
  if (span.outcome === "failed" && span.kind !== "task") return "error";
  if (span.kind === "llm") return "llm";
  return span.kind === "approval" || span.kind === "retry" || span.kind === "escalation" ? "waiting" : "action";
}

/** What a span is called in a list that has room for words. */
export function spanTitle(span: Span, title: string): string {
  switch (span.kind) {
    case "task":
      return title;
    case "approval":
      return `approval${span.summary ? `: ${span.summary}` : ""}`;
    case "escalation":
      return `escalated${span.human?.askedOf ? ` to ${span.human.askedOf}` : ""}`;
    case "retry":
      return `${span.attempt === null ? "retry" : `retry ${span.attempt - 1}`}, back-off`;
    case "plan":
      return span.name;
    case "note":
      return span.summary ? `${span.name}: ${span.summary}` : span.name;
    default:
      return span.name;
  }
}

/** The work of all of them; notes are moments. */
function tookOfAll(spans: readonly Span[]): string {
  if (spans.every(({ kind }) => kind === "note")) return "";
  return formatDuration(spans.reduce((sum, span) => sum + span.endMs - span.startMs, 0));
}

/** The left half of a waterfall row: the tree. */
export function NameRow({
  row,
  index,
  title,
  top,
  selected,
  focusable,
  offPath,
  edge,
  onSelect,
  onToggle,
  onMove,
}: NameRowProps) {
  const { span, depth, expandable, expanded } = row;
  const words = row.repeats === null ? spanTitle(span, title) : turnName(row.repeats);
  const onKeyDown = (press: KeyboardEvent) => {
    if (press.key === "ArrowDown") onMove(1);
    else if (press.key === "ArrowUp") onMove(-1);
    else if (press.key === "ArrowRight" && expandable && !expanded) onToggle(row.key);
    else if (press.key === "ArrowLeft" && expanded) onToggle(row.key);
    else if (press.key === "Enter" || press.key === " ") onSelect(span);
    else return;
    press.preventDefault();
  };
  return (
    <div
      className={`${styles.row} inset-focus`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      {...(expandable ? { "aria-expanded": expanded } : {})}
      tabIndex={focusable ? 0 : -1}
      data-row={index}
      data-status={statusOf(span)}
      data-failed={(span.outcome === "failed" && span.kind !== "approval" && span.kind !== "task") || undefined}
      data-edge={edge ?? undefined}
      style={
        {
          transform: `translateY(${top}px)`,
          "--depth": depth,
          "--retry-depth": row.retryDepth ?? 0,
        } as React.CSSProperties
      }
      onClick={() => onSelect(span)}
      onKeyDown={onKeyDown}
      title={row.repeats === null ? words : [`${words} ${turnCount(row.repeats)}`, ...sumWords(row.repeats)].join(", ")}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys do the same on the row */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys do the same on the row */}
      <span
        className={styles.twist}
        onClick={(press) => {
          if (!expandable) return;
          press.stopPropagation();
          onToggle(row.key);
        }}
      >
        {expandable && <Icon name={expanded ? "down" : "right"} size={12} />}
      </span>
      <Icon name={ICONS[span.kind]} size={14} />
      <span className={`${styles.name} ell`} data-off={offPath || undefined}>
        {words}
      </span>
      {row.repeats !== null && <span className={styles.turns}> {turnCount(row.repeats)}</span>}
      {span.kind === "action" && span.attempt !== null && (
        <span className={styles.attempt} title={`attempt ${span.attempt}`}>
          <span className="sr-only">attempt </span>#{span.attempt}
        </span>
      )}
      {span.llm !== null && span.llm.malformed.length > 0 && (
        <span className={styles.attempt} title={`not understood: ${span.llm.malformed.join(", ")}`}>
          ⚠<span className="sr-only"> not understood: {span.llm.malformed.join(", ")}</span>
        </span>
      )}
      <span className={styles.took}>{row.repeats === null ? tookOf(span) : tookOfAll(row.repeats.spans)}</span>
    </div>
  );
}

function tookOf(span: Span): string {
  if (span.kind === "escalation" || span.kind === "plan" || span.kind === "note") return "";
  if (span.outcome === "unknown") return "no end";
  return formatDuration(span.endMs - span.startMs);
}
