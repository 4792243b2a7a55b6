import type { Task, Timeline } from "~/api/types";

/** A run as it was read, with an answer to `after_seq` taken in: what changed replaces what was known. */
export function growTimeline(shown: Timeline, change: Timeline): Timeline {
  const figures = { ...shown, ...taskOf(change), runs: change.runs, runs_total: change.runs_total };
  // Nothing about the run as a whole came with it: only its figures moved.
  if (change.steps.length === 0) return figures;
  const known = new Set(shown.events.map((event) => event.event_id));
  const fresh = change.events.filter((event) => !known.has(event.event_id));
  return {
    ...figures,
    seq: Math.max(shown.seq, change.seq),
    events: fresh.length === 0 ? shown.events : [...shown.events, ...fresh],
    spans: change.spans_complete ? change.spans : mergeSpans(shown.spans, change),
    steps: change.steps,
    retry_stretches: change.retry_stretches,
    action_tree: change.action_tree,
    error_chains: change.error_chains,
    plan: change.plan,
    time_breakdown: change.time_breakdown,
  };
}

function mergeSpans(known: Timeline["spans"], change: Timeline): Timeline["spans"] {
  const removed = new Set(change.removed_span_ids);
  const spans = new Map(known.filter((span) => !removed.has(span.span_id)).map((span) => [span.span_id, span]));
  for (const span of change.spans) spans.set(span.span_id, span);
  return [...spans.values()];
}

/** The run's own figures in an answer about its timeline. */
function taskOf(timeline: Timeline): Task {
  const {
    runs: _runs,
    runs_total: _total,
    seq: _seq,
    events: _events,
    spans: _spans,
    spans_complete: _complete,
    removed_span_ids: _removed,
    steps: _steps,
    retry_stretches: _stretches,
    pagination: _pagination,
    action_tree: _tree,
    error_chains: _chains,
    plan: _plan,
    time_breakdown: _breakdown,
    ...task
  } = timeline;
  return task;
}
