import type { AgentInstance } from "~/api/types";
import { Age } from "~/components/ui/Age";
import { Empty } from "~/components/ui/Empty";
import styles from "./agent.module.css";

/** The processes that report under this name. */
export function Instances({ instances }: { instances: readonly AgentInstance[] }) {
  return (
    <section aria-label="Instances">
      <div className={styles.head}>
        <h2>Instances</h2>
        <span className="dim">{instances.length}</span>
      </div>
      {instances.length === 0 ? (
        <Empty title="Its client does not tell processes apart">
          One that does sends an instance id with every batch.
        </Empty>
      ) : (
        <ul>
          {instances.map((instance) => (
            <li key={instance.instance_id} className={`${styles.row} ${styles.instance}`}>
              <span className="mono ell" title={instance.instance_id}>
                {instance.instance_id}
              </span>
              <span className="sub">{instance.open_runs} open</span>
              <span className={instance.is_silent ? "bad" : "sub"}>
                {instance.is_silent ? "silent for " : "seen "}
                <Age since={instance.last_seen} short />
                {!instance.is_silent && " ago"}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
