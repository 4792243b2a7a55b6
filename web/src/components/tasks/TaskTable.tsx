import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Task } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { ToggleChip } from "~/components/ui/Chip";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { Menu } from "~/components/ui/Menu";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { SortHead } from "~/components/ui/SortHead";
import { StatusCell } from "~/components/ui/StatusCell";
import table from "~/components/ui/table.module.css";
import { Unseen } from "~/components/ui/Unseen";
import { formatClockShort } from "~/format/time";
import { runKey } from "~/live/connection";
import { RANGE_WORDS, useView } from "~/view/url";
import { TaskLine } from "./TaskLine";
import { chosenColumns, type Narrow, TASK_COLUMNS, type TaskColumn } from "./taskColumns";
import styles from "./tasks.module.css";
import { useHeldRuns } from "./useHeldRuns";
import { countWords, totalOf, useTaskCounts } from "./useTaskCounts";
import { type Sort, sortOf, taskStatuses, useTaskList } from "./useTaskList";

export interface TaskTableProps {
  /** The element that scrolls: the table is as long as its rows and scrolls with the page. */
  scroller: RefObject<HTMLElement | null>;
  narrow: boolean;
  /** Called when a run was chosen here, for what shows it may be out of sight. */
  onSelect: () => void;
}

const ROW_PX = 30;
const LINE_PX = 52;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 20;
const FILTERS = ["failed", "waiting", "stuck", "processing"] as const;

