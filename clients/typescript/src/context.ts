/** Which task and action the running code belongs to, through `await`, timers and callbacks. */

import type { Task } from "./task.js";

export interface Place {
  task: Task;
  /** The innermost action. */
  action?: string;
}

interface Storage {
  run<R>(place: Place, work: () => R): R;
  getStore(): Place | undefined;
}

async function find(): Promise<Storage | undefined> {
  const given = (globalThis as { AsyncLocalStorage?: new () => Storage }).AsyncLocalStorage;
  if (given !== undefined) return new given();
  try {
    return new (await import("node:async_hooks")).AsyncLocalStorage<Place>();
  } catch {
    // A runtime without it: the context is then handed over by hand, as the argument of `task` and `track`.
    return undefined;
  }
}

const storage = await find();

export function within<R>(place: Place, work: () => R): R {
  return storage === undefined ? work() : storage.run(place, work);
}

export function here(): Place | undefined {
  return storage?.getStore();
}
