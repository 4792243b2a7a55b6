import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ExplainedCall, explainQuery, type TokenKind } from "~/api/prices";
import { errorSentence } from "~/components/ui/ErrorState";
import popover from "~/components/ui/Popover.module.css";
import { Skeleton } from "~/components/ui/Skeleton";
import table from "~/components/ui/table.module.css";
import { useFloating } from "~/components/ui/useFloating";
import { formatMoney } from "~/format/money";
import { patchSearch, useView } from "~/view/url";
import styles from "./ExplainCost.module.css";

export const TOKEN_WORDS: Record<TokenKind, string> = {
  input: "Input",
  cached_input: "Input from a cache",
  cache_write_5m: "Written to a cache, 5 min",
  cache_write_1h: "Written to a cache, 1 h",
  audio_input: "Audio in",
  output: "Output",
  reasoning: "Reasoning",
  audio_output: "Audio out",
};

const SOURCE_WORDS: Record<ExplainedCall["cost_source"], string> = {
  reported: "as the agent reported it",
  estimated: "estimated from the price table",
  unknown: "unknown",
};

export interface ExplainCostProps {
  eventId: string;
  /** What the button shows: the cost. */
  children: ReactNode;
}

/** A cost that says how it comes about: each kind of tokens times its price, and which row of the table matched. */
export function ExplainCost({ eventId, children }: ExplainCostProps) {
  const floating = useFloating();
  return (
    <>
      <button
        type="button"
        {...floating.trigger}
        className={styles.why}
        aria-haspopup="dialog"
        title="How this cost comes about"
      >
        {children}
      </button>
      <div {...floating.panel} className={popover.popover} role="dialog" aria-label="How this cost comes about">
        {floating.open && <Explained eventId={eventId} />}
      </div>
    </>
  );
}

function Explained({ eventId }: Pick<ExplainCostProps, "eventId">) {
  const { view } = useView();
  const explained = useQuery(explainQuery(view.mode, eventId));
  if (explained.error !== null)
    return (
      <p className="bad" role="alert">
        {errorSentence(explained.error)}
      </p>
    );
  if (explained.data === undefined) return <Skeleton height={120} width="320px" />;
  return <Explanation call={explained.data} mode={view.mode} />;
}

function Explanation({ call, mode }: { call: ExplainedCall; mode: string }) {
  const differs = call.estimate != null && call.cost != null && call.cost_source !== "estimated";
  return (
    <div className={styles.panel}>
      <p className={styles.sum}>
        <b>{formatMoney(call.cost)}</b> <span className="sub">{SOURCE_WORDS[call.cost_source]}</span>
      </p>
      {call.shares.length > 0 && (
        <table className={`${table.tbl} ${styles.shares}`}>
          <thead>
            <tr>
              <th scope="col">Tokens</th>
              <th scope="col" className="num">
                How many
              </th>
              <th scope="col" className="num">
                $ per million
              </th>
              <th scope="col" className="num">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {call.shares.map((share) => (
              <tr key={share.kind}>
                <td>{TOKEN_WORDS[share.kind]}</td>
                <td className="num">{share.tokens.toLocaleString("en-US")}</td>
                <td className="num sub">{call.row == null ? "–" : share.per_million.toLocaleString("en-US")}</td>
                <td className="num strong">{call.row == null ? "–" : formatMoney(share.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {call.long_context_above_tokens != null && (
        <p className="sub">
          Its input is longer than {call.long_context_above_tokens.toLocaleString("en-US")} tokens, which costs more.
        </p>
      )}
      {differs && <p className="sub">The table would say {formatMoney(call.estimate)}.</p>}
      <p className="sub">{call.why}</p>
      {call.row != null && (
        <p className="dim">
          {call.row.is_own ? "The workspace's own price" : `From ${call.row.source.name}`}, as of{" "}
          {call.row.source.as_of}
        </p>
      )}
      <Link
        className="link"
        to="/settings"
        search={
          patchSearch(
            {},
            {
              mode: mode === "test" ? "test" : undefined,
              tab: "prices",
              q: call.row?.pattern ?? call.model ?? undefined,
            },
          ) as never
        }
      >
        {call.row == null ? "Set a price for this model" : "Its row in the price table"}
      </Link>
    </div>
  );
}
