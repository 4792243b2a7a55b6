import { useQuery } from "@tanstack/react-query";
import { costQuery, costSeriesQuery } from "~/api/queries";
import { LongestRange } from "~/components/frame/LongestRange";
import { Answer } from "~/components/ui/Answer";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Segmented } from "~/components/ui/Segmented";
import { Select } from "~/components/ui/Select";
import { usePeriodParameters } from "~/view/period";
import { useView } from "~/view/url";
import { CallsTable } from "./CallsTable";
import { CostRibbon } from "./CostRibbon";
import styles from "./cost.module.css";
import { GroupTable } from "./GroupTable";
import { StackedChart } from "./StackedChart";
import { shadesOf } from "./shades";
import { WhatIf } from "./WhatIf";

const SECOND = [
  { value: "agent", label: "Agent" },
  { value: "project", label: "Project" },
  { value: "task_type", label: "Task type" },
  { value: "version", label: "Version" },
  { value: "environment", label: "Environment" },
] as const;
type SecondDimension = (typeof SECOND)[number]["value"];
const STACKS = [{ value: "model", label: "Model" }, ...SECOND] as const;
type Stack = (typeof STACKS)[number]["value"];

/** What models cost, who spends it, on what, and against the period before. */
export function CostExplorer() {
  const { view, set } = useView();
  const period = usePeriodParameters(view);
  const narrowed = { model: view.model, task_type: view.type, version: view.version };
  const [now, before] = [
    { ...period.now, ...narrowed },
    { ...period.before, ...narrowed },
  ];
  const by: SecondDimension = SECOND.find((option) => option.value === view.by)?.value ?? "agent";
  const byWords = SECOND.find((option) => option.value === by)?.label.toLowerCase();
  const stack: Stack = STACKS.find((option) => option.value === view.stack)?.value ?? "model";
  const models = useQuery(costQuery(view.mode, { ...now, group_by: "model" }));
  const modelsBefore = useQuery(costQuery(view.mode, { ...before, group_by: "model" }));
  const groups = useQuery(costQuery(view.mode, { ...now, group_by: by }));
  const groupsBefore = useQuery(costQuery(view.mode, { ...before, group_by: by }));
  const series = useQuery(costSeriesQuery(view.mode, { ...now, split_by: stack }));
  const stacked = useQuery(costQuery(view.mode, { ...now, group_by: stack }));
  const shades = shadesOf(stacked.data?.groups ?? [], stack);

  if (models.data === undefined && models.error !== null)
    return <ErrorState what="Costs" error={models.error} onRetry={() => void models.refetch()} />;
  const nothing = models.data?.totals.call_count === 0;
  return (
    <div className={styles.page}>
      <h1 className="sr-only">Cost Explorer</h1>
      <CostRibbon
        now={models.data?.totals}
        before={modelsBefore.data?.totals}
        unreadBefore={modelsBefore.data === undefined && modelsBefore.error !== null}
      />
      {nothing ? (
        <Empty title="No model was called in this time" step={view.range === "30d" ? undefined : <LongestRange />}>
          Calls show up when agents report them: task.llm_call(name, model, tokens_in=…, tokens_out=…, cost=…).
        </Empty>
      ) : (
        <>
          <section className={styles.section} aria-label="Cost over time">
            <StackedChart
              query={series}
              shades={shades}
              dimension={stack}
              since_ms={period.since_ms}
              until_ms={period.until_ms}
              onPick={(since_ms, until_ms) =>
                set({ since: new Date(since_ms).toISOString(), until: new Date(until_ms).toISOString() })
              }
              control={
                <Select
                  label="Stacked by"
                  value={stack}
                  options={STACKS}
                  onChange={(value) => set({ stack: value === "model" ? undefined : value }, { replace: true })}
                />
              }
            />
          </section>
          <div className={styles.two}>
            <section aria-label="Cost by model">
              <div className={styles.head}>
                <h2>By model</h2>
              </div>
              <Answer query={models} what="Costs by model" rows={4}>
                {({ groups, other }) => (
                  <GroupTable
                    dimension="model"
                    groups={groups}
                    before={modelsBefore.data?.groups}
                    other={other}
                    {...(stack === "model" && { shades })}
                  />
                )}
              </Answer>
            </section>
            <section aria-label={`Cost by ${by}`}>
              <div className={`${styles.head} ${styles.wrap}`}>
                <h2>By {byWords}</h2>
                <span className="grow" />
                <Segmented
                  label="Group by"
                  value={by}
                  options={SECOND}
                  onChange={(value) => set({ by: value === "agent" ? undefined : value }, { replace: true })}
                />
              </div>
              <Answer query={groups} what={`Costs by ${byWords}`} rows={4}>
                {(data) => (
                  <GroupTable
                    dimension={by}
                    groups={data.groups}
                    before={groupsBefore.data?.groups}
                    other={data.other}
                    {...(stack === by && { shades })}
                  />
                )}
              </Answer>
            </section>
          </div>
          {models.data !== undefined && <WhatIf totals={models.data.totals} models={models.data.groups} />}
          <CallsTable parameters={now} total={models.data?.totals.call_count} />
        </>
      )}
    </div>
  );
}
