import { useState } from "react";
import type { Cost, CostGroup, Dimension } from "~/api/types";
import { figures, Table, unseen } from "~/components/ui/Table";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { formatCount } from "~/format/count";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { scopeParameters, useView, type ViewSearch } from "~/view/url";
import { Change } from "./Change";
import styles from "./cost.module.css";
import { type Shade, shadeOf } from "./shades";

/** Rows with a name until the reader asks for all; what is left is one row, so that the rows add up to the sum above them. */
const ROWS = 8;

/** Tokens in for one token out; a dash where nothing came out. */
export function ratio(tokens_in: number | null, tokens_out: number | null): string {
  if (tokens_in === null || tokens_out === null || tokens_out === 0) return "–";
  const value = tokens_in / tokens_out;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : formatCount(value)} : 1`;
}

export interface Rest {
  count: number;
  cost: number;
  calls: number;
  tokens_in: number;
  tokens_out: number;
}

/** What the groups without a row of their own come to. */
export function sumOf(groups: readonly CostGroup[], other: Cost["other"] = null): Rest {
  const rest: Rest = {
    count: groups.length + (other?.group_count ?? 0),
    cost: other?.cost ?? 0,
    calls: other?.call_count ?? 0,
    tokens_in: other?.tokens_in ?? 0,
    tokens_out: other?.tokens_out ?? 0,
  };
  for (const group of groups) {
    rest.cost += group.cost;
    rest.calls += group.call_count;
    rest.tokens_in += group.tokens_in;
    rest.tokens_out += group.tokens_out;
  }
  return rest;
}

export interface GroupTableProps {
  dimension: Dimension;
  groups: readonly CostGroup[];
  before: readonly CostGroup[] | undefined;
  /** What the groups come to that the server does not tell apart. */
  other?: Cost["other"];
  shades?: ReadonlyMap<string, Shade>;
}

const PLURALS: Record<Dimension, string> = {
  model: "models",
  agent: "agents",
  project: "projects",
  task_type: "task types",
  version: "versions",
  environment: "environments",
};
const WORDS: Record<Dimension, string> = {
  model: "Model",
  agent: "Agent",
  project: "Project",
  task_type: "Task type",
  version: "Version",
  environment: "Environment",
};
/** The part of the address that narrows to a value of it. */
const NARROWS = {
  model: "model",
  agent: "agent",
  project: "project",
  task_type: "type",
  version: "version",
  environment: "environment",
} as const satisfies Record<Dimension, keyof ViewSearch>;

/** Who or what the money went to, dearest first. */
export function GroupTable({ dimension, groups, before, other, shades }: GroupTableProps) {
  const { view, set } = useView();
  const [open, setOpen] = useState(false);
  const narrows = NARROWS[dimension];
  const order = useHeldOrder(
    open ? groups : groups.slice(0, ROWS),
    (group) => group[dimension] ?? "",
    `${dimension} ${open} ${JSON.stringify(scopeParameters(view))} ${view.mode} ${view.agent} ${view.model} ${view.type} ${view.version}`,
  );
  const named = order.items;
  const most = Math.max(...groups.map((group) => group.cost), Number.MIN_VALUE);
  const shown = new Set(named.map((group) => group[dimension] ?? ""));
  const rest = sumOf(
    groups.filter((group) => !shown.has(group[dimension] ?? "")),
    other,
  );
  const restWords = `${formatCount(rest.count)} other ${rest.count === 1 ? WORDS[dimension].toLowerCase() : PLURALS[dimension]}`;
  const costBefore = new Map(before?.map((group) => [group[dimension] ?? "", group.cost]));
  return (
    <div {...order.handlers}>
      <Table
        columns={[
          WORDS[dimension],
          unseen("Share", styles.bars),
          figures("Cost"),
          figures("Change"),
          figures("Calls"),
          figures("In : out"),
        ]}
        className={styles.groups}
        fits
      >
        {named.map((group, place) => {
          const name = group[dimension] ?? "";
          const word = name === "" ? `no ${WORDS[dimension].toLowerCase()}` : legible(name);
          const selected = name !== "" && view[narrows] === name;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
            <tr key={`${dimension} ${place}`} aria-selected={selected ? true : undefined}>
              <td>
                <span className={styles.name}>
                  {shades !== undefined && <i className={styles.square} data-shade={shadeOf(shades, name)} />}
                  {name !== "" ? (
                    <button
                      type="button"
                      className={styles.narrow}
                      title={selected ? "Look at all again" : `Narrow to ${word}`}
                      aria-pressed={selected}
                      onClick={() => set({ [narrows]: selected ? undefined : name })}
                    >
                      {word}
                    </button>
                  ) : (
                    <span className={name === "" ? "dim" : undefined}>{word}</span>
                  )}
                </span>
              </td>
              <td>
                <span className={styles.bar}>
                  <i
                    data-shade={shades === undefined ? "1" : shadeOf(shades, name)}
                    style={{ width: `${Math.max(1, (group.cost / most) * 100)}%` }}
                  />
                </span>
              </td>
              <td className="num strong">{formatMoney(group.cost)}</td>
              <td className="num">
                {before !== undefined && <Change now={group.cost} before={costBefore.get(name) ?? 0} costly />}
              </td>
              <td className="num">{formatCount(group.call_count)}</td>
              <td className="num sub">{ratio(group.tokens_in, group.tokens_out)}</td>
            </tr>
          );
        })}
        {rest.count > 0 && (
          <tr key={`${dimension} rest`}>
            <td className="sub">
              {groups.length > named.length ? (
                <button type="button" className="link" onClick={() => setOpen(true)}>
                  {restWords}
                </button>
              ) : (
                restWords
              )}
            </td>
            <td>
              <span className={styles.bar}>
                <i data-shade="4" style={{ width: `${Math.min(100, Math.max(1, (rest.cost / most) * 100))}%` }} />
              </span>
            </td>
            <td className="num strong">{formatMoney(rest.cost)}</td>
            <td />
            <td className="num">{formatCount(rest.calls)}</td>
            <td className="num sub">{ratio(rest.tokens_in, rest.tokens_out)}</td>
          </tr>
        )}
      </Table>
      {open && groups.length > ROWS && (
        <div className={styles.next}>
          <button type="button" className="link" onClick={() => setOpen(false)}>
            Only the dearest {ROWS}
          </button>
        </div>
      )}
    </div>
  );
}
