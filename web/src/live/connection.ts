import { parseJson } from "~/api/json";
import { onServer } from "~/api/root";
import type { AgentStatus, DataMode, HiveEvent, Task } from "~/api/types";
import { setServerTime } from "./clock";
import { Poller } from "./poller";

/** `agent.status_changed` and `agent.stuck`. */
export interface AgentStatusFrame {
  agent_id: string;
  previous_status?: AgentStatus;
  new_status: AgentStatus;
  timestamp: string;
  current_task_id?: string | null;
  current_task_run_id?: string | null;
  heartbeat_age_seconds?: number | null;
}

/** `agent.heartbeat`: at most one a second and agent. */
export interface AgentHeartbeatFrame {
  agent_id: string;
  timestamp?: string;
  last_heartbeat?: string | null;
  heartbeat_summary?: string | null;
}

/** What arrived since the last batch, coalesced: the latest frame an agent or run, all events in order of arrival. */
export interface LiveBatch {
  events: HiveEvent[];
  statuses: Map<string, AgentStatusFrame>;
  heartbeats: Map<string, AgentHeartbeatFrame>;
  tasks: Map<string, Task>;
  /** Frames were lost (the server said `lagged`, or our own buffer overflowed): what is shown must be read anew. */
  incomplete: boolean;
}

export type ConnectionState = "connecting" | "live" | "offline";

export interface Connection {
  state: ConnectionState;
  /** When this state began, local epoch milliseconds. */
  since_ms: number;
  /** When the server was last heard, local epoch milliseconds; null before that. What is on the screen is of then. */
  heard_at_ms: number | null;
  /** When the next attempt comes, local epoch milliseconds; null while one is under way or none is needed. */
  retry_at_ms: number | null;
  /**
   * Whether live means that events are fetched every few seconds, because something between here and the server does not let
   * WebSockets through (a proxy that drops `Upgrade`).
   */
  polling: boolean;
}

/** Batches come at most this often: 500 events a second are ten updates of the screen, not 500. */
export const FLUSH_INTERVAL_MS = 100;
/** Events that wait for the next batch; a hidden tab gets its timers once a second, and must not grow. */
const PENDING_EVENTS_LIMIT = 5_000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_LIMIT_MS = 15_000;
/** A connection that says nothing for this long is dead, whatever the socket believes: we ping, the server answers. */
const PING_INTERVAL_MS = 2_000;
export const SILENCE_LIMIT_MS = 6_000;
/** A socket that is not open by then is given up: where packets are swallowed nobody says no. */
const OPEN_LIMIT_MS = 8_000;
/** After so many sockets in a row that never opened, events are fetched instead. */
const REFUSALS_BEFORE_POLLING = 2;
/** While events are fetched, the socket is tried this often at the least. */
const POLLING_RETRY_MS = 60_000;

export function emptyBatch(): LiveBatch {
  return { events: [], statuses: new Map(), heartbeats: new Map(), tasks: new Map(), incomplete: false };
}

/** The identity of a run, as the cache and the stream use it. */
export function runKey(task: Pick<Task, "agent_id" | "task_id" | "task_run_id">): string {
  return `${task.agent_id}\u0000${task.task_id}\u0000${task.task_run_id}`;
}

type Frame = { type: string; data?: unknown; server_time?: string };

/**
 * The live stream of one data mode: connects, subscribes, resumes after the last `seq` it saw, and hands on what arrives in
 * batches. It holds no state of the board itself.
 */
