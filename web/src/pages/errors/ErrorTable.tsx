import { type ErrorGroup, errorPlace, errorTitle } from "~/api/failures";
import { Trend } from "~/components/errors/Trend";
import { Age } from "~/components/ui/Age";
import { LineBadge } from "~/components/ui/Badge";
import { figures, Table } from "~/components/ui/Table";
import { formatCount } from "~/format/count";
import { usePeriodParameters } from "~/view/period";
import { useView } from "~/view/url";
import styles from "./errors.module.css";

/** Each error in a row; a click opens it. */
export function ErrorTable({ errors }: { errors: readonly ErrorGroup[] }) {
  const { view, set } = useView();
  const { since_ms, until_ms } = usePeriodParameters(view);
  const isNew = (error: ErrorGroup) => Date.parse(error.first_seen) >= since_ms;
  // A mark on nearly every row would mark nothing.
  const marks = errors.filter(isNew).length * 2 <= errors.length;
  return (
    <Table
      columns={[
        "Error",
        "Trend",
        figures("Failures"),
        figures("Agents"),
        "Version",
        figures("First seen"),
        figures("Last seen"),
      ]}
      className={styles.table}
      fits
    >
      {errors.map((error, place) => {
        const selected = view.error === error.error_id;
        return (
          <tr
            // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
            key={place}
            className={styles.opens}
            aria-selected={selected || undefined}
            onClick={() => set({ error: selected ? undefined : error.error_id })}
          >
            <td className={styles.what}>
              <button
                type="button"
                aria-expanded={selected}
                onClick={(press) => {
                  press.stopPropagation();
                  set({ error: selected ? undefined : error.error_id });
                }}
              >
                <b className="ell" title={errorTitle(error)}>
                  {errorTitle(error)}
                </b>
                {marks && isNew(error) && <LineBadge>new</LineBadge>}
                <span className={`${styles.place} ell`} title={errorPlace(error)}>
                  in <span className="mono">{errorPlace(error)}</span>
                </span>
              </button>
              {error.exception_type !== null && error.message !== null && (
                <span className={styles.message} title={error.message}>
                  {error.message}
                </span>
              )}
            </td>
            <td>
              <Trend counts={error.trend} span_ms={until_ms - since_ms} />
            </td>
            <td className="num strong">{formatCount(error.in_period)}</td>
            <td className="num">{formatCount(error.agent_count)}</td>
            <td className="sub">{error.versions[0]?.version ?? "–"}</td>
            <td className="num sub">
              <Age since={error.first_seen} short />
            </td>
            <td className="num">
              <Age since={error.last_seen} short />
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
