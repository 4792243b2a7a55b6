import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { askHealth } from "~/api/health";
import { eventsQuery } from "~/api/queries";
import type { DataMode } from "~/api/types";
import { LiveCache } from "./cache";
import { holdClock, toServerTime } from "./clock";
import { type Connection, type LiveBatch, LiveStream } from "./connection";
import { watchAnswers } from "./unanswered";

const StreamContext = createContext<LiveStream | null>(null);

/** Keeps one stream open for the data mode on the screen, and the query cache up to it. */
export function LiveProvider({ mode, children }: { mode: DataMode; children: ReactNode }) {
  const client = useQueryClient();
  const stream = useMemo(() => new LiveStream(mode), [mode]);

  useEffect(() => {
    const cache = new LiveCache(client, mode);
    const off = stream.onBatch((batch) => cache.apply(batch));
    let joined_ms = 0;
    let unwatch = () => {};
    const offJoined = stream.onConnection(() => {
      const { state, since_ms } = stream.connection;
      if (state !== "live" || since_ms === joined_ms) return;
      const wasInterrupted = joined_ms !== 0;
      joined_ms = since_ms;
      cache.joined(since_ms);
      if (!wasInterrupted) return;
      unwatch();
      unwatch = watchAnswers({
        isLive: () => stream.connection.state === "live",
        ask: askHealth,
        reload: () => {
          // What hangs holds its connection until it is stopped, and the new document would wait behind it.
          window.stop();
          location.reload();
        },
      });
    });
    const offHeld = stream.onConnection(() => {
      const { state, heard_at_ms } = stream.connection;
      holdClock(state === "offline" && heard_at_ms !== null ? toServerTime(heard_at_ms) : null);
    });
    const onOffline = () => stream.networkLost();
    const onOnline = () => stream.retryNow();
    window.addEventListener("offline", onOffline);
    window.addEventListener("online", onOnline);
    let gone = false;
    // The stream starts after the newest event that was read, so that the seam between reading and listening has no gap.
    client
      .fetchQuery(eventsQuery(mode, { limit: 1, exclude_heartbeats: false }))
      .then((page) => page.data[0]?.seq ?? null)
      .catch(() => null)
      .then((seq) => {
        if (!gone) stream.start(seq);
      });
    return () => {
      gone = true;
      off();
      offJoined();
      unwatch();
      offHeld();
      holdClock(null);
      window.removeEventListener("offline", onOffline);
      window.removeEventListener("online", onOnline);
      cache.stop();
      stream.stop();
    };
  }, [client, mode, stream]);

  return <StreamContext value={stream}>{children}</StreamContext>;
}

export function useStream(): LiveStream {
  const stream = useContext(StreamContext);
  if (stream === null) throw new Error("useStream outside of LiveProvider");
  return stream;
}

/** The state of the connection; renders again when it changes. */
export function useConnection(): Connection {
  const stream = useStream();
  return useSyncExternalStore(
    stream.onConnection,
    () => stream.connection,
    () => stream.connection,
  );
}

/** Calls `listener` with every batch while the component is on the screen. The listener may be a new function each time. */
export function useLiveBatch(listener: (batch: LiveBatch) => void): void {
  const stream = useStream();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => stream.onBatch((batch) => latest.current(batch)), [stream]);
}
