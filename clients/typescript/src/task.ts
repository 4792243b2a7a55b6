/** A run of a task: from its start to its end. */

import type { Agent } from "./agent.js";
import { here, within } from "./context.js";
import { cut, type EventType, type HiveEvent, type Json, present, type Severity } from "./event.js";
import { plain } from "./plain.js";

export interface TaskOptions {
  project?: string;
  type?: string;
  /** Tells runs of one task apart; made where it is not given. */
  runId?: string;
  /** Shared by tasks that belong together, also of several agents. */
  correlationId?: string;
}

export interface LlmCall {
  model: string;
  tokensIn?: number;
  tokensOut?: number;
  /** US dollars. Without it the server estimates by its price table. */
  cost?: number;
  durationMs?: number;
  prompt?: string;
  response?: string;
  metadata?: Record<string, unknown>;
}

export interface EventOptions {
  payload?: Record<string, unknown>;
  severity?: Severity;
  status?: string;
  parentEventId?: string;
}

const PREVIEW_CHARS = 500;
const ID_CHARS = 256;

export class Task {
  readonly id: string;
  readonly runId: string;
  private readonly fields: Partial<HiveEvent>;
  private readonly begun = performance.now();
  private planned: { revision: number; steps: number } = { revision: -1, steps: 0 };
  private over = false;

  /** @internal */
  constructor(
    readonly agent: Agent,
    id: string,
    options: TaskOptions = {},
  ) {
    this.id = cut(id, ID_CHARS);
    this.runId = options.runId ?? crypto.randomUUID();
    const labelled = (text: string | undefined) => (text === undefined ? undefined : cut(text, ID_CHARS));
    this.fields = present({
      project_id: labelled(options.project),
      task_id: this.id,
      task_type: labelled(options.type),
      task_run_id: labelled(this.runId),
      correlation_id: labelled(options.correlationId),
    });
    this.send("task_started");
  }

  /** Whether it has ended. What is told afterwards is still sent. */
  get ended(): boolean {
    return this.over;
  }

  /** Ends it well. */
  complete(result?: Record<string, unknown>): void {
    this.end("task_completed", "success", result === undefined ? {} : { result });
  }

  /** Ends it badly. */
  fail(error: unknown, result?: Record<string, unknown>): void {
    this.end("task_failed", "failure", { ...exceptionOf(error), ...(result === undefined ? {} : { result }) });
  }

  /** Ends it because nobody wants it any more. */
  cancel(): void {
    this.end("task_completed", "cancelled", {});
  }

  private end(type: EventType, status: string, payload: Record<string, unknown>): void {
    if (this.over) return;
    this.over = true;
    this.send(type, { status, payload }, { duration_ms: performance.now() - this.begun });
  }

  /** Runs `work` as an action; what it throws is told and thrown on. */
  track<R>(name: string, work: () => R): R {
    const place = here();
    const actionId = crypto.randomUUID();
    const fields = present({
      action_id: actionId,
      parent_action_id: place?.task === this ? place.action : undefined,
    }) as Partial<HiveEvent>;
    const begun = performance.now();
    this.send("action_started", { payload: { action_name: name } }, fields);
    const end = (error?: { cause: unknown }) => {
      const payload = { action_name: name, ...(error === undefined ? {} : exceptionOf(error.cause)) };
      const duration_ms = performance.now() - begun;
      if (error === undefined) this.send("action_completed", { status: "success", payload }, { ...fields, duration_ms });
      else this.send("action_failed", { status: "failure", payload }, { ...fields, duration_ms });
    };
    return settled(() => within({ task: this, action: actionId }, work), end);
  }

  llmCall(name: string, call: LlmCall): void {
    const { model, tokensIn, tokensOut, cost } = call;
    const told = tokensIn === undefined || tokensOut === undefined ? [] : [`${tokensIn} in / ${tokensOut} out`];
    if (cost !== undefined) told.push(`$${cost}`);
    const data = present({
      name,
      model,
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      cost,
      duration_ms: call.durationMs,
      prompt_preview: call.prompt === undefined ? undefined : cut(call.prompt, PREVIEW_CHARS),
      response_preview: call.response === undefined ? undefined : cut(call.response, PREVIEW_CHARS),
      metadata: call.metadata,
    });
    const summary = `${name} → ${model}${told.length > 0 ? ` (${told.join(", ")})` : ""}`;
    this.send("custom", { payload: { kind: "llm_call", data, summary, tags: ["llm"] } }, this.inAction());
  }

