import { useInfiniteQuery } from "@tanstack/react-query";
import { formatJson } from "~/api/json";
import { type AuditEntry, auditQuery } from "~/api/people";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { ShowMore } from "~/components/ui/ShowMore";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Time } from "~/components/ui/Time";
import { SettingsTable } from "./SettingsTable";
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
      {audit.data === undefined && audit.error !== null ? (
        <ErrorState what="The audit" error={audit.error} onRetry={() => void audit.refetch()} />
      ) : audit.data === undefined ? (
        <SkeletonRows count={8} />
      ) : entries.length === 0 ? (
        <Empty title="Nothing was changed yet">Every change is written down here.</Empty>
      ) : (
        <SettingsTable columns={["When", "Who", "What", "Of what", "From", "Before and after"]}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td className="sub">
                <Time at={entry.at} />
              </td>
              <td className="strong" title={entry.actor.name}>
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
        </SettingsTable>
      )}
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
