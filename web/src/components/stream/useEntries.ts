import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { eventsQuery } from "~/api/queries";
import type { HiveEvent } from "~/api/types";
import { FEED_PARAMETERS, type Feed, inFeed } from "~/events/feeds";
import { useLiveBatch } from "~/live/LiveProvider";
import type { View } from "~/view/url";
import { type Entry, liveEntry, mergeEntries, pastEntry, silentEntry } from "./entries";

/** Live entries kept; older ones can be read from the server again. */
const LIVE_LIMIT = 1_000;
/** Entries shown. */
const SHOWN_LIMIT = 600;
const PAST_LIMIT = 100;

function inScope(event: HiveEvent, view: View): boolean {
  return (
    (view.project === undefined || event.project_id === view.project) &&
    (view.environment === undefined || event.environment === view.environment) &&
    (view.group === undefined || event.group === view.group) &&
    (view.agent === undefined || event.agent_id === view.agent)
  );
}

function shows(entry: Entry, view: View, feed: Feed): boolean {
  if (entry.kind === "event") return inScope(entry.event, view) && inFeed(entry.event, feed);
  return (feed === "all" || feed === "error") && (view.agent === undefined || entry.notice.agent_id === view.agent);
}

/** The entries of a feed within the view's scope: read once, then live. */
export function useEntries(view: View, feed: Feed) {
  const [live, setLive] = useState<readonly Entry[]>([]);
  const newestSeq = useRef(0);
  const scope = {
    project_id: view.project,
    environment: view.environment,
    group: view.group,
    agent_id: view.agent,
    limit: PAST_LIMIT,
  };
  const past = useQueries({
    queries: FEED_PARAMETERS[feed].map((parameters) => ({
      ...eventsQuery(view.mode, { ...scope, ...parameters }),
      // What arrived since is added below; an old page would leave a gap between the two.
      gcTime: 0,
    })),
    combine: (results) => ({
      events: results.flatMap((result) => result.data?.data ?? []),
      pending: results.some((result) => result.isPending),
      error: results.find((result) => result.error !== null)?.error ?? null,
      refetch: () => {
        for (const result of results) void result.refetch();
      },
    }),
  });

  useLiveBatch((batch) => {
    const silent = [...batch.statuses.values()].filter((frame) => frame.new_status === "stuck");
    if (batch.events.length === 0 && silent.length === 0) return;
    const now_ms = Date.now();
    for (const event of batch.events) newestSeq.current = Math.max(newestSeq.current, event.seq);
    const arrived = [
      ...silent.map((notice) => silentEntry(notice, newestSeq.current, now_ms)),
      ...batch.events.map((event) => liveEntry(event, now_ms)).reverse(),
    ];
    setLive((before) => [...arrived, ...before].slice(0, LIVE_LIMIT));
  });

  const { project, environment, group, agent, mode } = view;
  const entries = useMemo(() => {
    const narrowed = { project, environment, group, agent, mode } as View;
    return mergeEntries(
      live.filter((entry) => shows(entry, narrowed, feed)),
      past.events.filter((event) => inFeed(event, feed)).map(pastEntry),
      SHOWN_LIMIT,
    );
  }, [live, past.events, feed, project, environment, group, agent, mode]);
  if (newestSeq.current === 0) newestSeq.current = entries[0]?.seq ?? 0;
  return { entries, pending: past.pending, error: past.error, refetch: past.refetch };
}
