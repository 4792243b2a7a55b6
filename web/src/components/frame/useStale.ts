import { useEffect, useState } from "react";
import { useConnection } from "~/live/LiveProvider";

/** How long a connection may be away before the board speaks of it: a restart of the server passes unnoticed. */
const PATIENCE_MS = 2_000;

/** Whether the figures on the screen are of a moment that is past. */
export function useStale(): boolean {
  const { state, since_ms } = useConnection();
  const [stale, setStale] = useState(false);
  // The clock.
  useEffect(() => {
    if (state !== "offline") return setStale(false);
    const timer = setTimeout(() => setStale(true), Math.max(0, since_ms + PATIENCE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [state, since_ms]);
  return stale;
}
