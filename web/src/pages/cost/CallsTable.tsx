import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { callsQuery, PAGE_LIMIT } from "~/api/queries";
import type { LlmCall } from "~/api/types";
import { ExplainCost } from "~/components/cost/ExplainCost";
import { Answer } from "~/components/ui/Answer";
import { ToggleChip } from "~/components/ui/Chip";
import { Empty } from "~/components/ui/Empty";
import { Icon } from "~/components/ui/Icon";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { ShowMore } from "~/components/ui/ShowMore";
import { figures, Table, unseen } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { patchSearch, useView } from "~/view/url";
import { CallOpened } from "./CallOpened";
import styles from "./cost.module.css";
import { ratio } from "./GroupTable";

/** A prompt that is this long and this much longer than its answer is worth a look. */
const BLOAT_RATIO = 20;
const BLOAT_TOKENS_IN = 4_000;

/** From so many rows on a mark on most of them is left out. */
const MANY_ROWS = 10;

const COLUMNS = 10;

const SORTS = ["newest", "cost", "tokens"] as const;
type Sort = (typeof SORTS)[number];

export function isBloated(call: Pick<LlmCall, "tokens_in" | "tokens_out">): boolean {
  if (call.tokens_in === null || call.tokens_in < BLOAT_TOKENS_IN) return false;
  return call.tokens_in >= BLOAT_RATIO * Math.max(1, call.tokens_out ?? 0);
}

function count(tokens: number | null): string {
  return tokens === null ? "–" : tokens.toLocaleString("en-US");
}

/** `12 of the 200 shown`: how many rows there are to see, of how many that the server counts. */
export function shownWords(shown: number, read: number, more: boolean, total: number | undefined): string {
  const words = (count: number) => count.toLocaleString("en-US");
  if (shown < read) return `${words(shown)} of the ${words(read)} shown`;
  return more && total !== undefined ? `${words(shown)} of ${words(total)}` : words(shown);
}

export interface CallsTableProps {
  parameters: Record<string, string | undefined>;
  /** How many there are in the period, as the server counts them. */
  total: number | undefined;
}

