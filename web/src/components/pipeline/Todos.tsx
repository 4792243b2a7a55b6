import { useState } from "react";
import { Age } from "~/components/ui/Age";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { Icon } from "~/components/ui/Icon";
import { Unseen } from "~/components/ui/Unseen";
import { useRowStops } from "~/components/ui/useRowStops";
import { formatAge } from "~/format/duration";
import { readWrittenTime } from "~/format/written";
import { useNow } from "~/live/clock";
import { AgentName } from "./AgentName";
import { Lead } from "./Lead";
import styles from "./pipeline.module.css";
import { isOpenTodo, type todoRows } from "./rows";
import { usePipelineOrder } from "./usePipelineOrder";

type TodoRow = ReturnType<typeof todoRows>[number];

function Due({ todo }: { todo: TodoRow }) {
  const now_ms = useNow();
  if (!isOpenTodo(todo))
    return (
      <span className="dim">
        {todo.action} <Age since={todo.updated_at} short /> ago
      </span>
    );
  if (todo.due_by === null) return <span className="dim">{todo.priority ?? "no date"}</span>;
  const due = readWrittenTime(todo.due_by, now_ms);
  if (due === null) return <span className="sub">due {todo.due_by}</span>;
  const late_ms = now_ms - due.past_ms;
  return (
    <span className={late_ms > 0 ? "bad strong" : "sub"} title={due.note}>
      {late_ms > 0
        ? due.kind === "instant"
          ? `overdue ${formatAge(late_ms)}`
          : `overdue since ${due.words}`
        : `due ${due.words}`}
    </span>
  );
}

/** What agents mean to do. */
export function Todos({ todos, fleet }: { todos: readonly TodoRow[]; fleet: boolean }) {
  const [all, setAll] = useState(false);
  const stops = useRowStops<HTMLUListElement>("li");
  const open = todos.filter(isOpenTodo);
  const order = usePipelineOrder(all ? todos : open, (todo) => `${todo.agent_id} ${todo.todo_id}`, todos, String(all));
  const shown = order.items;
  return (
    <section aria-label="To-dos" {...order.handlers}>
      <div className={styles.head}>
        <h2>TODOs</h2>
        <span className="dim">{open.length} open</span>
        <span className="grow" />
        {todos.length > open.length && (
          <Button look="ghost" small aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? "Hide" : "Show"} {todos.length - open.length} done
          </Button>
        )}
      </div>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      {shown.length === 0 ? (
        <Empty title="Nothing to do">Agents note it with agent.todo(…).</Empty>
      ) : (
        <ul {...stops}>
          {shown.map((todo, place) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
              key={place}
              className={`${styles.row} ${styles.todo}`}
              data-closed={!isOpenTodo(todo)}
              data-status={todo.action === "failed" ? "error" : isOpenTodo(todo) ? "idle" : "success"}
            >
              <Icon name={todo.action === "failed" ? "x" : isOpenTodo(todo) ? "box" : "todo"} />
              <span className={styles.title}>
                <Lead
                  agent={todo.agent_id}
                  tab="events"
                  title={typeof todo.context === "string" ? todo.context : undefined}
                >
                  <span className={styles.words}>{todo.summary ?? todo.todo_id}</span>
                </Lead>{" "}
                <AgentName agent={todo.agent_id} fleet={fleet} />
              </span>
              <Due todo={todo} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
