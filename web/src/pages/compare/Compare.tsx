import { Link, useSearch } from "@tanstack/react-router";
import type { Task, Timeline } from "~/api/types";
import { useTimeline } from "~/components/timeline/useTimeline";
import { StatusBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { Select } from "~/components/ui/Select";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { figures, Table } from "~/components/ui/Table";
import { formatCount, formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { formatClock } from "~/format/time";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import { align, tookOf } from "./align";
import styles from "./compare.module.css";

const NO_TASK = { task: undefined, owner: undefined, run: undefined, against: undefined };

/** Two runs of a task side by side: their figures, and step by step where they part. */
export function Compare() {
  const { view, set } = useView();
  const search = useSearch({ strict: false }) as ViewSearch;
  const address = { mode: view.mode, taskId: view.task ?? "", agentId: view.owner };
  const left = useTimeline({ ...address, runId: view.run });
  const runs = left.data?.runs ?? [];
  const shown = left.data?.task_run_id;
  // Without a second run the one before is meant, or the next one where there is none before.
  const other =
    view.against ??
    (runs[runs.findIndex((run) => run.task_run_id === shown) + 1] ?? runs.find((run) => run.task_run_id !== shown))
      ?.task_run_id;
  const right = useTimeline({ ...address, runId: other ?? view.run });
  if (view.task === undefined)
    return (
      <Empty title="Nothing to compare">Open a task that ran more than once, and choose to compare its runs.</Empty>
    );
  const failed = left.error ?? right.error;
  if (left.data === undefined || right.data === undefined)
    return failed === null ? (
      <SkeletonRows count={10} height={34} />
    ) : (
      <ErrorState
        what="The runs"
        error={failed}
        onRetry={() => void Promise.all([left.refetch(), right.refetch()])}
        gone={{
          title:
            left.error === null ? `No such run of ${legible(view.task)} here` : `No task ${legible(view.task)} here`,
          step: (
            <Button small onClick={() => set(left.error === null ? { against: undefined } : NO_TASK)}>
              Clear the selection
            </Button>
          ),
        }}
      />
    );
  if (runs.length < 2)
    return (
      <Empty
        title="This task ran once"
        step={
          <Link
            className="link"
            to="/"
            search={patchSearch(sharedSearch(search), { task: view.task, owner: view.owner }) as never}
          >
            Open the task
          </Link>
        }
      >
        There is nothing to compare it with yet.
      </Empty>
    );
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1 className="mono">{legible(left.data.task_id)}</h1>
        <span className="sub">{legible(left.data.agent_id)}</span>
      </header>
      <div className={styles.sides}>
        <Side label="First run" timeline={left.data} runs={runs} onPick={(run) => set({ run }, { replace: true })} />
        <Side
          label="Second run"
          timeline={right.data}
          runs={runs}
          onPick={(against) => set({ against }, { replace: true })}
        />
      </div>
      <Figures left={left.data} right={right.data} />
      <Steps left={left.data} right={right.data} />
    </div>
  );
}

interface SideProps {
  label: string;
  timeline: Timeline;
  runs: readonly Task[];
  onPick: (run: string) => void;
}

function Side({ label, timeline, runs, onPick }: SideProps) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  return (
    <section className={styles.side} aria-label={label}>
      <Select
        label={label}
        value={timeline.task_run_id}
        strong
        display={formatClock(timeline.started_at)}
        options={runs.map((run) => ({
          value: run.task_run_id,
          label: formatClock(run.started_at),
          note: `${run.derived_status}, ${formatDuration(run.duration_ms)}`,
        }))}
        onChange={onPick}
      />
      <StatusBadge status={timeline.derived_status} />
      {timeline.agent_version !== null && <span className="dim">{legible(timeline.agent_version)}</span>}
      <span className="grow" />
      <Link
        className="link"
        to="/"
        search={
          patchSearch(here, { task: timeline.task_id, owner: timeline.agent_id, run: timeline.task_run_id }) as never
        }
      >
        Open
      </Link>
      {timeline.exception_message !== null && (
        <p className={`${styles.why} bad`}>
          {timeline.exception_type !== null && <b>{timeline.exception_type}: </b>}
          {timeline.exception_message}
        </p>
      )}
    </section>
  );
}

interface Both {
  left: Timeline;
  right: Timeline;
}

interface Figure {
  name: string;
  value: (run: Timeline) => number | null;
  text: (value: number | null) => string;
}

