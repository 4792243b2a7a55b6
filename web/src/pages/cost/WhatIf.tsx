import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId } from "react";
import { type Price, priceOfQuery } from "~/api/prices";
import type { CostFigures, CostGroup } from "~/api/types";
import { errorSentence } from "~/components/ui/ErrorState";
import { formatCount } from "~/format/count";
import { formatMoney } from "~/format/money";
import { useView } from "~/view/url";
import styles from "./cost.module.css";

/** What so many tokens cost by a row of the table, as input and output alone. */
export function priced(
  { input_per_million, output_per_million }: Pick<Price, "input_per_million" | "output_per_million">,
  { tokens_in, tokens_out }: Pick<CostFigures, "tokens_in" | "tokens_out">,
): number {
  return (tokens_in * input_per_million + tokens_out * output_per_million) / 1_000_000;
}

export interface WhatIfProps {
  totals: CostFigures;
  /** By model: what there is to choose from without typing. */
  models: readonly CostGroup[];
}

/** The calls of this time on another model's prices. */
export function WhatIf({ totals, models }: WhatIfProps) {
  const { view, set } = useView();
  const list = useId();
  const model = view.against ?? "";
  const asked = useDeferredValue(model.trim());
  const price = useQuery({ ...priceOfQuery(view.mode, asked), enabled: asked !== "" });
  return (
    <section aria-label="What if" className={styles.whatIf}>
      <label>
        What if all of it had run on{" "}
        <input
          list={list}
          placeholder="a model"
          maxLength={200}
          value={model}
          onChange={(event) => set({ against: event.target.value }, { replace: true })}
        />
      </label>
      <datalist id={list}>
        {models.map((group) => (
          <option key={group.model} value={group.model} />
        ))}
      </datalist>
      <span role="status">
        {price.error !== null && <span className="bad">{errorSentence(price.error)}</span>}
        {asked === "" || price.data === undefined ? null : price.data === null ? (
          <span className="sub">No row of the price table is this model's own.</span>
        ) : (
          <OnPrices price={price.data} totals={totals} />
        )}
      </span>
    </section>
  );
}

function OnPrices({ price, totals }: { price: Price; totals: CostFigures }) {
  const cost = priced(price, totals);
  const share = totals.cost === 0 ? null : (cost - totals.cost) / totals.cost;
  return (
    <>
      <b className={styles.read}>{formatMoney(cost)}</b> for the same{" "}
      {totals.call_count === 1 ? "call" : `${formatCount(totals.call_count)} calls`}
      {share !== null && (
        <>
          ,{" "}
          <span className={share > 0 ? "bad" : "good"}>
            {Math.abs(share) < 0.005
              ? "the same"
              : `${share > 0 ? "▲" : "▼"} ${Math.round(Math.abs(share) * 100)}\u00a0%, ${formatMoney(Math.abs(cost - totals.cost))} ${share > 0 ? "more" : "less"}`}
          </span>
        </>
      )}
      <span className="dim">
        {" "}
        at {price.pattern}’s ${price.input_per_million} in and ${price.output_per_million} out per million tokens,
        without caching
      </span>
    </>
  );
}
