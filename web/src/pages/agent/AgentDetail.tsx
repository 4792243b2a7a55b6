import { useQuery } from "@tanstack/react-query";
import { agentQuery, pipelineQuery } from "~/api/queries";
import { PipelineBoard } from "~/components/pipeline/PipelineBoard";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { useLiveBatch } from "~/live/LiveProvider";
import { useView } from "~/view/url";
import { AgentHeader } from "./AgentHeader";
import styles from "./agent.module.css";
import { DayCharts } from "./DayCharts";
import { Heartbeats } from "./Heartbeats";
import { Instances } from "./Instances";
import { Versions } from "./Versions";

/** The figures of one agent are read anew at most this often while it reports. */
const REFRESH_MS = 5_000;

/** One agent: how it is, what waits for it, how its day went, which versions of it do better. */
export function AgentDetail() {
  const { view } = useView();
  if (view.agent === undefined)
    return <Empty title="No agent chosen">Pick one in the Hive: a double click opens it here.</Empty>;
  return <Detail agentId={view.agent} key={`${view.mode} ${view.agent}`} />;
}

function Detail({ agentId }: { agentId: string }) {
  const { view } = useView();
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
      <ErrorState what={agentId} error={agent.error} onRetry={() => void agent.refetch()} />
    );
  return (
    <div className={styles.page}>
      <AgentHeader agent={agent.data} />
      {pipeline.data !== undefined && <PipelineBoard pipelines={pipeline.data} fleet={false} />}
      <DayCharts agent={agent.data} />
      <Versions versions={agent.data.versions} />
      <div className={styles.two}>
        <Heartbeats heartbeats={agent.data.recent_heartbeats} />
        <Instances instances={agent.data.instances} />
      </div>
    </div>
  );
}
