/** Sends what waits: batches of one agent, in order, again and again until they are taken or refused for good. Nothing here throws. */

import type { Envelope, HiveEvent } from "./event.js";
import { bytes } from "./plain.js";

export interface SenderOptions {
  url: string;
  key: string;
  batchSize: number;
  flushIntervalMs: number;
  maxQueueSize: number;
  fetch: typeof fetch;
  /** Tells a person what went wrong. */
  warn: (message: string) => void;
  /** Waits; tests bring their own. */
  wait: (milliseconds: number) => Promise<void>;
}

/** What became of all events. `queued` is now; the others are sums. */
export interface Stats {
  queued: number;
  sent: number;
  rejected: number;
  dropped: number;
  retries: number;
}

interface Waiting {
  envelope: Envelope;
  event: HiveEvent;
}

/** What an answer means for the batch it answers. */
export type Verdict =
  | { kind: "taken"; rejected: number; problems: string[] }
  | { kind: "faulty"; why: string }
  | { kind: "too_large" }
  | { kind: "refused"; why: string }
  | { kind: "later"; why: string; afterMs?: number };

const MOST_BYTES = 900_000;
const REQUEST_PATIENCE_MS = 30_000;
const REFUSED_PAUSE_MS = 60_000;

export async function read(answer: Response): Promise<Verdict> {
  const text = await answer.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const said = (body ?? {}) as { accepted?: unknown; rejected?: number; message?: string; errors?: { message: string }[] };
  const why = `${answer.status} ${said.message ?? text.slice(0, 200)}`;
  const { status } = answer;
  if (status >= 200 && status < 300) {
    // A page of something else at this address has taken nothing.
    if (typeof said.accepted !== "number") return { kind: "refused", why: `no HiveBoard at this address (${why})` };
    const problems = (said.errors ?? []).map((problem) => problem.message);
    return { kind: "taken", rejected: said.rejected ?? 0, problems };
  }
  if (status === 413) return { kind: "too_large" };
  if ([401, 403, 404, 405, 407, 410, 501].includes(status)) return { kind: "refused", why };
  if ([408, 425, 429].includes(status) || status >= 500) {
    const seconds = Number(answer.headers.get("retry-after"));
    return seconds > 0 ? { kind: "later", why, afterMs: seconds * 1_000 } : { kind: "later", why };
  }
  if (status >= 300 && status < 400) return { kind: "refused", why: `no HiveBoard at this address (${why})` };
  return { kind: "faulty", why };
}

export class Sender {
  readonly stats: Stats = { queued: 0, sent: 0, rejected: 0, dropped: 0, retries: 0 };
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private wake: (() => void) | undefined;
  private told = new Map<string, number>();
  private closed = false;

  constructor(private readonly options: SenderOptions) {}

  push(envelope: Envelope, event: HiveEvent): void {
    if (this.closed) {
      this.stats.dropped += 1;
      return;
    }
    if (this.waiting.length >= this.options.maxQueueSize) {
      this.waiting.shift();
      this.stats.dropped += 1;
      this.tell("the queue is full: the oldest events are dropped");
    }
    this.waiting.push({ envelope, event });
    this.stats.queued = this.waiting.length;
    if (this.waiting.length >= this.options.batchSize) this.start();
    else this.startLater();
  }

