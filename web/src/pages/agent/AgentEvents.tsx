import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { EntryList } from "~/components/stream/EntryList";
import type { Entry } from "~/components/stream/entries";
import { alone } from "~/components/stream/told";
import { useEntries } from "~/components/stream/useEntries";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./agent.module.css";

/** What the agent said, newest first, live. An entry opens its task there. */
export function AgentEvents() {
  const { view } = useView();
  const navigate = useNavigate();
  // The list measures the element that scrolls: it is drawn once that is there.
  const [element, setElement] = useState<HTMLElement | null>(null);
  const scroller = useMemo(() => ({ current: element }), [element]);
  const { entries, pending, error, refetch } = useEntries(view, "all");
  const choose = (entry: Entry) => {
    if (entry.kind !== "event" || entry.event.task_id === null) return;
    const { task_id, agent_id, task_run_id, event_id } = entry.event;
    void navigate({
      to: "/",
      search: (search: ViewSearch) =>
        patchSearch(sharedSearch(search), {
          task: task_id,
          owner: agent_id,
          run: task_run_id ?? undefined,
          node: event_id,
        }),
    } as never);
  };
  return (
    <section className={styles.events} ref={setElement} aria-label="Events">
      {element !== null && entries.length > 0 ? (
        <EntryList blocks={alone(entries)} voice={view.voice} scroller={scroller} onChoose={choose} />
      ) : error !== null ? (
        <ErrorState what="Its events" error={error} onRetry={refetch} />
      ) : pending ? (
        <SkeletonRows count={9} height={44} />
      ) : (
        <Empty title="Nothing has happened here">What the agent does shows up the moment it does it.</Empty>
      )}
    </section>
  );
}
