import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type ErrorExample, type ErrorGroup, errorPlace, errorQuery, errorTitle } from "~/api/failures";
import { PickTrend } from "~/components/errors/PickTrend";
import { Button } from "~/components/ui/Button";
import { CopyButton } from "~/components/ui/CopyButton";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Table } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { formatCount } from "~/format/count";
import { legible } from "~/format/legible";
import { usePeriodParameters } from "~/view/period";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./errors.module.css";

export interface ErrorDetailProps {
  errorId: string;
  scope: Record<string, string | undefined>;
}

/** One error: what it says, who has it, since which version, and the runs to look into. */
export function ErrorDetail({ errorId, scope }: ErrorDetailProps) {
  const { view, set } = useView();
  const { since_ms, until_ms } = usePeriodParameters(view);
  const error = useQuery(errorQuery(view.mode, errorId, scope));
  if (error.data === undefined)
    return error.error === null ? (
      <SkeletonRows count={4} />
    ) : (
      <ErrorState
        what="This error"
        error={error.error}
        onRetry={() => void error.refetch()}
        gone={{
          title: "No such error here",
          step: (
            <Button small onClick={() => set({ error: undefined })}>
              Clear the selection
            </Button>
          ),
        }}
      />
    );
  const { data } = error;
  return (
    <section className={styles.detail} aria-label={`Error ${errorTitle(data)}`}>
      <header>
        <span className="c" data-status="error">
          <Icon name="fail" />
        </span>
        <h2>{errorTitle(data)}</h2>
        <span className="sub">
          in <span className="mono">{errorPlace(data)}</span>
        </span>
        <span className="grow" />
        <CopyButton
          look="ghost"
          text={() => `${errorTitle(data)} in ${errorPlace(data)}: ${data.message ?? ""}`}
          what="error"
        />
        <Button look="ghost" small icon aria-label="Close the error" onClick={() => set({ error: undefined })}>
          <Icon name="x" />
        </Button>
      </header>
      {data.message !== null && (
        <pre className={styles.said} dir="auto">
          {data.message}
        </pre>
      )}
      <dl className={styles.facts}>
        <div>
          <dt>Failures</dt>
          <dd>
            <b>{formatCount(data.in_period)}</b> in this time, {formatCount(data.occurrences)} in all
            <PickTrend counts={data.trend} since_ms={since_ms} until_ms={until_ms} />
          </dd>
        </div>
        <div>
          <dt>First seen</dt>
          <dd>
            <Time at={data.first_seen} />
          </dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>
            <Time at={data.last_seen} />
          </dd>
        </div>
        <Agents error={data} />
        <Versions error={data} />
        {data.projects.length > 0 && (
          <div>
            <dt>{data.projects.length === 1 ? "Project" : "Projects"}</dt>
            <dd>{data.projects.join(", ")}</dd>
          </div>
        )}
      </dl>
      <Examples examples={data.examples} />
    </section>
  );
}

function Agents({ error }: { error: ErrorGroup }) {
  const { view, set } = useView();
  return (
    <div>
      <dt>{error.agent_count === 1 ? "Agent" : "Agents"}</dt>
      <dd>
        {error.agents.map((agent) => (
          <button
            key={agent.agent_id}
            type="button"
            className={styles.agent}
            aria-pressed={view.agent === agent.agent_id}
            onClick={() => set({ agent: view.agent === agent.agent_id ? undefined : agent.agent_id })}
          >
            <span className="ell">{legible(agent.agent_id)}</span>{" "}
            <span className="dim">{formatCount(agent.occurrences)}</span>
          </button>
        ))}
        {error.agent_count > error.agents.length && (
          <span className="dim">and {formatCount(error.agent_count - error.agents.length)} others</span>
        )}
      </dd>
    </div>
  );
}

function Versions({ error }: { error: ErrorGroup }) {
  const named = error.versions.filter((known) => known.version !== null);
  if (named.length === 0) return null;
  return (
    <div>
      <dt>{named.length === 1 ? "Version" : "Versions"}</dt>
      <dd>
        {named.map((known) => (
          <span key={known.version}>
            {known.version}{" "}
            <span className="dim">
              <Time at={known.first_seen} /> – <Time at={known.last_seen} />
            </span>
          </span>
        ))}
      </dd>
    </div>
  );
}

function Examples({ examples }: { examples: readonly ErrorExample[] }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  return (
    <Table columns={["When", "Agent", "Task", "Version", "What it said"]} caption="The newest failures">
      {examples.map((example) => (
        <tr key={example.event_id}>
          <td className="sub">
            <Time at={example.timestamp} />
          </td>
          <td title={legible(example.agent_id)}>{legible(example.agent_id)}</td>
          <td className="mono">
            {example.task_id === null ? (
              <span className="dim">outside of a task</span>
            ) : (
              <Link
                className="link"
                to="/"
                search={
                  patchSearch(here, {
                    agent: undefined,
                    task: example.task_id,
                    owner: example.agent_id,
                    run: example.task_run_id ?? undefined,
                    node: example.event_id,
                  }) as never
                }
              >
                {legible(example.task_id)}
              </Link>
            )}
          </td>
          <td className="sub">{example.agent_version ?? "–"}</td>
          <td className={styles.saidCell} title={example.message ?? undefined}>
            {example.message ?? <span className="dim">nothing</span>}
          </td>
        </tr>
      ))}
    </Table>
  );
}
