import type { CSSProperties } from "react";
import type { TaskStatus } from "~/api/types";
import { Icon, type IconName } from "~/components/ui/Icon";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { formatClock, formatUtc } from "~/format/time";
import type { Piece } from "../model/sentences";
import type { Sentence } from "../model/transcript";
import type { Span } from "../model/types";
import styles from "./transcript.module.css";

/** Further in than this the sentences no longer move. */
const DEEPEST = 6;

export interface LineProps {
  line: Sentence;
  startMs: number;
  /** Where an open run stands: whether it waits, runs or fell silent. */
  status: TaskStatus;
  last: boolean;
  selected: boolean;
  onSelect: (span: Span) => void;
  onToggle: (foldKey: string) => void;
}

function lookOf({ span, role }: Sentence, status: TaskStatus): { icon: IconName; status: string } {
  const failed = span.outcome === "failed";
  if (role === "start") return { icon: "play", status: "action" };
  if (role === "end") {
    if (failed) return { icon: "fail", status: "error" };
    if (span.outcome !== "open") return { icon: "done", status: "success" };
    if (status === "waiting" || status === "escalated") return { icon: "ask", status: "waiting" };
    return { icon: "pulse", status: status === "stuck" ? "stuck" : "processing" };
  }
  // What was begun is not yet what it came to: only its end is red.
  const wrong = failed && role !== "begins";
  switch (span.kind) {
    case "llm":
      return { icon: "spark", status: wrong ? "error" : "llm" };
    case "approval":
      if (role === "asked") return { icon: "ask", status: "waiting" };
      return { icon: failed ? "fail" : "okd", status: failed ? "error" : "success" };
    case "escalation":
      return { icon: "esc", status: "waiting" };
    case "plan":
      return { icon: "plan", status: "action" };
    case "note":
      return { icon: "flag", status: "action" };
    default:
      return {
        icon: span.kind === "retry" || (span.attempt ?? 1) > 1 ? "retry" : "cell",
        status: wrong ? "error" : "action",
      };
  }
}

/** One sentence of the transcript: when, what, how long; somebody's words in a box; what is inside of something further in. */
export function Line({ line, startMs, status, last, selected, onSelect, onToggle }: LineProps) {
  const { icon, status: tone } = lookOf(line, status);
  return (
    <div
      className={styles.line}
      data-status={tone}
      data-role={line.role}
      data-selected={selected || undefined}
      data-last={last || undefined}
      style={{ "--depth": Math.min(line.depth, DEEPEST) } as CSSProperties}
    >
      <span className={styles.at} title={formatUtc(line.atMs)}>
        {line.role === "start" ? formatClock(line.atMs, line.atMs) : `+${offset(line.atMs - startMs)}`}
      </span>
      <Icon name={icon} />
      <div>
        <button type="button" className={styles.sentence} aria-pressed={selected} onClick={() => onSelect(line.span)}>
          <Pieces pieces={line.pieces} />
          <span className={styles.after}>{after(line)}</span>
          {line.branch !== null && <span className={styles.branch}>in {line.branch}</span>}
        </button>
        {line.inside > 0 && (
          <button
            type="button"
            className={styles.inside}
            aria-expanded={!line.folded}
            onClick={() => onToggle(line.foldKey)}
          >
            <Icon name={line.folded ? "right" : "down"} size={12} />
            {line.inside.toLocaleString("en-US")} inside
          </button>
        )}
        {line.quote !== null && <blockquote className={styles.quote}>{line.quote}</blockquote>}
      </div>
    </div>
  );
}

/** Seconds with one digit, so that a column of them reads evenly; longer ones as durations. */
function offset(ms: number): string {
  return ms < 59_950 ? `${(Math.max(0, ms) / 1_000).toFixed(1)}\u00a0s` : formatDuration(ms);
}

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    // No sentence has two alike.
    if ("strong" in piece) return <b key={`b ${piece.strong}`}>{piece.strong}</b>;
    if ("model" in piece) return <ModelBadge key={`m ${piece.model}`} model={piece.model} />;
    return (
      <span key={`w ${piece.wrong}`} className={styles.wrong}>
        {piece.wrong}
      </span>
    );
  });
}

/** How long it took and what it cost, after the sentence. */
function after({ span, role, tookMs, inside, sums }: Sentence): string {
  if (tookMs === null) return "";
  const parts = [span.outcome === "unknown" ? "no end arrived" : formatDuration(tookMs)];
  if (sums.length > 0) return [...parts, ...sums].join(", ");
  const cost = span.llm?.costUsd;
  if (role === "does" && inside === 0 && cost !== null && cost !== undefined) parts.push(formatMoney(cost));
  const malformed = span.llm?.malformed ?? [];
  if (malformed.length > 0) parts.push(`⚠ not understood: ${malformed.join(", ")}`);
  return parts.join(", ");
}
