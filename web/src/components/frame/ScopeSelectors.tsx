import type { ReactNode } from "react";
import type { AgentCard } from "~/api/queries";
import { CROWDED, useMedia } from "~/appearance/media";
import { buttonClass } from "~/components/ui/Button";
import popover from "~/components/ui/Popover.module.css";
import { Select, type SelectOption } from "~/components/ui/Select";
import { useFloating } from "~/components/ui/useFloating";
import { legible } from "~/format/legible";
import { formatClockShort } from "~/format/time";
import { useAgents } from "~/view/agents";
import { RANGE_WORDS, RANGES, useView } from "~/view/url";
import styles from "./TopBar.module.css";

const ALL = "";

/** The labels that agents carry, with how many carry each; the chosen one stays on offer even when nobody carries it any more. */
function labelOptions(
  agents: readonly AgentCard[],
  labels: (agent: AgentCard) => readonly string[],
  chosen: string | undefined,
  all: string,
): SelectOption<string>[] {
  const counts = new Map<string, number>();
  for (const agent of agents) for (const label of labels(agent)) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (chosen !== undefined && !counts.has(chosen)) counts.set(chosen, 0);
  return [
    { value: ALL, label: all },
    ...[...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([value, count]) => ({ value, label: legible(value), note: String(count) })),
  ];
}

/** The selector of the range; a slice of time shows as such, and choosing a range leaves it. */
export function RangeSelect() {
  const { view, set } = useView();
  const sliced = view.since !== undefined && view.until !== undefined;
  return (
    <Select
      label="Time range"
      icon="clock"
      strong
      value={view.range}
      display={
        sliced
          ? `${formatClockShort(view.since ?? "")} – ${formatClockShort(view.until ?? "")}`
          : RANGE_WORDS[view.range]
      }
      options={RANGES.map((value) => ({ value, label: RANGE_WORDS[value] }))}
      onChange={(range) => set({ range: range === "1h" ? undefined : range, since: undefined, until: undefined })}
    />
  );
}

/** Environment, project and group: what every view is narrowed to. */
function Labels() {
  const { view, set } = useView();
  const agents = useAgents(view).all ?? [];
  return (
    <>
      <Select
        label="Environment"
        value={view.environment ?? ALL}
        strong={view.environment !== undefined}
        options={labelOptions(agents, (agent) => [agent.environment], view.environment, "all environments")}
        onChange={(value) => set({ environment: value || undefined })}
      />
      <Select
        label="Project"
        value={view.project ?? ALL}
        strong={view.project !== undefined}
        options={labelOptions(agents, (agent) => agent.projects, view.project, "all projects")}
        onChange={(value) => set({ project: value || undefined })}
      />
      <Select
        label="Group"
        className={styles.groupSelect ?? ""}
        value={view.group ?? ALL}
        strong={view.group !== undefined}
        options={labelOptions(agents, (agent) => [agent.group], view.group, "all groups")}
        onChange={(value) => set({ group: value || undefined })}
      />
    </>
  );
}

/** The labels where there is room for them, and the range. */
export function ScopeSelectors() {
  const crowded = useMedia(CROWDED);
  return (
    <div className={styles.scope}>
      {!crowded && <Labels />}
      <RangeSelect />
    </div>
  );
}

/** The labels behind a button, on screens whose bar has no room for them. */
export function ScopePanel({ children }: { children: ReactNode }) {
  const floating = useFloating();
  return (
    <>
      <button
        type="button"
        {...floating.trigger}
        className={buttonClass({ look: "ghost", small: true })}
        aria-haspopup="dialog"
        aria-label="Environment, project and group"
      >
        {children}
      </button>
      <div {...floating.panel} className={popover.popover} role="dialog" aria-label="Environment, project and group">
        {floating.open && (
          <div className={styles.labels}>
            <Labels />
          </div>
        )}
      </div>
    </>
  );
}
