import { useQuery } from "@tanstack/react-query";
import { type AgentCard, metricsQuery } from "~/api/queries";
import { needsAttention, statusLook } from "~/appearance/status";
import { useStale } from "~/components/frame/useStale";
import { useTitle } from "~/components/frame/useTitle";
import { Age } from "~/components/ui/Age";
import { errorSentence } from "~/components/ui/ErrorState";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatAtLeast, formatCount, formatShare } from "~/format/count";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { formatClock, formatClockShort } from "~/format/time";
import { useNow } from "~/live/clock";
import { useConnection } from "~/live/LiveProvider";
import { useAgents } from "~/view/agents";
import { useOpenAlerts } from "~/view/findings";
import { useView, type View } from "~/view/url";
import styles from "./wall.module.css";

/** Names with a line of their own; more are counted, for nobody reads further from the door. */
const NAMED = 6;

/** How bad it is, read from across the room: red for what is broken, amber for who waits, green for go home. */
type Mood = "success" | "waiting" | "stuck" | "idle";

function isBroken({ derived_status }: AgentCard): boolean {
  return derived_status === "stuck" || derived_status === "error";
}

function moodOf(agents: readonly AgentCard[], alerts: number, stale: boolean): Mood {
  if (stale || agents.length === 0) return "idle";
  if (agents.some(isBroken) || alerts > 0) return "stuck";
  return agents.some((agent) => needsAttention(agent.derived_status)) ? "waiting" : "success";
}

/** The Glance, for a screen by the door: one word, who it is about and since when. Nothing to press. */
export function Wall() {
  const { view } = useView();
  const { agents: known, query } = useAgents(view);
  const { alerts: open, more, error: alertsError } = useOpenAlerts(view);
  const stale = useStale();
  useTitle();
  const unread = known === undefined && query.error !== null;
  if (known === undefined && !stale && !unread) return <main className={styles.wall} aria-busy="true" />;
  const agents = known ?? [];
  const here = agents.filter((agent) => agent.liveness !== "gone");
  // Nobody has taken these over.
  const alerts = open?.filter((alert) => alert.acknowledged_by === null).length ?? 0;
  const needy = here.filter((agent) => needsAttention(agent.derived_status));
  const told = moodOf(here, alerts, stale || unread);
  // Nobody goes home on what could not be read.
  const unsure = told === "success" && alertsError !== null;
  const mood = unsure ? "idle" : told;
  return (
    <main className={styles.wall} data-status={mood} data-stale={stale || undefined}>
      <header className={styles.top}>
        <Scope view={view} />
        <Clock />
      </header>
      <section className={styles.middle} aria-label="How the fleet is" aria-live="polite">
        <StatusCell tone={mood} className={styles.cell ?? ""} />
        <div className={styles.say}>
          <h1>
            {known === undefined
              ? "Nothing can be read"
              : unsure
                ? "Alerts cannot be read"
                : headline(mood, here.length, needy, alerts, more)}
          </h1>
          {stale ? (
            <Silence />
          ) : unread || unsure ? (
            <Unread error={query.error ?? alertsError} />
          ) : (
            <Needy agents={needy} />
          )}
        </div>
      </section>
      <Figures
        view={view}
        agents={known === undefined ? undefined : here}
        alerts={open === undefined ? "–" : formatAtLeast(alerts, more)}
      />
    </main>
  );
}

function headline(mood: Mood, all: number, needy: readonly AgentCard[], alerts: number, more: boolean): string {
  if (all === 0) return "No agent reports";
  if (mood === "idle") return "Not live";
  if (mood === "success") return all === 1 ? "The agent is well" : `All ${formatCount(all)} agents are well`;
  if (needy.length === 0) return `${formatAtLeast(alerts, more)} ${alerts === 1 ? "alert is" : "alerts are"} open`;
  if (mood === "waiting") return `${formatCount(needy.length)} ${needy.length === 1 ? "waits" : "wait"} for a person`;
  const broken = needy.filter(isBroken).length;
  if (broken === 0) return `${formatAtLeast(alerts, more)} ${alerts === 1 ? "alert is" : "alerts are"} open`;
  return `${formatCount(broken)} of ${formatCount(all)} ${broken === 1 ? "is" : "are"} in trouble`;
}

/** What is not named, told apart as the line above counts: `7 more in trouble, 3 wait for a person`. */
function moreWords(agents: readonly AgentCard[]): string {
  const broken = agents.filter(isBroken).length;
  const waiting = agents.length - broken;
  return [
    broken > 0 && `${formatCount(broken)} more in trouble`,
    waiting > 0 &&
      `${formatCount(waiting)}${broken > 0 ? "" : " more"} ${waiting === 1 ? "waits" : "wait"} for a person`,
  ]
    .filter((words) => words !== false)
    .join(", ");
}

function Needy({ agents }: { agents: readonly AgentCard[] }) {
  if (agents.length === 0) return null;
  return (
    <ul className={styles.needy}>
      {agents.slice(0, NAMED).map((agent) => {
        const look = statusLook(agent.derived_status);
        return (
          <li key={agent.agent_id} data-status={look.tone}>
            <StatusCell tone={look.tone} size={26} />
            <span className="ell">{legible(agent.agent_id)}</span>
            <span className="c">{look.word.toLowerCase()}</span>
            <Age since={agent.status_since_ms} />
          </li>
        );
      })}
      {agents.length > NAMED && <li className={styles.more}>{moreWords(agents.slice(NAMED))}</li>}
    </ul>
  );
}

function Silence() {
  const { heard_at_ms, since_ms } = useConnection();
  return <p className={styles.silence}>The server has not been heard since {formatClock(heard_at_ms ?? since_ms)}.</p>;
}

function Unread({ error }: { error: unknown }) {
  return <p className={styles.silence}>{errorSentence(error)}</p>;
}

function Scope({ view }: { view: View }) {
  const parts = [view.environment, view.project, view.group].filter((part) => part !== undefined);
  return (
    <span className="ell">
      HiveBoard
      {view.mode === "test" && ", test data"}
      {parts.length > 0 && `, ${parts.join(", ")}`}
    </span>
  );
}

function Clock() {
  return <span>{formatClockShort(useNow())}</span>;
}

function Figures({ view, agents, alerts }: { view: View; agents: readonly AgentCard[] | undefined; alerts: string }) {
  const summary = useQuery(
    metricsQuery(view.mode, {
      range: "1h",
      project_id: view.project,
      environment: view.environment,
      group: view.group,
    }),
  ).data?.summary;
  const count = (status: AgentCard["derived_status"]) =>
    agents?.filter((agent) => agent.derived_status === status).length;
  const figures: [string, string][] = [
    ["Agents", formatCount(agents?.length)],
    ["At work", formatCount(count("processing"))],
    ["Done, 1 h", formatCount(summary?.completed)],
    ["Failed, 1 h", formatCount(summary?.failed)],
    ["Success, 1 h", summary?.success_rate == null ? "–" : formatShare(summary.success_rate)],
    ["Cost, 1 h", formatMoney(summary?.total_cost)],
    ["Alerts", alerts],
  ];
  return (
    <dl className={styles.figures}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
