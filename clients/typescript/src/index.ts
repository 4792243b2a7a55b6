/**
 * HiveLoop: makes an AI agent observable in three lines.
 *
 * ```ts
 * import { init } from "hiveloop";
 * const hive = init({ apiKey: "hb_live_…" });
 * const agent = hive.agent("lead-qualifier", { type: "sales" });
 * await agent.task("lead-4801", { project: "sales" }, async (task) => {
 *   const score = await task.track("score_lead", () => model.score(lead));
 *   task.llmCall("reason", { model: "claude-sonnet-4", tokensIn: 1500, tokensOut: 200 });
 * });
 * ```
 *
 * Nothing but {@link init} ever throws, and that only for what cannot work.
 */

import { Agent, type AgentOptions, envelopeOf } from "./agent.js";
import { here } from "./context.js";
import type { Envelope, HiveEvent } from "./event.js";
import { Sender, type Stats } from "./sender.js";
import type { Task } from "./task.js";

export type { Agent, AgentOptions, QueueSnapshot, ScheduledItem } from "./agent.js";
export type { Envelope, EventType, HiveEvent, Json, Severity } from "./event.js";
export type { Stats } from "./sender.js";
export type { LlmCall, Task, TaskOptions } from "./task.js";

export const VERSION = "0.1.0";

export interface Options {
  /** `hb_live_…` or `hb_test_…`; else `HIVELOOP_API_KEY`. */
  apiKey?: string;
  /** Where the board is; else `HIVELOOP_ENDPOINT`, else `http://127.0.0.1:8000`. */
  endpoint?: string;
  environment?: string;
  group?: string;
  /** Events of one request, 1 to 500. */
  batchSize?: number;
  flushIntervalMs?: number;
  /** Events that wait at most; of more the oldest are dropped and counted. */
  maxQueueSize?: number;
  /** Masks an event, or drops it by answering `null`. If it throws, the event is dropped, never sent unmasked. */
  beforeSend?: (event: HiveEvent) => HiveEvent | null;
  /** Takes calls and sends nothing. */
  disabled?: boolean;
  /** Hears what goes wrong; `console.warn` where nothing is said. */
  warn?: (message: string) => void;
  fetch?: typeof fetch;
}

export class HiveLoopError extends Error {
  override name = "HiveLoopError";
}

export class HiveLoop {
  private readonly agents = new Map<string, Agent>();
  private readonly sender: Sender;
  private readonly shared: Pick<Envelope, "environment" | "group" | "instance_id" | "runtime" | "sdk_version">;
  private readonly outlet: { push: (envelope: Envelope, event: HiveEvent) => void; warn: (message: string) => void };

  /** @internal */
  constructor(options: Options) {
    const variables = variablesOf();
    const key = options.apiKey ?? variables.HIVELOOP_API_KEY ?? "";
    const isDisabled = options.disabled ?? /^(1|true|yes)$/i.test(variables.HIVELOOP_DISABLED ?? "");
    if (!isDisabled && !/^hb_(live|test)_\S+$/.test(key)) {
      const which = key.startsWith("hb_read_") ? "a read key cannot send" : "an API key begins with hb_live_ or hb_test_";
      throw new HiveLoopError(`${which}: give it as apiKey or HIVELOOP_API_KEY; \`hiveboard keys create\` makes one`);
    }
    const warn = options.warn ?? ((message: string) => console.warn(message));
    this.sender = new Sender({
      url: ingestUrl(options.endpoint ?? variables.HIVELOOP_ENDPOINT ?? "http://127.0.0.1:8000"),
      key,
      batchSize: clamp("batchSize", options.batchSize ?? 100, 1, 500, warn),
      flushIntervalMs: clamp("flushIntervalMs", options.flushIntervalMs ?? 5_000, 10, 600_000, warn),
      maxQueueSize: clamp("maxQueueSize", options.maxQueueSize ?? 10_000, 1, 1_000_000, warn),
      fetch: options.fetch ?? ((...given) => globalThis.fetch(...given)),
      warn,
      wait: (milliseconds) =>
        new Promise((done) => {
          (setTimeout(done, milliseconds) as { unref?: () => void }).unref?.();
        }),
    });
    this.shared = {
      environment: options.environment ?? variables.HIVELOOP_ENVIRONMENT ?? "production",
      group: options.group ?? variables.HIVELOOP_GROUP ?? "default",
      instance_id: crypto.randomUUID(),
      runtime: runtimeName(),
      sdk_version: `hiveloop-ts-${VERSION}`,
    };
    this.outlet = {
      warn,
      push: (envelope, event) => {
        const masked = mask(event, options.beforeSend, warn);
        if (masked === null) this.sender.stats.dropped += 1;
        else if (!isDisabled) this.sender.push(envelope, masked);
      },
    };
    // A process that has nothing else to do sends what waits before it ends.
    if (!isDisabled) processEvents()?.once?.("beforeExit", () => void this.shutdown(5_000));
  }

