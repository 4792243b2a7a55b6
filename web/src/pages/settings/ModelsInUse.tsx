import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Anchor, type Price, priceOfQuery } from "~/api/prices";
import { costQuery } from "~/api/queries";
import { Answer } from "~/components/ui/Answer";
import { Badge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { figures, Table, unseen } from "~/components/ui/Table";
import { formatCount } from "~/format/count";
import { formatMoney } from "~/format/money";
import { useView } from "~/view/url";
import styles from "./settings.module.css";

/** Rows read at once; the dearest and the unknown come first. */
const ROWS = 12;
const MOST_ROWS = 100;

/** How a name matched a row, in the words of the explanation of a call. */
export function matchWords(price: Price): string {
  const words: Record<Anchor, string> = {
    exact: "exact name",
    without_provider: "name without provider",
    without_date: "name without date",
    without_provider_and_date: "name without provider and date",
  };
  return price.matched == null ? "" : words[price.matched];
}

/** The models that this workspace called in the last 30 days, and the row that prices each. */
export function ModelsInUse({ onPrice }: { onPrice: ((model: string) => void) | undefined }) {
  const { view } = useView();
  const [all, setAll] = useState(false);
  const cost = useQuery(costQuery(view.mode, { range: "30d", group_by: "model", limit: MOST_ROWS }));
  const named = (cost.data?.groups ?? []).filter((group) => (group.model ?? "") !== "");
  // What costs nothing may well be what nobody has a price for.
  const groups = [...named.filter((group) => group.cost === 0), ...named.filter((group) => group.cost > 0)];
  const shown = all ? groups : groups.slice(0, ROWS);
  const prices = useQueries({ queries: shown.map((group) => priceOfQuery(view.mode, group.model ?? "")) });
  const unknown = prices.filter((price) => price.data === null).length;
  return (
    <section aria-label="Models in use" className={styles.section}>
      <div className={styles.head}>
        <h2>Models in use</h2>
        <span className="sub">called in the last 30 days</span>
        {unknown > 0 && <Badge tone="waiting">{unknown} without a price</Badge>}
      </div>
      <Answer query={cost} what="The models in use" rows={4}>
        {() =>
          shown.length === 0 ? (
            <Empty title="No model was called in the last 30 days" />
          ) : (
            <Table
              columns={[
                "Model",
                figures("Calls"),
                figures("Cost"),
                figures("Estimated"),
                "Priced by",
                "Matched by",
                unseen("Change"),
              ]}
            >
              {shown.map((group, index) => {
                const model = group.model ?? "";
                const price = prices[index]?.data;
                return (
                  <tr key={model}>
                    <td title={model}>
                      <ModelBadge model={model} />
                    </td>
                    <td className="num">{formatCount(group.call_count)}</td>
                    <td className="num strong">{formatMoney(group.cost)}</td>
                    <td className="num sub">{formatMoney(group.estimated_cost)}</td>
                    {price === undefined ? (
                      <td colSpan={2} className="dim">
                        …
                      </td>
                    ) : price === null ? (
                      <td colSpan={2} className={styles.words}>
                        <span data-status="waiting" className="c">
                          Unknown model.
                        </span>{" "}
                        {group.cost > 0
                          ? "Only what its agents reported themselves is counted."
                          : "Its calls are counted without a cost."}
                      </td>
                    ) : (
                      <>
                        <td className="mono" title={price.pattern}>
                          {price.pattern}
                        </td>
                        <td className="sub">
                          {price.is_own ? "own price, " : ""}
                          {matchWords(price)}
                        </td>
                      </>
                    )}
                    <td className="num">
                      {price === null && onPrice !== undefined && (
                        <Button small onClick={() => onPrice(model)}>
                          Set a price<span className="sr-only"> for {model}</span>
                        </Button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </Table>
          )
        }
      </Answer>
      {groups.length > shown.length && (
        <div className={styles.next}>
          <Button small onClick={() => setAll(true)}>
            Show all {groups.length}
          </Button>
        </div>
      )}
    </section>
  );
}