/** The runs of the view: sortable, filterable, as long as it takes. */
export function TaskTable({ scroller, narrow, onSelect }: TaskTableProps) {
  const { view, set } = useView();
  const { tasks: fresh, query, scope } = useTaskList(view);
  const order = useHeldRuns(fresh, scope);
  const tasks = order.items;
  const counts = useTaskCounts(view);
  const columns = chosenColumns(view.columns, view.status);
  const sort = sortOf(view);
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);

  // Where the rows begin within the page moves with what stands above them; only the browser knows.
  useLayoutEffect(() => {
    const element = body.current;
    const page = scroller.current;
    if (element === null || page === null) return;
    const measure = () =>
      setMargin(Math.round(element.getBoundingClientRect().top - page.getBoundingClientRect().top + page.scrollTop));
    measure();
    const sizes = new ResizeObserver(measure);
    const observeAll = () => {
      sizes.disconnect();
      for (const child of page.children) sizes.observe(child);
      measure();
    };
    observeAll();
    // A timeline that opens above the table is a child that was not there before.
    const children = new MutationObserver(observeAll);
    children.observe(page, { childList: true });
    return () => {
      sizes.disconnect();
      children.disconnect();
    };
  }, [scroller]);

  const rowPx = narrow ? LINE_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    scrollMargin: margin,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualiser keeps sizes; it must forget them when the rows change theirs
  useEffect(() => virtual.measure(), [rowPx]);
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  // The network: the next page is asked for before its rows are needed.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= tasks.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastShown, tasks.length]);

  const select = (task: Task) => {
    set({ task: task.task_id, owner: task.agent_id, run: task.task_run_id || undefined, node: undefined });
    onSelect();
  };
  const isSelected = (task: Task) =>
    task.task_id === view.task &&
    (view.owner === undefined || task.agent_id === view.owner) &&
    (view.run === undefined || task.task_run_id === view.run);
  const keys = useRowKeys(body, tasks, tasks.findIndex(isSelected), (index) => virtual.scrollToIndex(index));
  const narrowTo: Narrow = {
    agent: (agent) => set({ agent: view.agent === agent ? undefined : agent }),
    project: (project) => set({ project: view.project === project ? undefined : project }),
  };
  const first = items[0];
  const last = items.at(-1);
  const before = first === undefined ? 0 : first.start - margin;
  const after = last === undefined ? 0 : virtual.getTotalSize() - (last.end - margin);

  return (
    <section aria-label="Tasks" className={styles.section}>
      <div className={styles.head}>
        <h2>Tasks</h2>
        <span className="dim">
          {query.data !== undefined && countWords(tasks.length, hasNextPage, totalOf(view, counts))}
        </span>
        <span className="grow" />
        <label className={styles.search}>
          <Icon name="search" size={14} />
          <input
            type="search"
            placeholder="Find a task"
            aria-label="Find a task"
            value={view.q ?? ""}
            onChange={(change) => set({ q: change.target.value || undefined }, { replace: true })}
          />
        </label>
        {FILTERS.map((status) => (
          <StatusChip key={status} status={status} count={counts?.[status]} />
        ))}
        {!narrow && <Columns shown={columns} />}
      </div>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      <div ref={body} {...order.handlers}>
        {query.data === undefined && query.error !== null ? (
          <ErrorState what="The task table" error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data === undefined ? (
          <SkeletonRows count={10} />
        ) : tasks.length === 0 ? (
          <NoTasks />
        ) : narrow ? (
          <ul style={{ paddingTop: before, paddingBottom: after }}>
            {items.map((item) => {
              const task = tasks[item.index];
              return task === undefined ? null : (
                <TaskLine key={item.index} task={task} selected={isSelected(task)} onSelect={() => select(task)} />
              );
            })}
          </ul>
        ) : (
          <table className={`${table.tbl} ${styles.table}`} aria-rowcount={tasks.length}>
            <colgroup>
              {columns.map((column) => (
                <col key={column.id} style={{ width: column.width }} />
              ))}
            </colgroup>
            <thead>
              <tr>
                {columns.map((column) => (
                  <Head
                    key={column.id}
                    column={column}
                    sort={sort}
                    onSort={(next) => set({ sort: next === "newest" ? undefined : next })}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {before > 0 && (
                <tr className={styles.spacer}>
                  <td colSpan={columns.length} style={{ height: before }} />
                </tr>
              )}
              {items.map((item) => {
                const task = tasks[item.index];
                if (task === undefined) return null;
                return (
                  // By its place: when a task comes, rows say something else and none of them moves.
                  <tr
                    key={item.index}
                    data-index={item.index}
                    data-run={runKey(task)}
                    aria-rowindex={item.index + 1}
                    aria-selected={isSelected(task)}
                    tabIndex={item.index === keys.active ? 0 : -1}
                    className="inset-focus"
                    onClick={() => {
                      keys.setActive(item.index);
                      select(task);
                    }}
                    onFocus={(event) => {
                      if (event.target === event.currentTarget) keys.setActive(item.index);
                    }}
                    onKeyDown={(press) => {
                      if (press.key === "Enter" && press.target === press.currentTarget) select(task);
                    }}
                  >
                    {columns.map((column) => (
                      <td
                        key={column.numeric ? `${column.id} ${runKey(task)}` : column.id}
                        className={column.numeric ? "num" : "ell"}
                      >
                        {column.cell(task, narrowTo)}
                      </td>
                    ))}
                  </tr>
                );
              })}
              {after > 0 && (
                <tr className={styles.spacer}>
                  <td colSpan={columns.length} style={{ height: after }} />
                </tr>
              )}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

function Head({ column, sort, onSort }: { column: TaskColumn; sort: Sort; onSort: (sort: Sort) => void }) {
  const { sorts } = column;
  if (sorts === undefined)
    return (
      <th scope="col" className={column.numeric ? "num" : undefined}>
        {column.title}
      </th>
    );
  const position = sorts.indexOf(sort);
  const direction = position < 0 ? null : position === 0 ? "descending" : "ascending";
  return (
    <SortHead
      direction={direction}
      numeric={column.numeric ?? false}
      hint={column.hint}
      onSort={() => onSort(sorts[(position + 1) % sorts.length] ?? sorts[0])}
    >
      {column.title}
    </SortHead>
  );
}

function StatusChip({ status, count }: { status: (typeof FILTERS)[number]; count: number | undefined }) {
  const { view, set } = useView();
  const { tone, word } = statusLook(status);
  const pressed = view.status !== undefined && taskStatuses(view.status) === status;
  const seen = useRef(false);
  if (count !== undefined && count > 0) seen.current = true;
  // A chip for what is not there would be noise; one that comes and goes would push its neighbours.
  if (!pressed && count === 0 && !seen.current) return null;
  return (
    <ToggleChip pressed={pressed} onToggle={() => set({ status: pressed ? undefined : status })}>
      <StatusCell tone={tone} size={12} />
      {word} {count?.toLocaleString("en-US")}
    </ToggleChip>
  );
}

function Columns({ shown }: { shown: readonly TaskColumn[] }) {
  const { view, set } = useView();
  const ids = new Set(shown.map((column) => column.id));
  const standard = chosenColumns(undefined, view.status).map((column) => column.id);
  return (
    <Menu
      label="Columns"
      wide
      entries={TASK_COLUMNS.filter((column) => column.id !== "task").map((column) => ({
        id: column.id,
        label: column.title,
        checked: ids.has(column.id),
      }))}
      onAction={(id) => {
        const next = TASK_COLUMNS.map((column) => column.id).filter((each) =>
          each === id ? !ids.has(each) : ids.has(each),
        );
        set({ columns: next.join() === standard.join() ? undefined : next.join(",") }, { replace: true });
      }}
    >
      <Icon name="cols" size={14} />
      Columns
    </Menu>
  );
}

/** Why there is nothing, and the one step that would change it. */
function NoTasks() {
  const { view, set } = useView();
  const what =
    view.status === undefined ? "task" : `${statusLook(view.status as Task["derived_status"]).word.toLowerCase()} task`;
  const link = (words: string, patch: Parameters<typeof set>[0]) => (
    <button type="button" className="link" onClick={() => set(patch)}>
      {words}
    </button>
  );
  if (view.since !== undefined && view.until !== undefined)
    return (
      <Empty
        title={`No ${what} between ${formatClockShort(view.since)} and ${formatClockShort(view.until)}`}
        step={link(`Widen to the ${RANGE_WORDS[view.range]}`, { since: undefined, until: undefined })}
      />
    );
  if (view.q !== undefined)
    return <Empty title={`No ${what} matches “${view.q}”`} step={link("Clear the search", { q: undefined })} />;
  if (view.status !== undefined)
    return (
      <Empty
        title={`No ${what} in the ${RANGE_WORDS[view.range]}`}
        step={link("Show all tasks", { status: undefined })}
      />
    );
  if (view.range !== "30d")
    return (
      <Empty title={`No task in the ${RANGE_WORDS[view.range]}`} step={link("Widen to 30 days", { range: "30d" })}>
        A task appears here as soon as an agent starts one.
      </Empty>
    );
  return <Empty title="No task yet">A task appears here as soon as an agent starts one.</Empty>;
}

/** Whether a key press belongs to something the reader writes in, or to something that floats. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu]") !== null
  );
}

/** `j` and `k` from anywhere on the page, arrows within the rows: they move the browser's focus from row to row. */
function useRowKeys(
  body: RefObject<HTMLElement | null>,
  tasks: readonly Task[],
  selected: number,
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState(0);
  const latest = useRef({ active, selected, count: tasks.length, scrollTo });
  const pending = useRef(false);

  // The browser's focus: the row may be drawn only after the table has scrolled to it.
  useEffect(() => {
    latest.current = { active, selected, count: tasks.length, scrollTo };
    if (!pending.current) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (row === null || row === undefined) return;
    pending.current = false;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  });

  // The document's keyboard.
  useEffect(() => {
    const onKey = (press: KeyboardEvent) => {
      if (press.ctrlKey || press.metaKey || press.altKey || isElsewhere(press.target)) return;
      const inRows = press.target instanceof Element && press.target.closest("tbody") !== null;
      const step =
        press.key === "j" || (inRows && press.key === "ArrowDown")
          ? 1
          : press.key === "k" || (inRows && press.key === "ArrowUp")
            ? -1
            : 0;
      const { count, active, selected } = latest.current;
      if (step === 0 || count === 0) return;
      press.preventDefault();
      // From the story of a run on to the run beside it.
      const from = inRows ? active : selected;
      const next = Math.min(count - 1, Math.max(0, from < 0 ? active : from + step));
      pending.current = true;
      latest.current.active = next;
      latest.current.scrollTo(next);
      setActive(next);
      // Without a change there is no rendering: the focus is set here.
      body.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [body]);

  return { active: Math.min(active, Math.max(0, tasks.length - 1)), setActive };
}
