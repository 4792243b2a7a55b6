import { useEffect, useState } from "react";

/** Seconds left until a moment of this machine's clock, ticking even while the clock of the ages is held; null without a moment. */
export function useCountdown(until_ms: number | null): number | null {
  const [now_ms, setNow] = useState(Date.now);
  // The browser's timer.
  useEffect(() => {
    if (until_ms === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until_ms]);
  return until_ms === null ? null : Math.max(0, Math.ceil((until_ms - now_ms) / 1_000));
}
