import type { AgentCard } from "~/api/queries";
import type { HiveEvent, Task } from "~/api/types";
import type { StatusTone } from "~/appearance/status";
import type { IconName } from "~/components/ui/Icon";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import type { ViewPatch } from "~/view/url";

/** What the demo fleet has done so far of what the tour tells. */
export interface Seen {
  agents: readonly AgentCard[];
  /** The newest failures. */
  failures: readonly HiveEvent[];
  /** The run that costs most in this hour, and what all of them cost. */
  dearest: Task | undefined;
  total_usd: number | undefined;
  /** Somebody who is waited for. */
  waiting: Task | undefined;
}

/** One stop of the tour. */
export interface Stop {
  title: string;
  text: string;
  /** What is so at this moment. */
  now?: { tone: StatusTone | "llm"; icon: IconName; words: string };
  /** Where on the board it is seen; absent while there is nothing to see. */
  place?: { to: string; search: ViewPatch };
}

const MORTAL = "web-crawler";
/** Its failures have a plan, a question to a model, and tries that came before. */
const STORYTELLER = "lead-qualifier";
const EMPTY: ViewPatch = {
  tab: undefined,
  agent: undefined,
  task: undefined,
  owner: undefined,
  run: undefined,
  node: undefined,
};

function dying({ agents }: Seen): Stop {
  const crawler = agents.find((agent) => agent.agent_id === MORTAL);
  const threshold_s = Math.round(crawler?.stuck_threshold_seconds ?? 15);
  return {
    title: "An agent that dies",
    text: `The process of ${MORTAL} is killed about once a minute, in the middle of its work. It can tell nobody. The board notices by itself, ${threshold_s} s after the last sign of life; the page it was at stays stuck.`,
    now: crawler?.is_stuck
      ? { tone: "stuck", icon: "bell", words: `${MORTAL} is dead right now: its card is red, and first.` }
      : { tone: "processing", icon: "pulse", words: `${MORTAL} is alive right now; below are the pages it died at.` },
    place: { to: "/", search: { ...EMPTY, agent: MORTAL } },
  };
}

function failed({ failures }: Seen): Stop {
  const failure = failures.find((event) => event.agent_id === STORYTELLER) ?? failures[0];
  const title = "A task that failed, and why";
  const text =
    "Its story runs step by step: the plan, each step, each question to a model. The red node is where it broke; the panel below it has the exception and the tries that led there.";
  if (failure === undefined || failure.task_id === null)
    return {
      title,
      text,
      now: { tone: "idle", icon: "clock", words: "Nothing has failed yet; it will not take long." },
    };
  const said = failure.payload?.exception_message;
  const why = typeof said === "string" && said !== "" ? `: “${said}”` : "";
  return {
    title,
    text,
    now: {
      tone: "error",
      icon: "fail",
      words: `${legible(failure.agent_id)} failed at ${legible(failure.task_id)}${why}`,
    },
    place: {
      to: "/",
      search: {
        ...EMPTY,
        task: failure.task_id,
        owner: failure.agent_id,
        run: failure.task_run_id ?? undefined,
        node: failure.event_id,
      },
    },
  };
}

function dear({ dearest, total_usd }: Seen): Stop {
  const usd = dearest?.total_cost ?? 0;
  return {
    title: "Where the cost jumps",
    text: "Now and then research-analyst takes a dear model for one report, with a prompt that nearly doubles at every turn: the tall bars. The table by agent says who pays. support-triage-eu does the work of support-triage, on a dearer model.",
    ...(dearest !== undefined &&
      total_usd !== undefined &&
      usd > 0 && {
        now: {
          tone: "llm",
          icon: "coin",
          words: `${legible(dearest.task_id)} alone has cost ${formatMoney(usd)} of ${formatMoney(total_usd)} in this hour.`,
        },
      }),
    place: { to: "/cost", search: { ...EMPTY, by: "agent", range: "1h" } },
  };
}

function asked({ waiting }: Seen): Stop {
  const title = "Somebody is waited for";
  const text =
    "An agent asks a person, and stands still until there is an answer: before a payment over $5,000, a credit, an article, a release. The amber part of the bar above the story is how long people took.";
  if (waiting === undefined)
    return {
      title,
      text,
      now: { tone: "idle", icon: "clock", words: "Nobody is asked right now; the next large invoice is on its way." },
    };
  const what = waiting.waiting?.summary ? `: “${waiting.waiting.summary}”` : "";
  return {
    title,
    text,
    now: {
      tone: "waiting",
      icon: "ask",
      words: `${legible(waiting.agent_id)} waits for ${waiting.waiting?.approver ?? "a person"}${what}`,
    },
    place: {
      to: "/",
      search: { ...EMPTY, task: waiting.task_id, owner: waiting.agent_id, run: waiting.task_run_id || undefined },
    },
  };
}

const welcome = (): Stop => ({
  title: "A fleet at work",
  text: "Fourteen agents whose work is made up, and watched for real. Within two minutes one dies, a task fails, a cost jumps, and somebody is waited for. Shall I show you?",
});

const goodbye = (): Stop => ({
  title: "That is the board",
  text: "Every view is a link, Ctrl-K finds anything, and ? lists the keys. Your own agents are three lines away.",
  place: { to: "/", search: EMPTY },
});

/** The stops of the tour, in order. */
export const STOPS: readonly ((seen: Seen) => Stop)[] = [welcome, dying, failed, dear, asked, goodbye];
export const FAILED = STOPS.indexOf(failed);
export const DEAR = STOPS.indexOf(dear);
export const ASKED = STOPS.indexOf(asked);