const FIGURES: readonly Figure[] = [
  { name: "Took", value: (run) => run.duration_ms, text: formatDuration },
  { name: "Cost", value: (run) => run.total_cost, text: formatMoney },
  { name: "Tokens in", value: (run) => run.total_tokens_in, text: (value) => formatTokens(value) },
  { name: "Tokens out", value: (run) => run.total_tokens_out, text: (value) => formatTokens(value) },
  { name: "Model calls", value: (run) => run.llm_call_count, text: (value) => formatCount(value ?? 0) },
  { name: "Actions", value: (run) => run.action_count, text: (value) => formatCount(value ?? 0) },
  { name: "Retries", value: (run) => run.retry_count, text: (value) => formatCount(value ?? 0) },
  // As lists and heads of tasks count them: what fails around a failure is an error again, its cause is one.
  { name: "Errors", value: (run) => run.error_count, text: (value) => formatCount(value ?? 0) },
  { name: "Causes", value: (run) => run.cause_count, text: (value) => formatCount(value ?? 0) },
];

function Figures({ left, right }: Both) {
  return (
    <div className={styles.table}>
      <Table
        columns={["Figure", figures("First"), figures("Second"), figures("Second against first")]}
        label="Figures"
        fits
      >
        {FIGURES.map((figure) => {
          const [a, b] = [figure.value(left), figure.value(right)];
          return (
            <tr key={figure.name}>
              <td>{figure.name}</td>
              <td className="num">{figure.text(a)}</td>
              <td className="num">{figure.text(b)}</td>
              <td className="num">{a === null || b === null ? "–" : <Difference before={a} now={b} />}</td>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}

/** Below this share a difference is the weather. */
const NOTABLE = 0.1;

/** More is worse, of all figures here. */
function Difference({ before, now }: { before: number; now: number }) {
  if (before === now) return <span className="flat">same</span>;
  if (before === 0) return <span className="bad">▲ new</span>;
  const share = (now - before) / before;
  const tone = Math.abs(share) < NOTABLE ? "sub" : share > 0 ? "bad" : "good";
  const size = share >= 10 ? `×${Math.round(now / before)}` : `${Math.round(Math.abs(share) * 100)}\u00a0%`;
  return (
    <span className={tone}>
      {share > 0 ? "▲" : "▼"} {size}
    </span>
  );
}

function Steps({ left, right }: Both) {
  const pairs = align(left.spans, right.spans);
  if (pairs.length === 0) return <Empty title="Neither run has steps to compare" />;
  const longest = Math.max(
    1,
    ...pairs.flatMap((pair) => [pair.left, pair.right].map((span) => (span && tookOf(span)) ?? 0)),
  );
  return (
    <div className={styles.table}>
      <Table
        columns={[
          "Step",
          { name: "First", className: styles.bars },
          { name: "Second", className: styles.bars },
          figures("Difference"),
        ]}
        label="Steps"
        fits
      >
        {pairs.map((pair) => {
          const span = pair.left ?? pair.right;
          if (span === null) return null;
          const [a, b] = [pair.left && tookOf(pair.left), pair.right && tookOf(pair.right)];
          const only = pair.left === null || pair.right === null;
          return (
            <tr key={`${pair.left?.span_id} ${pair.right?.span_id}`} data-only={only || undefined}>
              <td title={span.name} style={{ paddingLeft: 16 + (span.depth - 1) * 14 }}>
                <span className={styles.step}>
                  <Icon name={ICONS[span.kind] ?? "dots"} size={12} />
                  <span className="ell">{span.name}</span>
                </span>
              </td>
              <Cell span={pair.left} longest={longest} />
              <Cell span={pair.right} longest={longest} />
              <td className="num">
                {pair.left === null ? (
                  <span className="sub">only in the second</span>
                ) : pair.right === null ? (
                  <span className="sub">only in the first</span>
                ) : a === null || b === null ? (
                  "–"
                ) : (
                  <Difference before={a} now={b} />
                )}
              </td>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}

const ICONS: Partial<Record<Timeline["spans"][number]["kind"], "cell" | "spark" | "ask" | "esc" | "retry">> = {
  action: "cell",
  llm_call: "spark",
  approval: "ask",
  escalation: "esc",
  retry: "retry",
};

function Cell({ span, longest }: { span: Timeline["spans"][number] | null; longest: number }) {
  if (span === null) return <td className="dim">–</td>;
  const took = tookOf(span);
  const failed = span.outcome === "failed";
  return (
    <td title={span.exception?.exception_message ?? undefined}>
      <span className={styles.took}>
        <i
          data-status={failed ? "error" : span.kind === "llm_call" ? "llm" : "action"}
          style={{ width: `${Math.max(1, ((took ?? 0) / longest) * 100)}%` }}
        />
      </span>
      <span className={failed ? "bad" : undefined}>
        {took === null ? "open" : formatDuration(took)}
        {failed && ` ${span.exception?.exception_type ?? "failed"}`}
      </span>
    </td>
  );
}
