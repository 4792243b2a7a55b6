import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "~/api/permissions";
import { type Price, pricesQuery } from "~/api/prices";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ShowMore } from "~/components/ui/ShowMore";
import { figures, Table, unseen } from "~/components/ui/Table";
import { useView } from "~/view/url";
import { ModelsInUse } from "./ModelsInUse";
import { PriceForm } from "./PriceForm";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

/** A price as the table shows it: dollars per million tokens. */
export function rate(dollars: number | null | undefined): string {
  return dollars === null || dollars === undefined
    ? "–"
    : dollars.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** What models cost: those that this workspace called, its own prices, and the table that comes with the server. */
export function Prices() {
  const may = useMay("changePrices");
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <>
      <ModelsInUse onPrice={may ? setDraft : undefined} />
      <section aria-label="Own price" className={styles.section}>
        <div className={styles.head}>
          <h2>Own prices</h2>
          <span className="sub">
            They win over the table, for calls that arrive from now on. Costs that agents report themselves always
            count.
          </span>
          <span className="grow" />
          {may && draft === null && (
            <Button small onClick={() => setDraft("")}>
              Set a price
            </Button>
          )}
        </div>
        {may && draft !== null && <PriceForm key={draft} pattern={draft} onClose={() => setDraft(null)} />}
      </section>
      <PriceTable mayChange={may} onEdit={setDraft} />
    </>
  );
}

function PriceTable({ mayChange, onEdit }: { mayChange: boolean; onEdit: (pattern: string) => void }) {
  const { view, set } = useView();
  const q = view.q ?? "";
  const prices = useInfiniteQuery(pricesQuery(view.mode, q));
  const rows = prices.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-label="Price table" className={styles.section}>
      <div className={styles.head}>
        <h2>Price table</h2>
        <span className="sub">US dollars per million tokens</span>
        <span className="grow" />
        <div className={styles.form}>
          <input
            type="search"
            aria-label="Search the price table"
            placeholder="Model"
            value={q}
            maxLength={200}
            onChange={(event) => set({ q: event.target.value || undefined }, { replace: true })}
          />
        </div>
      </div>
      <Answer query={prices} what="The prices" rows={8}>
        {() =>
          rows.length === 0 ? (
            <Empty
              title={`No row of the table has “${q}” in its name`}
              step={
                mayChange ? (
                  <button type="button" className="link" onClick={() => onEdit(q)}>
                    Set a price for it
                  </button>
                ) : undefined
              }
            />
          ) : (
            <Table
              columns={[
                "Model",
                figures("Input"),
                figures("Cached"),
                figures("Cache write"),
                figures("Output"),
                figures("Long context"),
                "From",
                unseen("Change"),
              ]}
            >
              {rows.map((price) => (
                <PriceRow
                  key={`${price.is_own} ${price.pattern}`}
                  price={price}
                  mayChange={mayChange}
                  onEdit={() => onEdit(price.pattern)}
                />
              ))}
            </Table>
          )
        }
      </Answer>
      <ShowMore list={prices} />
    </section>
  );
}

function PriceRow({ price, mayChange, onEdit }: { price: Price; mayChange: boolean; onEdit: () => void }) {
  const change = useSettingsChange("prices", "explain");
  const long = price.long_context;
  return (
    <tr>
      <td className={`mono strong ${styles.pattern}`} title={price.pattern}>
        {price.pattern}
      </td>
      <td className="num">{rate(price.input_per_million)}</td>
      <td className="num">{rate(price.cached_input_per_million)}</td>
      <td className="num">{rate(price.cache_write_5m_per_million)}</td>
      <td className="num">{rate(price.output_per_million)}</td>
      <td className="num sub">
        {long == null
          ? "–"
          : `${rate(long.input_per_million)} / ${rate(long.output_per_million)} over ${Math.round(long.above_tokens / 1_000)}k`}
      </td>
      <td className="sub">
        {price.is_own ? <LineBadge>own</LineBadge> : price.source.name} {price.source.as_of}
      </td>
      <td className="num">
        {mayChange && (
          <span className={styles.confirm}>
            <Button small look="ghost" onClick={onEdit}>
              {price.is_own ? "Change" : "Override"}
              <span className="sr-only"> {price.pattern}</span>
            </Button>
            {price.is_own && (
              <Button
                small
                look="ghost"
                disabled={change.isPending}
                onClick={() =>
                  change.mutate({
                    method: "DELETE",
                    path: `/v1/prices/${encodeURIComponent(price.pattern)}`,
                    done: `The table's price holds again for ${price.pattern}`,
                  })
                }
              >
                Remove<span className="sr-only"> {price.pattern}</span>
              </Button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}
