import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { errorQuery } from "~/api/failures";
import { Age } from "~/components/ui/Age";
import { Time } from "~/components/ui/Time";
import { formatCount } from "~/format/count";
import { RANGE_MS } from "~/view/period";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./SeenBefore.module.css";
import { Trend } from "./Trend";

/** Whether a failure is new, or has been seen before: how often, since when, in which versions; and the way to all of them. */
export function SeenBefore({ errorId }: { errorId: string }) {
  const { view } = useView();
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const error = useQuery(errorQuery(view.mode, errorId, { range: "7d" })).data;
  if (error === undefined) return null;
  const versions = error.versions.flatMap((known) => known.version ?? []);
  return (
    <section className={styles.seen} aria-label="Seen before">
      <p>
        {error.occurrences === 1 ? (
          <>
            <b>New.</b> It was never seen before.
          </>
        ) : (
          <>
            <b>Seen {formatCount(error.occurrences)} times</b> since <Time at={error.first_seen} />, last{" "}
            <Age since={error.last_seen} short /> ago
            {error.agent_count > 1 && `, in ${formatCount(error.agent_count)} agents`}
          </>
        )}
        {versions.length > 0 && (
          <span className="dim">
            {" "}
            {versions.length === 1 ? "version" : "versions"} {versions.slice(0, 4).join(", ")}
            {versions.length > 4 && "…"}
          </span>
        )}
      </p>
      {error.occurrences > 1 && <Trend counts={error.trend} span_ms={RANGE_MS["7d"]} />}
      <Link
        className="link"
        to="/errors"
        search={
          patchSearch(here, {
            error: errorId,
            agent: undefined,
            range: "7d",
            since: undefined,
            until: undefined,
          }) as never
        }
      >
        All of this error
      </Link>
    </section>
  );
}
