import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { agentQuery, pipelineQuery } from "~/api/queries";
import { PipelineBoard } from "~/components/pipeline/PipelineBoard";
import { buttonClass } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Segmented } from "~/components/ui/Segmented";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { legible } from "~/format/legible";
import { useLiveBatch } from "~/live/LiveProvider";
import { useAgents } from "~/view/agents";
import { sharedSearch, useView, type ViewSearch } from "~/view/url";
import { AgentEvents } from "./AgentEvents";
import { AgentHeader } from "./AgentHeader";
import { AgentTasks } from "./AgentTasks";
import styles from "./agent.module.css";
import { Heartbeats } from "./Heartbeats";
import { Instances } from "./Instances";
import { Metrics } from "./Metrics";
import { StateStrip, States } from "./States";
import { Versions } from "./Versions";

/** The figures of one agent are read anew at most this often while it reports. */
const REFRESH_MS = 5_000;

const TABS = [
  { value: "tasks", label: "Tasks" },
  { value: "pipeline", label: "Pipeline" },
  { value: "metrics", label: "Metrics" },
  { value: "events", label: "Events" },
  { value: "heartbeats", label: "Heartbeats" },
  { value: "states", label: "States" },
] as const;
type Tab = (typeof TABS)[number]["value"];

/** One agent: how it is, what waits for it, how it does, which versions of it do better. */
export function AgentDetail() {
  const { view } = useView();
  if (view.agent === undefined)
    return <Empty title="No agent chosen">Pick one in the Hive: a double click opens it here.</Empty>;
  return <Detail agentId={view.agent} key={`${view.mode} ${view.agent}`} />;
}

function Detail({ agentId }: { agentId: string }) {
  const { view, set } = useView();
  const search = useSearch({ strict: false }) as ViewSearch;
  const page = useRef<HTMLDivElement>(null);
  const card = useAgents(view).all?.find((each) => each.agent_id === agentId);
  const agent = useQuery(agentQuery(view.mode, agentId));
  const pipeline = useQuery(pipelineQuery(view.mode, { agent_id: agentId }));
  useLiveBatch((batch) => {
    const concerned =
      batch.statuses.has(agentId) ||
      batch.heartbeats.has(agentId) ||
      batch.events.some((event) => event.agent_id === agentId);
    if (concerned && Date.now() - agent.dataUpdatedAt > REFRESH_MS) void agent.refetch({ cancelRefetch: false });
  });
  if (agent.data === undefined)
    return agent.error === null ? (
      <SkeletonRows count={12} height={34} />
    ) : (
      <ErrorState
        what={legible(agentId)}
        error={agent.error}
        onRetry={() => void agent.refetch()}
        gone={{
          title: `No agent ${legible(agentId)} here`,
          step: (
            <Link
              className={buttonClass({ small: true })}
              to="/"
              search={{ ...sharedSearch(search), agent: undefined } as never}
            >
              Look at all agents
            </Link>
          ),
        }}
      />
    );
  const tab: Tab = TABS.find((each) => each.value === view.tab)?.value ?? "tasks";
  // The Hive hears of a change at once; this answer is read every few seconds. Both tell of one state.
  const shown =
    card === undefined
      ? agent.data
      : {
          ...agent.data,
          derived_status: card.derived_status,
          current_task_id: card.current_task_id,
          current_task_run_id: card.current_task_run_id,
        };
  return (
    <div ref={page} className={styles.page}>
      <AgentHeader agent={shown} heardAt_ms={card?.heartbeat_at_ms ?? null} />
      <StateStrip agentId={agentId} />
      <div className={styles.tabs}>
        <Segmented
          label="Part of the agent"
          value={tab}
          options={TABS}
          onChange={(value) => set({ tab: value === "tasks" ? undefined : value }, { replace: true })}
        />
      </div>
      {tab === "tasks" && <AgentTasks page={page} />}
      {tab === "pipeline" &&
        (pipeline.data !== undefined ? (
          <PipelineBoard pipelines={pipeline.data} fleet={false} />
        ) : pipeline.error !== null ? (
          <ErrorState what="Its pipeline" error={pipeline.error} onRetry={() => void pipeline.refetch()} />
        ) : (
          <SkeletonRows count={8} />
        ))}
      {tab === "metrics" && (
        <>
          <Metrics />
          <Versions versions={agent.data.versions} />
        </>
      )}
      {tab === "events" && <AgentEvents />}
      {tab === "states" && <States agentId={agentId} />}
      {tab === "heartbeats" && (
        <div className={styles.two}>
          <Heartbeats heartbeats={agent.data.recent_heartbeats} />
          <Instances instances={agent.data.instances} />
        </div>
      )}
    </div>
  );
}