  /** The agent of this name; the same one again for the same name. */
  agent(id: string, options: AgentOptions = {}): Agent {
    const known = this.agents.get(id);
    if (known !== undefined) return known;
    const agent = new Agent(this.outlet, envelopeOf(id, options, this.shared), options);
    this.agents.set(id, agent);
    return agent;
  }

  getAgent(id: string): Agent | undefined {
    return this.agents.get(id);
  }

  /** Ends the agent's heartbeat; it says goodbye. */
  removeAgent(id: string): void {
    this.agents.get(id)?.close();
    this.agents.delete(id);
  }

  /**
   * Resolves once all that was told until now is stored, refused or dropped; `false` when that took longer.
   * On an edge runtime hand it to the platform: `context.waitUntil(hive.flush())`.
   */
  flush(timeoutMs = 10_000): Promise<boolean> {
    return this.sender.flush(timeoutMs);
  }

  /** All agents say goodbye, and what waits is sent. Calls after it do nothing. */
  async shutdown(timeoutMs = 10_000): Promise<boolean> {
    for (const agent of this.agents.values()) agent.close();
    this.agents.clear();
    return this.sender.close(timeoutMs);
  }

  stats(): Stats {
    return { ...this.sender.stats };
  }
}

/** @throws HiveLoopError without a key, or with an endpoint that is none. */
export function init(options: Options = {}): HiveLoop {
  return new HiveLoop(options);
}

/** The task that the running code belongs to. */
export function currentTask(): Task | undefined {
  return here()?.task;
}

function mask(event: HiveEvent, beforeSend: Options["beforeSend"], warn: (message: string) => void): HiveEvent | null {
  if (beforeSend === undefined) return event;
  try {
    return beforeSend(event);
  } catch (error) {
    warn(`hiveloop: beforeSend threw, and the event is dropped: ${String(error)}`);
    return null;
  }
}

function ingestUrl(endpoint: string): string {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw new HiveLoopError(`the endpoint ${JSON.stringify(endpoint)} is no address like http://127.0.0.1:8000`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new HiveLoopError(`the endpoint ${JSON.stringify(endpoint)} must begin with http:// or https://`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/ingest`;
  return url.href;
}

function clamp(name: string, value: number, least: number, most: number, warn: (message: string) => void): number {
  const clamped = Math.min(most, Math.max(least, Number.isFinite(value) ? value : least));
  if (clamped !== value) warn(`hiveloop: ${name} is ${value}; ${clamped} is used`);
  return clamped;
}

interface HostProcess {
  env?: Record<string, string | undefined>;
  version?: string;
  once?: (event: string, listener: () => void) => void;
}

function processEvents(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}

function variablesOf(): Record<string, string | undefined> {
  return processEvents()?.env ?? {};
}

function runtimeName(): string {
  const agent = (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent;
  const version = processEvents()?.version;
  return version !== undefined ? `node ${version.replace(/^v/, "")}` : (agent ?? "javascript");
}
