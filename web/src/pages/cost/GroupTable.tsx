import type { Cost, CostGroup, Dimension } from "~/api/types";
import table from "~/components/ui/table.module.css";
import { formatCount } from "~/format/count";
import { formatMoney } from "~/format/money";
import { useView } from "~/view/url";
import { Change } from "./Change";
import styles from "./cost.module.css";
import { type Shade, shadeOf } from "./shades";

/** Rows with a name; what is left is one row, so that the rows add up to the sum above them. */
const ROWS = 8;

/** Tokens in for one token out; a dash where nothing came out. */
export function ratio(tokens_in: number | null, tokens_out: number | null): string {
  if (tokens_in === null || tokens_out === null || tokens_out === 0) return "–";
  const value = tokens_in / tokens_out;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} : 1`;
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
  dimension: Extract<Dimension, "model" | "agent" | "project" | "task_type">;
  groups: readonly CostGroup[];
  before: readonly CostGroup[] | undefined;
  /** What the groups come to that the server does not tell apart. */
  other?: Cost["other"];
  shades?: ReadonlyMap<string, Shade>;
}

const PLURALS = { model: "models", agent: "agents", project: "projects", task_type: "task types" } as const;
const WORDS = { model: "Model", agent: "Agent", project: "Project", task_type: "Task type" } as const;

/** Who or what the money went to, dearest first. */
export function GroupTable({ dimension, groups, before, other, shades }: GroupTableProps) {
  const { view, set } = useView();
  const most = Math.max(...groups.map((group) => group.cost), Number.MIN_VALUE);
  const rest = sumOf(groups.slice(ROWS), other);
  const costBefore = new Map(before?.map((group) => [group[dimension] ?? "", group.cost]));
  return (
    <div className={styles.wide}>
      <table className={table.tbl}>
        <thead>
          <tr>
            <th scope="col">{WORDS[dimension]}</th>
            <th scope="col" className={styles.bars}>
              <span className="sr-only">Share</span>
            </th>
            <th scope="col" className="num">
              Cost
            </th>
            <th scope="col" className="num">
              Change
            </th>
            <th scope="col" className="num">
              Calls
            </th>
            <th scope="col" className="num">
              In : out
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, ROWS).map((group) => {
            const name = group[dimension] ?? "";
            const word = name === "" ? `no ${WORDS[dimension].toLowerCase()}` : name;
            const narrows = (dimension === "agent" || dimension === "project") && name !== "";
            return (
              <tr
                key={`${dimension} ${name}`}
                aria-selected={dimension === "agent" && name === view.agent && name !== "" ? true : undefined}
              >
                <td className={styles.name}>
                  {shades !== undefined && <i className={styles.square} data-shade={shadeOf(shades, name)} />}
                  {narrows ? (
                    <button
                      type="button"
                      className={styles.narrow}
                      onClick={() => set({ [dimension]: view[dimension] === name ? undefined : name })}
                    >
                      {word}
                    </button>
                  ) : (
                    <span className={name === "" ? "dim" : undefined}>{word}</span>
                  )}
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
                {formatCount(rest.count)} other {rest.count === 1 ? WORDS[dimension].toLowerCase() : PLURALS[dimension]}
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
        </tbody>
      </table>
    </div>
  );
}
