import { Icon, type IconName } from "~/components/ui/Icon";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { formatClock, formatUtc } from "~/format/time";
import type { Step } from "../model/steps";
import type { Piece, Sentence } from "../model/transcript";
import type { Span } from "../model/types";
import styles from "./transcript.module.css";

export interface LineProps {
  line: Sentence;
  startMs: number;
  last: boolean;
  selected: boolean;
  selectedId: string | null;
  onSelect: (span: Span) => void;
}

function lookOf(step: Step): { icon: IconName; status: string } {
  switch (step.shape) {
    case "start":
      return { icon: "play", status: "action" };
    case "llm_call":
      return { icon: "spark", status: step.failed ? "error" : "llm" };
    case "plan":
      return { icon: "plan", status: "action" };
    case "approval_asked":
      return { icon: "ask", status: "waiting" };
    case "approval_answered":
      return { icon: step.failed ? "fail" : "okd", status: step.failed ? "error" : "success" };
    case "escalated":
      return { icon: "esc", status: "waiting" };
    case "failed":
      return { icon: "fail", status: "error" };
    case "completed":
      return { icon: "done", status: "success" };
    case "running":
      return step.tone === "human"
        ? { icon: "ask", status: "waiting" }
        : { icon: "pulse", status: step.tone === "idle" ? "stuck" : "processing" };
    case "note":
      return { icon: "flag", status: "action" };
    case "action":
      if (!step.failed) return { icon: (step.span.attempt ?? 1) > 1 ? "retry" : "cell", status: "action" };
      return { icon: (step.span.attempt ?? 1) > 1 ? "retry" : "cell", status: "error" };
  }
}

/** One sentence of the transcript: when, what, how long; somebody's words in a box; nested work folded. */
export function Line({ line, startMs, last, selected, selectedId, onSelect }: LineProps) {
  const { step } = line;
  const { icon, status } = lookOf(step);
  const clock = step.shape === "start" || step.shape.startsWith("ended");
  return (
    <div
      className={styles.line}
      data-status={status}
      data-selected={selected || undefined}
      data-last={last || undefined}
    >
      <span className={styles.at} title={formatUtc(step.atMs)}>
        {clock ? formatClock(step.atMs, step.atMs) : `+${offset(step.atMs - startMs)}`}
      </span>
      <Icon name={icon} />
      <div>
        <button type="button" className={styles.sentence} aria-pressed={selected} onClick={() => onSelect(step.span)}>
          <Pieces pieces={line.pieces} />
          <span className={styles.after}>{after(step)}</span>
        </button>
        {line.inside.length > 0 && <Inside line={line} selectedId={selectedId} onSelect={onSelect} />}
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
function after(step: Step): string {
  if (step.shape !== "action" && step.shape !== "llm_call") return "";
  const parts = [step.span.outcome === "unknown" ? "no end arrived" : formatDuration(step.workEndMs - step.atMs)];
  const cost = step.span.llm?.costUsd;
  if (cost !== null && cost !== undefined) parts.push(formatMoney(cost));
  return parts.join(", ");
}

function Inside({ line, selectedId, onSelect }: Pick<LineProps, "line" | "selectedId" | "onSelect">) {
  const count = line.inside.length + line.insideHidden;
  const telling = line.inside.some((span) => span.outcome === "failed" || span.id === selectedId);
  return (
    <details className={styles.inside} open={telling || undefined}>
      <summary>
        <Icon name="right" size={12} />
        {count} {count === 1 ? "step" : "steps"} inside
      </summary>
      <ul>
        {line.inside.map((span) => (
          <li key={span.id} data-status={span.outcome === "failed" ? "error" : "action"}>
            <Icon name="cell" size={14} />
            <button type="button" aria-pressed={span.id === selectedId} onClick={() => onSelect(span)}>
              {span.name}
            </button>
            <span className="dim">{formatDuration(span.endMs - span.startMs)}</span>
          </li>
        ))}
        {line.insideHidden > 0 && <li className="dim">and {line.insideHidden} more, in the waterfall</li>}
      </ul>
    </details>
  );
}
