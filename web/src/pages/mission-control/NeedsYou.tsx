import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type FocusEvent, type PointerEvent, useRef } from "react";
import { tasksQuery } from "~/api/queries";
import type { Task } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { reasonOf } from "~/components/tasks/reason";
import { useHeldRuns } from "~/components/tasks/useHeldRuns";
import { Age } from "~/components/ui/Age";
import { BoardLink } from "~/components/ui/BoardLink";
import { Empty } from "~/components/ui/Empty";
import { ErrorState, errorSentence } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { StatusCell } from "~/components/ui/StatusCell";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { formatAtLeast } from "~/format/count";
import { legible } from "~/format/legible";
import { runKey } from "~/live/connection";
import { useInsights, useOpenAlerts } from "~/view/findings";
import { sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./needs-you.module.css";
import { tellsOf } from "./tells-of";
import { useLastVisit } from "./useLastVisit";
import { useTriedAgain } from "./useTriedAgain";

const ALERTS_SHOWN = 4;
/** Runs that wait or are stuck come first; what failed fills the rest, so that the list keeps its length while alerts and runs come and go. */
const WAITING_SHOWN = 4;
const RUNS_SHOWN = 8;
/** Alerts, runs and the insight together. */
const LINES_SHOWN = 9;
const LINE_PX = 32;

/** With no task selected: what needs somebody, most urgent first, each with the way to it. */
export function NeedsYou() {
  const { view, set } = useView();
  const search = useSearch({ strict: false }) as ViewSearch;
  const since_ms = useLastVisit();
  const scope = { project_id: view.project, environment: view.environment, group: view.group, agent_id: view.agent };
  const waiting = useQuery(
    tasksQuery(view.mode, { ...scope, status: "waiting,stuck", limit: WAITING_SHOWN + ALERTS_SHOWN }),
  );
  const failed = useQuery(
    tasksQuery(view.mode, { ...scope, status: "failed", since: new Date(since_ms).toISOString(), limit: RUNS_SHOWN }),
  );
  const { alerts, more: moreAlerts, error: alertsError, refetch: readAlerts } = useOpenAlerts(view);
  const insights = useInsights(view);
  const unread = [
    { what: "Open alerts", error: alertsError, onRetry: readAlerts },
    { what: "Insights", error: insights.error, onRetry: insights.query.refetch },
  ].filter(({ error }) => error !== null);
  const fired = alerts?.filter((alert) => alert.acknowledged_by === null) ?? [];
  const place = `${view.mode} ${view.project} ${view.environment} ${view.group} ${view.agent}`;
  const dearest = insights.query.data?.data.find((insight) => insight.severity !== "info");
  const open = (task: Task) =>
    set({ task: task.task_id, owner: task.agent_id, run: task.task_run_id || undefined, node: undefined });

  // What an alert above tells of is not told again.
  const untold = waiting.data?.data.filter(
    (task) => !fired.slice(0, ALERTS_SHOWN).some((alert) => tellsOf(alert, task)),
  );
  const others = Math.min(fired.length, ALERTS_SHOWN) + (dearest === undefined ? 0 : 1);
  const fresh = [...(untold ?? []).slice(0, WAITING_SHOWN), ...(failed.data?.data ?? [])].slice(
    0,
    Math.min(RUNS_SHOWN, LINES_SHOWN - others),
  );
  const order = useHeldRuns(fresh, place);
  const room = useRef({ place, lines: 0 });
  const told = useHeldOrder(
    fired.slice(0, ALERTS_SHOWN),
    (alert) => alert.alert_id,
    place,
    // Over, or taken over, while the pointer held it in its place.
    { byNow: (alert) => ({ ...alert, state: "resolved" as const }), alongside: order.items.length > 0 },
  );
  /** Both parts stand under one pointer. */
  const held = {
    onPointerEnter: (event: PointerEvent<HTMLElement>) =>
      [told, order].map(({ handlers }) => handlers.onPointerEnter(event)),
    onPointerLeave: () => [told, order].map(({ handlers }) => handlers.onPointerLeave()),
    onFocus: (event: FocusEvent<HTMLElement>) => [told, order].map(({ handlers }) => handlers.onFocus(event)),
    onBlur: (event: FocusEvent<HTMLElement>) => [told, order].map(({ handlers }) => handlers.onBlur(event)),
  };
  const triedAgain = useTriedAgain(view.mode, order.items);

  const error = waiting.data === undefined ? waiting.error : failed.data === undefined ? failed.error : null;
  if (error !== null)
    return (
      <section className={styles.place} aria-label="What needs you">
        <ErrorState
          what="What needs you"
          error={error}
          onRetry={() => void Promise.all([waiting.refetch(), failed.refetch()])}
        />
      </section>
    );
  if (waiting.data === undefined || failed.data === undefined)
    return (
      <section className={styles.place} aria-label="What needs you">
        <SkeletonRows count={4} height={34} />
      </section>
    );
  const rows = order.items;
  // It keeps the room that it had: what stands below would go up when something is over, and down again with the next.
  const lines = rows.length + told.items.length + (dearest === undefined ? 0 : 1) + unread.length;
  room.current = { place, lines: Math.max(lines, room.current.place === place ? room.current.lines : 0) };
  if (rows.length === 0 && told.items.length === 0 && dearest === undefined && unread.length === 0)
    return (
      <section className={styles.place} aria-label="What needs you">
        <Empty title="Nothing needs you">
          Pick a task below, or in the Hive: its story is told here. <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd>{" "}
          opens.
        </Empty>
      </section>
    );
  return (
    <section className={styles.place} aria-label="What needs you">
      <h2 className={styles.title}>
        What needs you
        <span className="dim">
          failures since <Age since={since_ms} short /> ago
        </span>
      </h2>
      <ul {...held} style={{ minHeight: room.current.lines * LINE_PX }}>
        {unread.map(({ what, error, onRetry }) => (
          <li key={what} className={styles.row} data-status="error">
            <Icon name="fail" />
            <span className={styles.words} role="alert">
              {what} could not be read: {errorSentence(error)}
            </span>
            <button type="button" className="link" onClick={() => void onRetry()}>
              Try now
            </button>
          </li>
        ))}
        {told.items.map((alert, place) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: when an alert comes, lines say something else and none of them moves
            key={place}
            className={styles.row}
            data-status={alert.state === "resolved" ? "idle" : alert.severity === "critical" ? "stuck" : "waiting"}
          >
            <Icon name="bell" />
            <BoardLink key={alert.alert_id} to={alert.link} className={styles.words ?? ""}>
              {alert.state === "resolved" && "No longer open: "}
              {alert.summary}
            </BoardLink>
            <Age className={styles.age ?? ""} since={alert.started_at} short />
          </li>
        ))}
        {rows.map((task, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same lines, further down
          <RunLine key={told.items.length + index} task={task} again={triedAgain(task)} onOpen={() => open(task)} />
        ))}
        {dearest !== undefined && (
          <li className={styles.row} data-status="llm">
            <Icon name="spark" />
            <Link className={styles.words} to="/insights" search={sharedSearch(search) as never}>
              {dearest.title}
            </Link>
            <span className={styles.age}>insight</span>
          </li>
        )}
      </ul>
      <p className={styles.mores}>
        {(failed.data.pagination.has_more || waiting.data.data.length + failed.data.data.length > rows.length) && (
          <button type="button" className="link" onClick={() => set({ status: "failed" })}>
            All that failed
          </button>
        )}
        {(waiting.data.pagination.has_more || (untold ?? []).length > WAITING_SHOWN) && (
          <button type="button" className="link" onClick={() => set({ status: "waiting,stuck" })}>
            All that wait or are stuck
          </button>
        )}
        {fired.length > ALERTS_SHOWN && (
          <Link className="link" to="/alerts" search={sharedSearch(search) as never}>
            All {formatAtLeast(fired.length, moreAlerts)} open alerts
          </Link>
        )}
      </p>
    </section>
  );
}

