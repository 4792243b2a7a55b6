import { useEffect, useState } from "react";
import { SILENCE_LIMIT_MS } from "~/live/connection";
import { useConnection } from "~/live/LiveProvider";

/** How long a connection may be away before the board speaks of it: a restart of the server passes unnoticed. */
const PATIENCE_MS = 2_000;

/** Whether the figures on the screen are of a moment that is past. */
export function useStale(): boolean {
  const { state, since_ms, heard_at_ms } = useConnection();
  const [stale, setStale] = useState(false);
  // The clock.
  useEffect(() => {
    if (state !== "offline") return setStale(false);
    // A connection that was closed has been so for no time; one that fell silent has been away as long as nothing was heard.
    const isSilent = heard_at_ms !== null && since_ms - heard_at_ms >= SILENCE_LIMIT_MS;
    const away_ms = isSilent ? heard_at_ms : since_ms;
    const timer = setTimeout(() => setStale(true), Math.max(0, away_ms + PATIENCE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [state, since_ms, heard_at_ms]);
  return stale;
}
