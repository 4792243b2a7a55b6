import type { StepView, RetryStretch as StretchView, Timeline } from "~/api/types";
import { timeOf } from "./payload";
import type { Repeats } from "./repeats";
import type { RunModel, Span } from "./types";

/** `repeats` is a row of like work, put together here. */
export type StepShape = StepView["shape"] | "repeats";
/** What a step is about; `idle` is a stretch between two of them in which nothing ran. */
export type Tone = StepView["tone"] | "idle";

/** One node of the story, as the server tells it. */
export interface Step {
  key: string;
  span: Span;
  shape: StepShape;
  failed: boolean;
  name: string;
  atMs: number;
  /** Until when its own work lasted; `atMs` for a moment. */
  workEndMs: number;
  tone: Tone;
  /** 0 is the main line; each retry drops one further. */
  lane: number;
  /** Nested work that hangs from the node. */
  stem: StemItem[];
  /** How many nested spans the stem leaves out. */
  stemHidden: number;
  /** How the story gets here from the step before. */
  arrives: StepView["arrives"];
  backoffMs: number;
  /** The approval that this node asked for or answered. */
  approval: Span | null;
  /** The row of like work that it stands for. */
  repeats: { of: Repeats; folded: boolean } | null;
}

export interface StemItem {
  span: Span;
  indent: number;
}

/** Words over a stretch in which lanes are open: what is being tried again. */
export interface RetryStretch {
  span: Span;
  fromKey: string;
  toKey: string;
  attempts: number;
}

export interface Story {
  steps: Step[];
  stretches: RetryStretch[];
}

/** How the last node of a run reads that is open and yet does nothing. */
const OPEN_ENDS: Partial<Record<Timeline["derived_status"], Pick<Step, "name" | "tone">>> = {
  waiting: { name: "waiting", tone: "human" },
  escalated: { name: "handed over", tone: "human" },
  stuck: { name: "silent", tone: "idle" },
};

/** The server's steps on the spans of the run; an open run's last step is now. */
export function readStory(
  { steps, retry_stretches, derived_status }: Pick<Timeline, "steps" | "retry_stretches" | "derived_status">,
  run: RunModel,
): Story {
  const open = OPEN_ENDS[derived_status];
  return {
    steps: steps.flatMap((view) => {
      const step = readStep(view, run);
      if (step === null) return [];
      return step.shape === "running" && open !== undefined ? { ...step, ...open } : step;
    }),
    stretches: retry_stretches.flatMap((view) => readStretch(view, run) ?? []),
  };
}

function readStep(view: StepView, run: RunModel): Step | null {
  const span = run.byId.get(view.span_id);
  if (span === undefined) return null;
  const atMs = view.at === null ? run.endMs : timeOf(view.at);
  return {
    key: view.step_id,
    span,
    shape: view.shape,
    failed: view.failed,
    name: view.name,
    atMs,
    workEndMs: Math.max(atMs, view.work_ended_at === null ? span.endMs : timeOf(view.work_ended_at)),
    tone: view.tone,
    lane: view.lane,
    stem: view.stem.flatMap(({ span_id, indent }) => {
      const hanging = run.byId.get(span_id);
      return hanging === undefined ? [] : [{ span: hanging, indent }];
    }),
    stemHidden: view.stem_hidden,
    arrives: view.arrives,
    backoffMs: view.backoff_ms ?? 0,
    approval: view.approval_span_id === null ? null : (run.byId.get(view.approval_span_id) ?? null),
    repeats: null,
  };
}

function readStretch(view: StretchView, run: RunModel): RetryStretch | null {
  const span = run.byId.get(view.span_id);
  if (span === undefined) return null;
  return { span, fromKey: view.from_step_id, toKey: view.to_step_id, attempts: view.attempts };
}
