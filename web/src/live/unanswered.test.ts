import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UNANSWERED_LIMIT_MS, watchAnswers } from "./unanswered";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A board whose question is answered, fails or hangs, as the test says. */
function watched(isLive: boolean) {
  const reload = vi.fn();
  let resolve = () => {};
  let reject = (_reason: Error) => {};
  const answer = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  let signal: AbortSignal | undefined;
  const stop = watchAnswers({
    isLive: () => isLive,
    ask: (given) => {
      signal = given;
      return answer;
    },
    reload,
  });
  return { reload, stop, resolve, reject, wasAbandoned: () => signal?.aborted };
}

test("a page whose requests hang while the stream is heard is loaded anew, once", () => {
  const { reload, wasAbandoned } = watched(true);
  vi.advanceTimersByTime(UNANSWERED_LIMIT_MS - 1);
  expect(reload).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10 * UNANSWERED_LIMIT_MS);
  expect(reload).toHaveBeenCalledTimes(1);
  expect(wasAbandoned()).toBe(true);
});

test("an answer is enough to stay, and so is a refusal", async () => {
  const answered = watched(true);
  const refused = watched(true);
  answered.resolve();
  refused.reject(new TypeError("Failed to fetch"));
  await vi.advanceTimersByTimeAsync(2 * UNANSWERED_LIMIT_MS);
  for (const { reload } of [answered, refused]) expect(reload).not.toHaveBeenCalled();
});

test("a server that is away, and a board that was left, are no reason", () => {
  const away = watched(false);
  const left = watched(true);
  left.stop();
  vi.advanceTimersByTime(2 * UNANSWERED_LIMIT_MS);
  for (const { reload } of [away, left]) expect(reload).not.toHaveBeenCalled();
  expect(left.wasAbandoned()).toBe(true);
});
