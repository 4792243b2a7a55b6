import { useQuery } from "@tanstack/react-query";
import { costQuery, costSeriesQuery } from "~/api/queries";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Segmented } from "~/components/ui/Segmented";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { usePeriodParameters } from "~/view/period";
import { useView } from "~/view/url";
import { CallsTable } from "./CallsTable";
import { CostRibbon } from "./CostRibbon";
import styles from "./cost.module.css";
import { GroupTable } from "./GroupTable";
import { StackedChart } from "./StackedChart";
import { modelShades } from "./shades";

const SECOND = [
  { value: "agent", label: "Agent" },
  { value: "project", label: "Project" },
  { value: "task_type", label: "Task type" },
] as const;
type SecondDimension = (typeof SECOND)[number]["value"];

/** What models cost, who spends it, on what, and against the period before. */
export function CostExplorer() {
  const { view, set } = useView();
  const period = usePeriodParameters(view);
  const by: SecondDimension = SECOND.find((option) => option.value === view.by)?.value ?? "agent";
  const models = useQuery(costQuery(view.mode, { ...period.now, group_by: "model" }));
  const modelsBefore = useQuery(costQuery(view.mode, { ...period.before, group_by: "model" }));
  const groups = useQuery(costQuery(view.mode, { ...period.now, group_by: by }));
  const groupsBefore = useQuery(costQuery(view.mode, { ...period.before, group_by: by }));
  const series = useQuery(costSeriesQuery(view.mode, { ...period.now, split_by_model: true }));
  const shades = modelShades(models.data?.groups ?? []);

  if (models.data === undefined && models.error !== null)
    return <ErrorState what="Costs" error={models.error} onRetry={() => void models.refetch()} />;
  const nothing = models.data?.totals.call_count === 0;
  return (
    <div className={styles.page}>
      <h1 className="sr-only">Cost Explorer</h1>
      <CostRibbon now={models.data?.totals} before={modelsBefore.data?.totals} />
      {nothing ? (
        <Empty
          title="No model was called in this time"
          step={
            view.range === "30d" ? undefined : (
              <button
                type="button"
                className="link"
                onClick={() => set({ range: "30d", since: undefined, until: undefined })}
              >
                Look at the last 30 days
              </button>
            )
          }
        >
          Calls show up when agents report them: task.llm_call(name, model, tokens_in=…, tokens_out=…, cost=…).
        </Empty>
      ) : (
        <>
          <section className={styles.section} aria-label="Cost over time">
            <StackedChart series={series.data} shades={shades} since_ms={period.since_ms} until_ms={period.until_ms} />
          </section>
          <div className={styles.two}>
            <section aria-label="Cost by model">
              <div className={styles.head}>
                <h2>By model</h2>
              </div>
              {models.data === undefined ? (
                <SkeletonRows count={4} />
              ) : (
                <GroupTable
                  dimension="model"
                  groups={models.data.groups}
                  before={modelsBefore.data?.groups}
                  other={models.data.other}
                  shades={shades}
                />
              )}
            </section>
            <section aria-label={`Cost by ${by}`}>
              <div className={styles.head}>
                <h2>By {SECOND.find((option) => option.value === by)?.label.toLowerCase()}</h2>
                <span className="grow" />
                <Segmented
                  label="Group by"
                  value={by}
                  options={SECOND}
                  onChange={(value) => set({ by: value === "agent" ? undefined : value }, { replace: true })}
                />
              </div>
              {groups.data === undefined ? (
                <SkeletonRows count={4} />
              ) : (
                <GroupTable
                  dimension={by}
                  groups={groups.data.groups}
                  before={groupsBefore.data?.groups}
                  other={groups.data.other}
                />
              )}
            </section>
          </div>
          <CallsTable parameters={period.now} total={models.data?.totals.call_count} />
        </>
      )}
    </div>
  );
}
