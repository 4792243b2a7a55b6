import { useInfiniteQuery } from "@tanstack/react-query";
import { formatJson } from "~/api/json";
import { type AuditEntry, auditQuery } from "~/api/people";
import { Answer } from "~/components/ui/Answer";
import { Empty } from "~/components/ui/Empty";
import { ShowMore } from "~/components/ui/ShowMore";
import { Table } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import styles from "./settings.module.css";

/** Who changed what, when and from where; newest first. */
export function Audit() {
  const audit = useInfiniteQuery(auditQuery());
  const entries = audit.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-label="Audit" className={styles.section}>
      <div className={styles.head}>
        <h2>Audit</h2>
        <span className="dim">kept for a year</span>
      </div>
      <Answer query={audit} what="The audit" rows={8}>
        {() =>
          entries.length === 0 ? (
            <Empty title="Nothing was changed yet">Every change is written down here.</Empty>
          ) : (
            <Table columns={["When", "Who", "What", "Of what", "From", "Before and after"]}>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td className="sub">
                    <Time at={entry.at} />
                  </td>
                  <td className={`strong ${styles.words}`}>
                    {entry.actor.name} <span className="dim">{entry.actor.kind}</span>
                  </td>
                  <td>{entry.action.replaceAll(".", " ")}</td>
                  <td className="mono" title={entry.target ?? undefined}>
                    {entry.target ?? "–"}
                  </td>
                  <td className="mono sub">{entry.address ?? "–"}</td>
                  <td>
                    <Difference entry={entry} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answer>
      <ShowMore list={audit} />
    </section>
  );
}

function Difference({ entry }: { entry: AuditEntry }) {
  const { before, after } = entry;
  if ((before ?? null) === null && (after ?? null) === null) return <span className="dim">–</span>;
  const words = (value: unknown) => ((value ?? null) === null ? "nothing" : formatJson(value));
  const text = `${words(before)} → ${words(after)}`;
  return (
    <span className="mono" title={text}>
      {text}
    </span>
  );
}
