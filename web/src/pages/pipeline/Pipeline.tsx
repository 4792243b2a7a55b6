import { useQuery } from "@tanstack/react-query";
import { pipelineQuery } from "~/api/queries";
import { PipelineBoard } from "~/components/pipeline/PipelineBoard";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { useView } from "~/view/url";

/** What waits for the agents and what they worry about: of the fleet, or of the agent that the board is narrowed to. */
export function Pipeline() {
  const { view } = useView();
  const pipelines = useQuery(
    pipelineQuery(view.mode, {
      project_id: view.project,
      environment: view.environment,
      group: view.group,
      agent_id: view.agent,
    }),
  );
  return (
    <>
      <h1 className="sr-only">Pipeline</h1>
      {pipelines.data !== undefined ? (
        <PipelineBoard pipelines={pipelines.data} fleet={view.agent === undefined} />
      ) : pipelines.error !== null ? (
        <ErrorState what="The pipelines" error={pipelines.error} onRetry={() => void pipelines.refetch()} />
      ) : (
        <SkeletonRows count={12} height={34} />
      )}
    </>
  );
}