/** The calls themselves: newest, dearest or longest first. */
export function CallsTable({ parameters, total }: CallsTableProps) {
  const { view, set } = useView();
  const sort: Sort = SORTS.find((each) => each === view.sort) ?? "cost";
  const calls = useInfiniteQuery(callsQuery(view.mode, { ...parameters, sort, limit: PAGE_LIMIT }));
  const all = calls.data?.pages.flatMap((page) => page.data) ?? [];
  const bloated = all.filter(isBloated);
  const onlyBloated = view.tab === "bloat";
  const open = view.node;
  const order = useHeldOrder(
    onlyBloated ? bloated : all,
    (call) => call.event_id,
    `${view.mode} ${JSON.stringify(parameters)} ${sort} ${onlyBloated}`,
  );
  const shown = order.items;
  // A mark on nearly every row would mark nothing.
  const marks = !onlyBloated && (all.length < MANY_ROWS || bloated.length * 2 <= all.length);
  const longest = Math.max(1, ...all.map((call) => (call.tokens_in ?? 0) + (call.tokens_out ?? 0)));
  const head = (value: Sort) => ({
    direction: sort === value ? ("descending" as const) : null,
    onSort: () => set({ sort: value === "cost" ? undefined : value }, { replace: true }),
  });
  return (
    <section aria-label="Calls">
      <div className={styles.head}>
        <h2>Calls</h2>
        <span className="dim">
          {calls.data !== undefined && shownWords(shown.length, all.length, calls.hasNextPage, total)}
        </span>
        <span className="grow" />
        {(bloated.length > 0 || onlyBloated) && (
          <ToggleChip
            pressed={onlyBloated}
            onToggle={() => set({ tab: onlyBloated ? undefined : "bloat" }, { replace: true })}
          >
            <Icon name="queue" size={12} />
            Prompt bloat
          </ToggleChip>
        )}
      </div>
      <Answer query={calls} what="The calls" rows={8}>
        {() =>
          shown.length === 0 ? (
            <Empty title="No such call in this time" />
          ) : (
            <>
              <Unseen count={order.unseen} onShow={order.catchUp} />
              <div {...order.handlers}>
                <Table
                  className={styles.calls}
                  columns={[
                    { name: "Time", sort: head("newest") },
                    { name: "Cost", figures: true, sort: head("cost") },
                    "Agent",
                    "Call",
                    "Model",
                    { name: "Tokens in", figures: true, sort: head("tokens") },
                    figures("out"),
                    figures("In : out"),
                    unseen("Mark"),
                    "Task",
                  ]}
                >
                  {shown.map((call) => (
                    <Fragment key={call.event_id}>
                      <tr aria-selected={open === call.event_id ? true : undefined}>
                        <td className="sub">
                          <button
                            type="button"
                            className={styles.opens}
                            aria-expanded={open === call.event_id}
                            aria-label={`${open === call.event_id ? "Close" : "Open"} ${call.call_name ?? "the call"}`}
                            onClick={() =>
                              set({ node: open === call.event_id ? undefined : call.event_id }, { replace: true })
                            }
                          >
                            <Icon name={open === call.event_id ? "down" : "right"} size={12} />
                            <Time at={call.timestamp} />
                          </button>
                        </td>
                        <td className="num strong">
                          <ExplainCost eventId={call.event_id}>
                            {call.cost_source === "unknown" ? (
                              <span className="dim">unknown</span>
                            ) : (
                              formatMoney(call.cost)
                            )}
                            {call.cost_source === "estimated" && <span className="dim"> est.</span>}
                          </ExplainCost>
                        </td>
                        <td title={legible(call.agent_id)}>{legible(call.agent_id)}</td>
                        <td title={call.call_name ?? undefined}>{call.call_name ?? "–"}</td>
                        <td title={call.model ?? undefined}>
                          {call.model === null ? "–" : <ModelBadge model={call.model} short />}
                        </td>
                        <td className="num">{count(call.tokens_in)}</td>
                        <td className="num">{count(call.tokens_out)}</td>
                        <td className="num sub">
                          <span className={styles.ratio} aria-hidden="true">
                            <i style={{ width: `${((call.tokens_in ?? 0) / longest) * 100}%` }} />
                            <i style={{ width: `${((call.tokens_out ?? 0) / longest) * 100}%` }} />
                          </span>
                          {ratio(call.tokens_in, call.tokens_out)}
                        </td>
                        <td>
                          {marks && isBloated(call) && (
                            <span className={styles.bloat} title="Prompt bloat">
                              <Icon name="queue" size={12} />
                              <span>prompt bloat</span>
                            </span>
                          )}
                        </td>
                        <td className="mono" title={call.task_id === null ? undefined : legible(call.task_id)}>
                          {call.task_id === null ? (
                            <span className="dim">–</span>
                          ) : (
                            <Link
                              className={styles.narrow}
                              to="/"
                              search={
                                patchSearch(
                                  {},
                                  {
                                    mode: view.mode === "test" ? "test" : undefined,
                                    range: view.range === "1h" ? undefined : view.range,
                                    task: call.task_id,
                                    owner: call.agent_id,
                                    run: call.task_run_id ?? undefined,
                                    node: call.event_id,
                                  },
                                ) as never
                              }
                            >
                              {legible(call.task_id)}
                            </Link>
                          )}
                        </td>
                      </tr>
                      {open === call.event_id && (
                        <tr>
                          <td colSpan={COLUMNS} className={styles.opened}>
                            <CallOpened call={call} />
                          </td>
                        </tr>
                      )}
                    </Fragment>
                  ))}
                </Table>
              </div>
            </>
          )
        }
      </Answer>
      <ShowMore list={calls} />
    </section>
  );
}
