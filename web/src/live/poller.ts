import { read } from "~/api/client";
import { ApiError } from "~/api/errors";
import type { DataMode, HiveEvent, Page } from "~/api/types";

const POLL_INTERVAL_MS = 2_000;
const PAGE_EVENTS = 200;

export interface PollerListener {
  /** Events in order of `seq`; empty when there is nothing new. */
  onEvents: (events: HiveEvent[]) => void;
  /** The server does not answer either. */
  onSilence: () => void;
}

/** Reads what was stored after a `seq` every two seconds: the way on where WebSockets are not let through. */
export class Poller {
  readonly #mode: DataMode;
  readonly #listener: PollerListener;
  readonly #stopping = new AbortController();
  #lastSeq: number | null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(mode: DataMode, sinceSeq: number | null, listener: PollerListener) {
    this.#mode = mode;
    this.#lastSeq = sinceSeq;
    this.#listener = listener;
    void this.#poll();
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      const page = await read<Page<HiveEvent>>(
        "/v1/events",
        this.#mode,
        // Without a place to go on from, the newest event is one.
        {
          exclude_heartbeats: false,
          ...(this.#lastSeq === null ? { limit: 1 } : { limit: PAGE_EVENTS, after_seq: this.#lastSeq }),
        },
        signal,
      );
      if (signal.aborted) return;
      const known = this.#lastSeq;
      this.#lastSeq = Math.max(known ?? 0, ...page.data.map((event) => event.seq));
      this.#listener.onEvents(known === null ? [] : page.data);
      this.#timer = setTimeout(() => void this.#poll(), page.data.length === PAGE_EVENTS ? 0 : POLL_INTERVAL_MS);
    } catch (error) {
      if (signal.aborted) return;
      // Too many reads is a word of a server that is there.
      if (error instanceof ApiError && error.status === 429) {
        this.#timer = setTimeout(() => void this.#poll(), (error.retryAfterSeconds ?? 2) * 1_000);
      } else this.#listener.onSilence();
    }
  }
}
