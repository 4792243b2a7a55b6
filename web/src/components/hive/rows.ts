import type { AgentCard } from "~/api/queries";
import { needsAttention } from "~/appearance/status";
import { cardHeight } from "./AgentCardView";

export const GROUPINGS = ["attention", "type", "group", "environment"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export type HiveRow =
  | { kind: "head"; key: string; title: string; count: number; needs: number; height: number }
  | { kind: "agent"; key: string; agent: AgentCard; height: number };

const HEAD_PX = 29;

function sectionOf(agent: AgentCard, grouping: Grouping): string {
  switch (grouping) {
    case "attention":
      if (needsAttention(agent.derived_status)) return "Needs you";
      return agent.derived_status === "processing" ? "Working" : "Idle";
    case "type":
      return agent.agent_type;
    case "group":
      return agent.group;
    case "environment":
      return agent.environment;
  }
}

/** The states of agents that a status of the view means, where it was said of runs: a run that failed leaves its agent in error. */
const OF_RUNS: Record<string, readonly string[] | undefined> = {
  waiting: ["waiting_approval"],
  escalated: ["waiting_approval", "processing"],
  failed: ["error"],
  completed: ["idle"],
  cancelled: ["idle"],
};

/** Whether an agent is in one of the states that the page is narrowed to. */
export function hasStatus(agent: Pick<AgentCard, "derived_status">, statuses: string): boolean {
  return statuses.split(",").some((status) => (OF_RUNS[status] ?? [status]).includes(agent.derived_status));
}

/** Whether an agent answers a search: every word must be in its name, type, group, environment, project or task. */
export function matches(agent: AgentCard, search: string): boolean {
  const text = [
    agent.agent_id,
    agent.agent_type,
    agent.agent_version,
    agent.group,
    agent.environment,
    agent.current_task_id,
    ...agent.projects,
  ]
    .join(" ")
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/**
 * The rows of the Hive: heads and cards, in order. Agents come sorted by attention and stay so inside each section; sections
 * by label come with those that need somebody first, then by name.
 */
export function hiveRows(agents: readonly AgentCard[], grouping: Grouping): HiveRow[] {
  const sections = new Map<string, AgentCard[]>();
  for (const agent of agents) {
    const title = sectionOf(agent, grouping);
    const section = sections.get(title);
    if (section === undefined) sections.set(title, [agent]);
    else section.push(agent);
  }
  const ordered = [...sections].map(([title, members]) => ({
    title,
    members,
    needs: members.filter((agent) => needsAttention(agent.derived_status)).length,
  }));
  if (grouping !== "attention") {
    ordered.sort((a, b) => Math.sign(b.needs) - Math.sign(a.needs) || a.title.localeCompare(b.title));
  }
  return ordered.flatMap(({ title, members, needs }) => [
    { kind: "head" as const, key: `head ${title}`, title, count: members.length, needs, height: HEAD_PX },
    ...members.map(agentRow),
  ]);
}

export function agentRow(agent: AgentCard): HiveRow {
  return { kind: "agent", key: agent.agent_id, agent, height: cardHeight(agent) };
}