  /** Says what it means to do, step by step; again for another plan. */
  plan(goal: string, steps: readonly string[]): void {
    const revision = this.planned.revision + 1;
    this.planned = { revision, steps: steps.length };
    const data = { goal, steps: steps.map((description, index) => ({ index, description })), revision };
    this.send("custom", { payload: { kind: "plan_created", data, summary: goal, tags: ["plan"] } });
  }

  planStep(
    index: number,
    action: "started" | "completed" | "failed" | "skipped",
    summary: string,
    more: { turns?: number; tokens?: number } = {},
  ): void {
    const data = present({
      step_index: index,
      total_steps: this.planned.steps === 0 ? undefined : this.planned.steps,
      action,
      turns: more.turns,
      tokens: more.tokens,
      plan_revision: Math.max(0, this.planned.revision),
    });
    this.send("custom", { payload: { kind: "plan_step", data, summary, tags: ["plan"] } });
  }

  escalate(summary: string, more: { assignedTo?: string; reason?: string } = {}): void {
    const data = present({ assigned_to: more.assignedTo, reason: more.reason ?? summary });
    this.send("escalated", { payload: { summary, data } });
  }

  /** Asks a person. The answer is told by {@link approvalReceived} with what this returns. */
  requestApproval(summary: string, more: { approver?: string } = {}): string {
    return this.send("approval_requested", { payload: { summary, data: present({ approver: more.approver }) } });
  }

  approvalReceived(
    summary: string,
    more: { approvedBy?: string; decision?: "approved" | "rejected"; request?: string } = {},
  ): void {
    const data = present({ approved_by: more.approvedBy, decision: more.decision ?? "approved" });
    this.send("approval_received", {
      payload: { summary, data },
      ...(more.request === undefined ? {} : { parentEventId: more.request }),
    });
  }

  retry(summary: string, more: { attempt?: number; backoffSeconds?: number } = {}): void {
    const data = present({ attempt: more.attempt, backoff_seconds: more.backoffSeconds });
    this.send("retry_started", { payload: { summary, data } }, this.inAction());
  }

  /** Something of your own: `kind` tells such events apart. */
  event(kind: string, more: { summary?: string; data?: Record<string, unknown>; tags?: string[]; severity?: Severity } = {}): void {
    const { severity, ...payload } = more;
    this.send("custom", { payload: { kind, ...payload }, ...(severity === undefined ? {} : { severity }) }, this.inAction());
  }

  private inAction(): Partial<HiveEvent> {
    const place = here();
    return place?.task === this && place.action !== undefined ? { action_id: place.action } : {};
  }

  private send(type: EventType, options: EventOptions = {}, more: Partial<HiveEvent> = {}): string {
    return this.agent.send(type, options, { ...this.fields, ...more });
  }
}

export function exceptionOf(error: unknown): { [name: string]: Json } {
  if (error instanceof Error) {
    const causes: Json[] = [];
    for (let cause: unknown = error.cause; cause instanceof Error && causes.length < 8; cause = cause.cause) {
      causes.push({ exception_type: cause.name, exception_message: cause.message });
    }
    const told = { exception_type: error.name, exception_message: error.message };
    return causes.length === 0 ? told : { ...told, exception_causes: causes };
  }
  const shown = plain(error);
  return { exception_type: "Error", exception_message: typeof shown === "string" ? shown : JSON.stringify(shown) };
}

/** Calls `end` when the work is done, at once or later, and hands its outcome on untouched. */
export function settled<R>(work: () => R, end: (error?: { cause: unknown }) => void): R {
  let result: R;
  try {
    result = work();
  } catch (cause) {
    end({ cause });
    throw cause;
  }
  if (result instanceof Promise) {
    return result.then(
      (value: unknown) => {
        end();
        return value;
      },
      (cause: unknown) => {
        end({ cause });
        throw cause;
      },
    ) as R;
  }
  end();
  return result;
}
