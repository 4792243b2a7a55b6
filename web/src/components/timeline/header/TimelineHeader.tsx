import type { ReactNode } from "react";
import { ERROR_COUNT_WORDS } from "~/api/failures";
import type { Task } from "~/api/types";
import { StatusBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import { Segmented } from "~/components/ui/Segmented";
import { toast } from "~/components/ui/toast";
import { formatCount, formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { formatUtc } from "~/format/time";
import { LOOKS, type Look } from "~/view/url";
import type { Breakdown } from "../model/breakdown";
import type { ExceptionFacts } from "../model/types";
import { HowItStands } from "./HowItStands";
import styles from "./header.module.css";
import { RunPicker } from "./RunPicker";
import { TimeSplit } from "./TimeSplit";

export interface TimelineHeaderProps {
  task: Task;
  runs: readonly Task[];
  split: Breakdown;
  durationMs: number | null;
  look: Look;
  onLook: (look: Look) => void;
  onRun: (taskRunId: string) => void;
  onAgent: () => void;
  onClose: () => void;
  /** Goes to the failure after the one that is selected; undefined where there is none. */
  onNextFailure: (() => void) | undefined;
  /** How the task itself ended, in its own words. */
  exception: ExceptionFacts | null;
  /** The button that opens the task alone, or closes that view. */
  full?: ReactNode;
}

const WORDS = { story: "Story", waterfall: "Waterfall", transcript: "Transcript" } as const;
const ICONS = { story: "story", waterfall: "fall", transcript: "script" } as const;

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    toast({ tone: "success", title: "Link copied", text: "View, filters, task, run and pinned node." });
  } catch {
    toast({
      tone: "waiting",
      title: "Not copied",
      text: "The browser gives this page no clipboard. The address bar has the link.",
    });
  }
}

/** What the run is, how it went, what it took, and how to look at it. */
export function TimelineHeader({
  task,
  runs,
  split,
  durationMs,
  look,
  onLook,
  onRun,
  onAgent,
  onClose,
  onNextFailure,
  exception,
  full,
}: TimelineHeaderProps) {
  const labels = [task.agent_version, task.task_type, task.project_id].filter(
    (label) => label !== null && label !== "",
  );
  // Lists count each failed step; here it is told how many things went wrong.
  const causes =
    task.cause_count === task.error_count
      ? null
      : `${formatCount(task.cause_count)} ${task.cause_count === 1 ? "cause" : "causes"}`;
  const estimated = (task.estimated_cost ?? 0) > 0;
  return (
    <header>
      <div className={styles.head}>
        <h2 className={styles.id} title={legible(task.task_id)}>
          {legible(task.task_id)}
        </h2>
        <StatusBadge status={task.derived_status} />
        <span className={`${styles.who} ell`}>
          <button type="button" className="link" onClick={onAgent}>
            {legible(task.agent_id)}
          </button>{" "}
          <span className="dim">{labels.join(" · ")}</span>
        </span>
        <span className="grow" />
        <RunPicker runs={runs} current={task.task_run_id} onPick={onRun} />
        <Segmented
          label="How to look at it"
          value={look}
          options={LOOKS.map((each) => ({
            value: each,
            name: WORDS[each],
            label: (
              <>
                <Icon name={ICONS[each]} size={14} />
                <span className={styles.lookWord}>{WORDS[each]}</span>
              </>
            ),
          }))}
          onChange={onLook}
        />
        <span className={styles.push} />
        <Button look="ghost" small icon aria-label="Copy link" onClick={copyLink}>
          <Icon name="link" />
        </Button>
        {full}
        <Button look="ghost" small icon aria-label="Close this task" onClick={onClose}>
          <Icon name="x" />
        </Button>
      </div>
      <HowItStands task={task} exception={exception} />
      <div className={styles.measures}>
        <dl className={styles.facts}>
          <Fact
            name="Took"
            title={`${formatUtc(task.started_at)}${task.completed_at ? ` to ${formatUtc(task.completed_at)}` : ""}`}
          >
            {formatDuration(durationMs)}
          </Fact>
          {task.total_cost !== null && (
            <Fact name="Cost" title={estimated ? `${formatMoney(task.estimated_cost)} of it estimated` : undefined}>
              {formatMoney(task.total_cost)}
              {estimated && <span className={styles.estimated}>est.</span>}
            </Fact>
          )}
          {(task.total_tokens_in !== null || task.total_tokens_out !== null) && (
            <Fact name="Tokens" wide>
              {formatTokens(task.total_tokens_in)} → {formatTokens(task.total_tokens_out)}
            </Fact>
          )}
          {(task.llm_call_count ?? 0) > 0 && <Fact name="LLM">{formatCount(task.llm_call_count)}</Fact>}
          <Fact name="Actions" wide>
            {formatCount(task.action_count)}
          </Fact>
          {task.error_count > 0 && (
            <Fact name="Errors" bad title={ERROR_COUNT_WORDS}>
              {onNextFailure === undefined ? (
                formatCount(task.error_count)
              ) : (
                <button
                  type="button"
                  className={styles.next}
                  aria-label={`${task.error_count} ${task.error_count === 1 ? "error" : "errors"}${causes === null ? "" : `, ${causes}`}: go to the next`}
                  onClick={onNextFailure}
                >
                  {formatCount(task.error_count)}
                </button>
              )}
              {causes !== null && <span className={styles.estimated}>{causes}</span>}
            </Fact>
          )}
        </dl>
        <TimeSplit split={split} />
      </div>
    </header>
  );
}

interface FactProps {
  name: string;
  title?: string | undefined;
  bad?: boolean;
  /** Left out where there is little room. */
  wide?: boolean;
  children: ReactNode;
}

function Fact({ name, title, bad = false, wide = false, children }: FactProps) {
  return (
    <div title={title} className={wide ? styles.wideFact : undefined}>
      <dt>{name}</dt>
      <dd className={bad ? "bad" : undefined}>{children}</dd>
    </div>
  );
}