interface RunLineProps {
  task: Task;
  /** The latest run of its task, where that is another one. */
  again: Task | null;
  onOpen: () => void;
}

function RunLine({ task, again, onOpen }: RunLineProps) {
  const { tone, word } = statusLook(task.derived_status);
  const since = again === null ? null : statusLook(again.derived_status);
  // A run that is stuck may still wait for an answer.
  const waits = task.derived_status === "waiting" || (task.derived_status === "stuck" && task.waiting !== null);
  const asked = task.waiting?.summary ?? "";
  const what = waits ? `${task.waiting?.approver} ${asked}` : (reasonOf(task) ?? task.task_type ?? "");
  return (
    <li className={styles.row} data-status={tone}>
      <StatusCell tone={since?.tone ?? tone} />
      <button type="button" className={styles.words} data-run={runKey(task)} onClick={onOpen}>
        <span key={`${runKey(task)} ${word} ${since?.word} ${what}`}>
          <b className="mono">{legible(task.task_id)}</b> <span className={styles.state}>{word.toLowerCase()}</span>
          {since !== null && (
            <>
              , tried again:{" "}
              <span className={styles.state} data-status={since.tone}>
                {since.word.toLowerCase()}
              </span>
            </>
          )}{" "}
          {waits ? (
            <>
              {tone === "stuck" && "waits "}for <span>{task.waiting?.approver ?? "a person"}</span>
              {asked !== "" && <span>: “{asked}”</span>} <span className="dim">{legible(task.agent_id)}</span>
            </>
          ) : (
            <>
              <span className="dim">{legible(task.agent_id)}</span> <span className={styles.what}>{what}</span>
            </>
          )}
        </span>
      </button>
      <Age
        className={styles.age ?? ""}
        since={waits ? (task.waiting?.since ?? task.status_since) : (task.completed_at ?? task.last_event_at)}
        short
      />
    </li>
  );
}
