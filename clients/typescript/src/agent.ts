/** An agent: it lives (heartbeats), works (tasks), and says what waits and what is wrong. */

import { nowMicros, written } from "./clock.js";
import { within } from "./context.js";
import { cut, type Envelope, type EventType, type HiveEvent, type Json, present } from "./event.js";
import { bounded, plain } from "./plain.js";
import { type EventOptions, settled, Task, type TaskOptions } from "./task.js";

export interface AgentOptions {
  type?: string;
  version?: string;
  framework?: string;
  environment?: string;
  group?: string;
  /** 0 switches heartbeats off; 30 seconds where nothing is said. */
  heartbeatIntervalMs?: number;
  /** Seconds of silence after which the board calls it stuck. */
  stuckThresholdSeconds?: number;
  /** What each heartbeat tells beside being alive. */
  heartbeatPayload?: () => Record<string, unknown> | undefined;
  /** What waits for the agent, told with each heartbeat. */
  queueProvider?: () => QueueSnapshot | undefined;
}

export interface QueueSnapshot {
  depth: number;
  oldestAgeSeconds?: number;
  items?: { id?: string; priority?: string; source?: string; summary?: string; queued_at?: string }[];
  processing?: { id?: string; summary?: string; started_at?: string; elapsed_ms?: number };
}

export interface ScheduledItem {
  id: string;
  name?: string;
  next_run?: string;
  interval?: string;
  enabled?: boolean;
  last_status?: string | null;
}

/** Where events go; the client. */
export interface Outlet {
  push(envelope: Envelope, event: HiveEvent): void;
  warn(message: string): void;
}

export class Agent {
  private readonly beat: ReturnType<typeof setInterval> | undefined;
  private gone = false;

  /** @internal */
  constructor(
    private readonly outlet: Outlet,
    readonly envelope: Envelope,
    private readonly options: AgentOptions,
  ) {
    const interval = options.heartbeatIntervalMs ?? 30_000;
    const data = present({
      type: envelope.agent_type,
      version: envelope.agent_version,
      framework: envelope.framework,
      stuck_threshold: options.stuckThresholdSeconds ?? 300,
      heartbeat_interval: interval / 1_000,
    });
    this.send("agent_registered", { payload: { summary: `Agent ${this.id} registered`, data } });
    if (interval > 0) {
      this.heartbeat();
      this.beat = setInterval(() => this.heartbeat(), Math.max(100, interval));
      // A heartbeat keeps no process alive that has nothing else to do.
      (this.beat as { unref?: () => void }).unref?.();
    }
  }

  get id(): string {
    return this.envelope.agent_id;
  }

  /** Starts a run that is ended by {@link Task.complete} or {@link Task.fail}. */
  startTask(id: string, options: TaskOptions = {}): Task {
    return new Task(this, id, options);
  }

  /** Runs `work` as a task: done when it is, failed by what it throws, which is thrown on. */
  task<R>(id: string, options: TaskOptions, work: (task: Task) => R): R {
    const task = this.startTask(id, options);
    return settled(
      () => within({ task }, () => work(task)),
      (error) => (error === undefined ? task.complete() : task.fail(error.cause)),
    );
  }

  queueSnapshot(snapshot: QueueSnapshot): void {
    const { depth, oldestAgeSeconds, items, processing } = snapshot;
    const data = present({ depth, oldest_age_seconds: oldestAgeSeconds, items, processing });
    this.custom("queue_snapshot", `Queue depth: ${depth}`, data, "queue");
  }

  todo(
    id: string,
    action: "created" | "completed" | "failed" | "dismissed" | "deferred",
    summary: string,
    more: { priority?: string; source?: string; context?: Record<string, unknown>; dueBy?: string } = {},
  ): void {
    const { dueBy, ...rest } = more;
    this.custom("todo", summary, present({ todo_id: id, action, ...rest, due_by: dueBy }), "todo");
  }

  scheduled(items: readonly ScheduledItem[]): void {
    const summary = `${items.length} scheduled item${items.length === 1 ? "" : "s"}`;
    this.custom("scheduled", summary, { items }, "scheduled");
  }

  reportIssue(
    summary: string,
    more: {
      id?: string;
      severity?: "low" | "medium" | "high" | "critical";
      category?: string;
      context?: Record<string, unknown>;
      occurrences?: number;
    } = {},
  ): void {
    const data = present({
      issue_id: more.id,
      severity: more.severity ?? "medium",
      category: more.category,
      context: more.context,
      action: "reported",
      occurrence_count: more.occurrences,
    });
    this.custom("issue", summary, data, "issue");
  }

  resolveIssue(summary: string, more: { id?: string } = {}): void {
    this.custom("issue", summary, present({ issue_id: more.id, action: "resolved", severity: "medium" }), "issue");
  }

  /** Something of your own that belongs to no task. */
  event(kind: string, more: { summary?: string; data?: Record<string, unknown>; tags?: string[] } = {}): void {
    this.send("custom", { payload: { kind, ...more } });
  }

  /** It lives: with what it tells of itself and of what waits. */
  heartbeat(): void {
    const told = this.ask("heartbeatPayload", this.options.heartbeatPayload);
    if (told === undefined) this.send("heartbeat", { severity: "debug" });
    else this.send("heartbeat", { payload: { kind: "heartbeat_status", data: told } });
    const queue = this.ask("queueProvider", this.options.queueProvider);
    if (queue !== undefined) this.queueSnapshot(queue);
  }

  /** Ends its heartbeat and says goodbye: its silence then needs nobody. */
  close(): void {
    if (this.gone) return;
    clearInterval(this.beat);
    this.event("goodbye", { summary: `Agent ${this.id} left` });
    this.gone = true;
  }

  private ask<T>(name: string, callback: (() => T) | undefined): T | undefined {
    try {
      return callback?.();
    } catch (error) {
      this.outlet.warn(`hiveloop: ${name} of ${this.id} threw, and its value is left out: ${String(error)}`);
      return undefined;
    }
  }

  private custom(kind: string, summary: string, data: object, tag: string): void {
    this.send("custom", { payload: { kind, data, summary, tags: [tag] } });
  }

  /** @internal Makes an event and hands it over. Answers its id. */
  send(type: EventType, options: EventOptions = {}, fields: Partial<HiveEvent> = {}): string {
    const event: HiveEvent = {
      event_id: crypto.randomUUID(),
      timestamp: written(nowMicros()),
      event_type: type,
      ...fields,
      ...present({ severity: options.severity, status: options.status, parent_event_id: options.parentEventId }),
    };
    const payload = plain(options.payload ?? {}) as { [name: string]: Json };
    if (Object.keys(payload).length > 0) event.payload = bounded(payload);
    this.outlet.push(this.envelope, event);
    return event.event_id;
  }
}

export function envelopeOf(
  id: string,
  options: AgentOptions,
  shared: Pick<Envelope, "environment" | "group" | "instance_id" | "runtime" | "sdk_version">,
): Envelope {
  return {
    agent_id: cut(id, 256),
    agent_type: cut(options.type ?? "general", 256),
    ...(options.version === undefined ? {} : { agent_version: cut(options.version, 256) }),
    framework: cut(options.framework ?? "custom", 256),
    ...shared,
    environment: cut(options.environment ?? shared.environment, 64),
    group: cut(options.group ?? shared.group, 128),
  };
}
