import { onServer } from "~/api/root";
import { useSession } from "~/api/session";
import { Button } from "~/components/ui/Button";
import { CopyButton } from "~/components/ui/CopyButton";
import styles from "./settings.module.css";

/** Ends the session of this browser; the server answers with the way to the door. */
async function leave(): Promise<void> {
  await fetch(onServer("/leave"), { method: "POST", credentials: "same-origin" });
  location.assign(onServer("/sign-in"));
}

/** This server: where agents report to, where its data lies, which version it is. */
export function About() {
  const session = useSession();
  return (
    <section aria-label="This server" className={styles.section}>
      <div className={styles.head}>
        <h2>This server</h2>
        <span className="grow" />
        <Button small onClick={() => void leave()}>
          Sign out of this browser
        </Button>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Workspace</dt>
          <dd>{session?.workspace.name}</dd>
        </div>
        <div>
          <dt>Agents report to</dt>
          <dd className="mono">
            {session?.ingest_url}
            <CopyButton look="ghost" text={session?.ingest_url ?? ""} what="address" />
          </dd>
        </div>
        <div>
          <dt>Data directory</dt>
          <dd className="mono">{session?.data_dir_hint ?? "–"}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{session?.server_version}</dd>
        </div>
      </dl>
    </section>
  );
}