  /** Resolves once all that waits now was taken, refused or dropped; `false` when that took longer. */
  async flush(timeoutMs: number): Promise<boolean> {
    const last = this.waiting.at(-1);
    if (last === undefined && this.sending === undefined) return true;
    this.failures = 0;
    this.wake?.();
    this.start();
    const deadline = Date.now() + timeoutMs;
    while (last !== undefined ? this.waiting.includes(last) : this.sending !== undefined) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      await new Promise<void>((done) => setTimeout(done, Math.min(10, left)));
    }
    return true;
  }

  async close(timeoutMs: number): Promise<boolean> {
    const done = await this.flush(timeoutMs);
    this.closed = true;
    clearTimeout(this.timer);
    this.stats.dropped += this.waiting.length;
    this.waiting = [];
    this.stats.queued = 0;
    this.wake?.();
    return done;
  }

  private startLater(): void {
    if (this.timer !== undefined || this.sending !== undefined) return;
    this.timer = setTimeout(() => this.start(), this.options.flushIntervalMs);
    // Waiting events keep no process alive by themselves; `beforeExit` sends them.
    (this.timer as { unref?: () => void }).unref?.();
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending ??= this.drain().finally(() => {
      this.sending = undefined;
      if (this.waiting.length > 0 && !this.closed) this.startLater();
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0 && !this.closed) {
      const batch = this.next(this.options.batchSize);
      const verdict = await this.send(batch);
      if (this.closed) return;
      await this.take(batch, verdict);
    }
  }

  /** The oldest event and what follows of the same agent. */
  private next(most: number): Waiting[] {
    const first = this.waiting[0];
    if (first === undefined) return [];
    const batch: Waiting[] = [];
    let size = 0;
    for (const one of this.waiting) {
      if (one.envelope !== first.envelope) continue;
      size += bytes(one.event) + 1;
      if (batch.length > 0 && (batch.length >= most || size > MOST_BYTES)) break;
      batch.push(one);
    }
    return batch;
  }

  private async send(batch: readonly Waiting[]): Promise<Verdict> {
    const body = JSON.stringify({ envelope: batch[0]?.envelope, events: batch.map((one) => one.event) });
    try {
      const answer = await this.options.fetch(this.options.url, {
        method: "POST",
        headers: { authorization: `Bearer ${this.options.key}`, "content-type": "application/json" },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(REQUEST_PATIENCE_MS),
      });
      return await read(answer);
    } catch (error) {
      return { kind: "later", why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  }

  private async take(batch: readonly Waiting[], verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case "taken":
        this.failures = 0;
        this.stats.sent += batch.length - verdict.rejected;
        this.stats.rejected += verdict.rejected;
        for (const problem of verdict.problems.slice(0, 3)) this.tell(`the server rejected an event: ${problem}`);
        return this.forget(batch);
      case "faulty":
        this.stats.dropped += batch.length;
        this.tell(`the server refused ${batch.length} events, which are dropped: ${verdict.why}`);
        return this.forget(batch);
      case "too_large":
        return this.splitAndSend(batch);
      case "refused":
        this.tell(`the server refuses: ${verdict.why}. Check the key and the endpoint; tried again once a minute`);
        return this.pause(REFUSED_PAUSE_MS);
      case "later": {
        this.stats.retries += 1;
        const backOff = Math.min(60_000, 1_000 * 2 ** this.failures) * (0.75 + Math.random() / 2);
        this.failures += 1;
        this.tell(`events wait for the server: ${verdict.why}`);
        return this.pause(verdict.afterMs ?? backOff);
      }
    }
  }

  private async splitAndSend(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 1) {
      this.stats.dropped += 1;
      this.tell("an event is too large for the server and is dropped");
      return this.forget(batch);
    }
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      const verdict = await this.send(half);
      await this.take(half, verdict);
      // The second half must not overtake the first.
      if (verdict.kind !== "taken" && verdict.kind !== "faulty" && verdict.kind !== "too_large") return;
    }
  }

  private forget(batch: readonly Waiting[]): void {
    const gone = new Set(batch);
    this.waiting = this.waiting.filter((one) => !gone.has(one));
    this.stats.queued = this.waiting.length;
  }

  /** Waits, unless a flush asks for another try at once. */
  private async pause(milliseconds: number): Promise<void> {
    await Promise.race([
      this.options.wait(milliseconds),
      new Promise<void>((wake) => {
        this.wake = wake;
      }),
    ]);
    this.wake = undefined;
  }

  /** Each message once a minute at most. */
  private tell(message: string): void {
    const key = message.slice(0, 40);
    const now = Date.now();
    if (now - (this.told.get(key) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    this.told.set(key, now);
    this.options.warn(`hiveloop: ${message}`);
  }
}
