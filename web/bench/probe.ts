import type { CDPSession, Page } from "@playwright/test";

/** What a page cost between two moments. */
export interface Cost {
  seconds: number;
  /** Milliseconds in which the main thread was at work. */
  main_ms: number;
  frames: number;
  /** Frames that the display would have shown, had they been drawn in time. */
  dropped: number;
  /** The longest run of frames missed in a row. */
  longest_run: number;
  /** Milliseconds of the longest task on the main thread; 0 where none took 50 ms. */
  longest_task_ms: number;
}

interface Watched {
  frames: number;
  dropped: number;
  longest_run: number;
  longest_task_ms: number;
}

const FRAME_MS = 1_000 / 60;

/** Watches frames and long tasks in the page, and asks Chromium for its own counters. */
export class Probe {
  readonly #page: Page;
  readonly #session: CDPSession;
  #began_ms = 0;
  #busy_ms = 0;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async on(page: Page): Promise<Probe> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    return new Probe(page, session);
  }

  async begin(): Promise<void> {
    await this.#page.evaluate((frame_ms) => {
      const watched: Watched & { on: boolean } = {
        on: true,
        frames: 0,
        dropped: 0,
        longest_run: 0,
        longest_task_ms: 0,
      };
      Object.assign(window, { watched });
      let before = performance.now();
      const tick = (now: number) => {
        if (!watched.on) return;
        const missed = Math.max(0, Math.round((now - before) / frame_ms) - 1);
        watched.frames += 1;
        watched.dropped += missed;
        watched.longest_run = Math.max(watched.longest_run, missed);
        before = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          watched.longest_task_ms = Math.max(watched.longest_task_ms, Math.round(entry.duration));
      }).observe({ type: "longtask" });
    }, FRAME_MS);
    this.#busy_ms = await this.#mainThread_ms();
    this.#began_ms = Date.now();
  }

  async end(): Promise<Cost> {
    const seconds = (Date.now() - this.#began_ms) / 1_000;
    const main_ms = (await this.#mainThread_ms()) - this.#busy_ms;
    const { frames, dropped, longest_run, longest_task_ms } = await this.#page.evaluate(() => {
      const { watched } = window as unknown as { watched: Watched & { on: boolean } };
      watched.on = false;
      return watched;
    });
    return { seconds, main_ms, frames, dropped, longest_run, longest_task_ms };
  }

  /** Bytes of live objects, after a collection. */
  async heap(): Promise<number> {
    await this.#session.send("HeapProfiler.collectGarbage");
    return this.#metric("JSHeapUsedSize");
  }

  nodes(): Promise<number> {
    return this.#metric("Nodes");
  }

  async #mainThread_ms(): Promise<number> {
    return (await this.#metric("TaskDuration")) * 1_000;
  }

  async #metric(name: string): Promise<number> {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === name)?.value ?? 0;
  }
}

/** Bytes of scripts and styles as they travelled, since the document began. */
export function bytesLoaded(page: Page): Promise<number> {
  return page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => /\.(js|css)(\?|$)/.test(name))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  );
}