export class LiveStream {
  readonly #mode: DataMode;
  #socket: WebSocket | null = null;
  #lastSeq: number | null = null;
  #attempt = 0;
  #stopped = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #flushedAt = 0;
  #heardAt = 0;
  #batch = emptyBatch();
  #connection: Connection = {
    state: "connecting",
    since_ms: Date.now(),
    heard_at_ms: null,
    retry_at_ms: null,
    polling: false,
  };
  /** Attempts in a row that ended before the socket was open. */
  #refused = 0;
  #poller: Poller | null = null;
  #connectionListeners = new Set<() => void>();
  #batchListeners = new Set<(batch: LiveBatch) => void>();

  constructor(mode: DataMode) {
    this.#mode = mode;
  }

  /** @param sinceSeq the greatest `seq` already read, so that nothing between that read and the subscription is lost */
  start(sinceSeq: number | null): void {
    this.#stopped = false;
    this.#lastSeq = sinceSeq ?? this.#lastSeq;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#flushTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#openTimer);
    this.#flushTimer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#poller?.stop();
    this.#poller = null;
  }

  /** The machine has lost its network: nothing more will be heard, whatever the socket believes. */
  networkLost(): void {
    if (this.#stopped || this.#connection.state !== "live") return;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#lost();
  }

  /** Tries at once instead of waiting for the back-off. */
  retryNow(): void {
    if ((this.#connection.state === "live" && !this.#connection.polling) || this.#stopped) return;
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#connect();
  }

  get connection(): Connection {
    return this.#connection;
  }

  onConnection = (listener: () => void): (() => void) => {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  };

  onBatch(listener: (batch: LiveBatch) => void): () => void {
    this.#batchListeners.add(listener);
    return () => this.#batchListeners.delete(listener);
  }

  #connect(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${onServer("/v1/stream")}?mode=${this.#mode}`);
    this.#socket = socket;
    if (this.#poller === null)
      this.#setConnection({
        state: this.#connection.state === "live" ? "offline" : this.#connection.state,
        retry_at_ms: null,
      });
    let opened = false;
    clearTimeout(this.#openTimer);
    this.#openTimer = setTimeout(() => {
      if (opened || socket !== this.#socket) return;
      this.#refused += 1;
      this.#lost();
      socket.close();
    }, OPEN_LIMIT_MS);
    socket.onopen = () => {
      opened = true;
      clearTimeout(this.#openTimer);
      this.#refused = 0;
      socket.send(
        JSON.stringify({
          action: "subscribe",
          channels: ["events", "agents", "tasks"],
          filters: {},
          ...(this.#lastSeq === null ? {} : { since_seq: this.#lastSeq }),
        }),
      );
      socket.send(JSON.stringify({ action: "ping" }));
      this.#heardAt = Date.now();
      clearInterval(this.#pingTimer);
      this.#pingTimer = setInterval(() => this.#watch(socket), PING_INTERVAL_MS);
    };
    socket.onmessage = (message) => {
      if (socket !== this.#socket) return;
      this.#heardAt = Date.now();
      if (typeof message.data === "string") this.#receive(parseJson(message.data) as Frame);
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      if (!opened) this.#refused += 1;
      this.#lost();
    };
  }

  /** Fetches events instead, when the server answers and the socket alone does not come to be. */
  #poll(): void {
    this.#poller ??= new Poller(this.#mode, this.#lastSeq, {
      onEvents: (events) => {
        if (this.#poller === null) return;
        this.#heardAt = Date.now();
        this.#setConnection({ state: "live", retry_at_ms: null, polling: true });
        for (const event of events) {
          const heartbeat = event.event_type === "heartbeat";
          this.#receive({ type: heartbeat ? "agent.heartbeat" : "event.new", data: event });
          // States of agents and runs come by frames alone: with news of them they are read anew.
          if (!heartbeat) this.#batch.incomplete = true;
        }
      },
      onSilence: () => {
        this.#poller?.stop();
        this.#poller = null;
        if (this.#connection.state === "live") this.#setConnection({ state: "offline", retry_at_ms: null });
      },
    });
  }

  #watch(socket: WebSocket): void {
    if (Date.now() - this.#heardAt > SILENCE_LIMIT_MS) {
      socket.close();
      this.#lost();
    } else if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ action: "ping" }));
    }
  }

  #lost(): void {
    this.#socket = null;
    clearInterval(this.#pingTimer);
    if (this.#stopped) return;
    // Half of the delay is chance, so that a hundred boards do not come back in one instant after a restart.
    const limit_ms = this.#poller === null ? BACKOFF_LIMIT_MS : POLLING_RETRY_MS;
    const delay = Math.min(limit_ms, BACKOFF_FIRST_MS * 2 ** this.#attempt) * (0.5 + Math.random() / 2);
    this.#attempt += 1;
    if (this.#poller === null) this.#setConnection({ state: "offline", retry_at_ms: Date.now() + delay });
    if (this.#refused >= REFUSALS_BEFORE_POLLING) this.#poll();
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  #setConnection({
    polling = false,
    ...next
  }: Omit<Connection, "since_ms" | "heard_at_ms" | "polling"> & { polling?: boolean }): void {
    const since_ms = next.state === this.#connection.state ? this.#connection.since_ms : Date.now();
    this.#connection = { ...next, since_ms, heard_at_ms: this.#heardAt === 0 ? null : this.#heardAt, polling };
    for (const listener of this.#connectionListeners) listener();
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case "subscribed":
        // After an interruption the states of agents and runs are read anew: the resume brings back events only.
        if (this.#attempt > 0) this.#batch.incomplete = true;
        this.#attempt = 0;
        this.#poller?.stop();
        this.#poller = null;
        this.#setConnection({ state: "live", retry_at_ms: null });
        break;
      case "pong":
        if (frame.server_time !== undefined) setServerTime(Date.parse(frame.server_time));
        return;
      case "event.new": {
        const event = frame.data as HiveEvent;
        if (this.#lastSeq !== null && event.seq <= this.#lastSeq) return;
        this.#lastSeq = event.seq;
        this.#batch.events.push(event);
        if (this.#batch.events.length > PENDING_EVENTS_LIMIT) {
          this.#batch.events.splice(0, PENDING_EVENTS_LIMIT / 2);
          this.#batch.incomplete = true;
        }
        break;
      }
      case "agent.status_changed":
      case "agent.stuck": {
        const status = frame.data as AgentStatusFrame;
        this.#batch.statuses.set(status.agent_id, {
          ...status,
          new_status: status.new_status ?? "stuck",
        });
        break;
      }
      case "agent.heartbeat": {
        const heartbeat = frame.data as AgentHeartbeatFrame;
        this.#batch.heartbeats.set(heartbeat.agent_id, heartbeat);
        break;
      }
      case "task.updated": {
        const task = frame.data as Task;
        this.#batch.tasks.set(runKey(task), task);
        break;
      }
      case "lagged": {
        const { resume_seq } = frame.data as { resume_seq?: number };
        if (resume_seq !== undefined) this.#lastSeq = Math.max(this.#lastSeq ?? 0, resume_seq);
        this.#batch.incomplete = true;
        break;
      }
      default:
        // A newer server may send kinds of frames that this board does not know; they concern newer boards.
        return;
    }
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushTimer !== undefined) return;
    const wait = Math.max(0, this.#flushedAt + FLUSH_INTERVAL_MS - Date.now());
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#flushedAt = Date.now();
      const batch = this.#batch;
      this.#batch = emptyBatch();
      for (const listener of this.#batchListeners) listener(batch);
    }, wait);
  }
}
