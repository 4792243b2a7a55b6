import { type ErrorGroup, errorPlace, errorTitle } from "~/api/failures";
import type { AgentCard } from "~/api/queries";
import type { Task } from "~/api/types";
import type { SavedView } from "~/api/views";
import { type StatusTone, statusLook } from "~/appearance/status";
import { FURTHER_VIEWS, VIEWS } from "~/components/frame/views";
import type { IconName } from "~/components/ui/Icon";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";

/** One line of the palette. */
export interface Command {
  id: string;
  section: "Agents" | "Tasks" | "Errors" | "Go to" | "Do";
  title: string;
  /** Said after the title, dimmed. */
  note?: string;
  icon?: IconName;
  tone?: StatusTone;
  /** Whether the title is an id. */
  mono?: boolean;
  keys?: readonly string[];
  /** Said at the right of the selected line. */
  verb?: string;
  run: () => void;
}

const AGENTS_SHOWN = 6;

/** Whether every word of the search is in the text. */
export function answers(search: string, ...texts: (string | null | undefined)[]): boolean {
  const text = texts.join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function agentCommands(
  agents: readonly AgentCard[],
  search: string,
  narrow: (agent: string) => void,
): Command[] {
  return agents
    .filter((agent) => answers(search, agent.agent_id, agent.agent_type, agent.group))
    .sort((a, b) => Number(answers(search, b.agent_id)) - Number(answers(search, a.agent_id)))
    .slice(0, AGENTS_SHOWN)
    .map((agent) => {
      const { tone, word } = statusLook(agent.derived_status);
      return {
        id: `agent ${agent.agent_id}`,
        section: "Agents",
        title: legible(agent.agent_id),
        note: `${legible(agent.agent_type)}, ${word.toLowerCase()}`,
        tone,
        verb: "Narrow to it",
        run: () => narrow(agent.agent_id),
      };
    });
}

export function taskCommands(tasks: readonly Task[], open: (task: Task) => void): Command[] {
  return tasks.map((task) => {
    const { tone, word } = statusLook(task.derived_status);
    return {
      id: `task ${task.agent_id} ${task.task_id} ${task.task_run_id}`,
      section: "Tasks",
      title: legible(task.task_id),
      note: `${legible(task.agent_id)}, ${word.toLowerCase()}, ${formatDuration(task.duration_ms)}`,
      tone,
      mono: true,
      verb: "Open",
      run: () => open(task),
    };
  });
}

export function errorCommands(errors: readonly ErrorGroup[], open: (error: ErrorGroup) => void): Command[] {
  return errors.map((error) => ({
    id: `error ${error.error_id}`,
    section: "Errors",
    title: errorTitle(error),
    note: `in ${errorPlace(error)}${error.exception_type === null || error.message === null ? "" : `: ${error.message}`}`,
    tone: "error",
    verb: "Open",
    run: () => open(error),
  }));
}

export function savedViewCommands(
  saved: readonly SavedView[],
  search: string,
  open: (view: SavedView) => void,
): Command[] {
  return saved
    .filter((view) => answers(search, view.name))
    .map((view) => ({
      id: `saved ${view.view_id}`,
      section: "Go to",
      title: view.name,
      note: `a view kept by ${view.changed_by}`,
      icon: "eye",
      run: () => open(view),
    }));
}

export function viewCommands(
  search: string,
  projects: readonly string[],
  go: (to: string, project?: string) => void,
): Command[] {
  const views = VIEWS.map<Command>((view) => ({
    id: `view ${view.to}`,
    section: "Go to",
    title: view.label,
    icon: view.icon,
    keys: ["g", view.key],
    run: () => go(view.to),
  }));
  const further = FURTHER_VIEWS.map<Command>((view) => ({
    id: `view ${view.to}`,
    section: "Go to",
    title: view.label,
    icon: view.icon,
    run: () => go(view.to),
  }));
  const narrowed =
    search === ""
      ? []
      : projects.map<Command>((project) => ({
          id: `project ${project}`,
          section: "Go to",
          title: `Mission Control of project ${project}`,
          icon: "story",
          run: () => go("/", project),
        }));
  return [...views, ...further, ...narrowed].filter((command) => answers(search, command.title));
}
