import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { foundErrorsQuery } from "~/api/failures";
import { tasksQuery } from "~/api/queries";
import { onServer } from "~/api/root";
import { savedAddress, savedViewsQuery } from "~/api/views";
import { resolvedTheme, setTheme } from "~/appearance/theme";
import { useColumns } from "~/components/frame/columns";
import { setTour } from "~/components/tour/tour-state";
import { useDemo } from "~/components/tour/useDemo";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { toast } from "~/components/ui/toast";
import { useModal } from "~/components/ui/useModal";
import { useAgents } from "~/view/agents";
import { parseSearch, patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import {
  agentCommands,
  answers,
  type Command,
  errorCommands,
  savedViewCommands,
  taskCommands,
  viewCommands,
} from "./commands";
import { Highlight } from "./Highlight";
import styles from "./Palette.module.css";
import { closePalette, typedAhead } from "./palette-state";

/** What the server looks for at most, in characters. */
const LONGEST_SEARCH = 200;
const TASKS_SHOWN = 5;
const ERRORS_SHOWN = 4;
const SECTIONS = ["Agents", "Tasks", "Errors", "Go to", "Do"] as const;

async function copyLink(): Promise<void> {
  await navigator.clipboard.writeText(location.href);
  toast({ tone: "success", title: "Link copied", text: "View, filters, task, run and pinned node." });
}

/** Things to do that are not places. */
function useDoing(): Command[] {
  const { view, set } = useView();
  const columns = useColumns();
  const demo = useDemo();
  const other = resolvedTheme() === "dark" ? "light" : "dark";
  return [
    { id: "copy", section: "Do", title: "Copy link to this view", icon: "link", run: () => void copyLink() },
    { id: "theme", section: "Do", title: `Switch to the ${other} theme`, icon: "sun", run: () => setTheme(other) },
    {
      id: "hive",
      section: "Do",
      title: columns.hiveFolded ? "Unfold the Hive" : "Fold the Hive",
      icon: "side",
      run: () => columns.foldHive(!columns.hiveFolded),
    },
    {
      id: "stream",
      section: "Do",
      title: columns.streamFolded ? "Unfold the Activity Stream" : "Fold the Activity Stream",
      icon: "sider",
      run: () => columns.foldStream(!columns.streamFolded),
    },
    {
      id: "docs",
      section: "Do",
      title: "Read the documentation",
      icon: "script",
      run: () => location.assign(onServer("/docs/index.html")),
    },
    ...(demo.length === 0
      ? []
      : [
          {
            id: "tour",
            section: "Do" as const,
            title: "Take the guided tour",
            icon: "play" as const,
            run: () => setTour({ step: 0, closed: false }),
          },
        ]),
    ...(view.agent === undefined
      ? []
      : [
          {
            id: "release",
            section: "Do" as const,
            title: `Release ${view.agent}`,
            icon: "x" as const,
            run: () => set({ agent: undefined }),
          },
        ]),
  ];
}

function useCommands(search: string): Command[] {
  const { view, set } = useView();
  const navigate = useNavigate();
  const current = useSearch({ strict: false }) as ViewSearch;
  const { agents, all } = useAgents(view);
  const doing = useDoing();
  const asked = useDeferredValue(search);
  const tasks = useQuery({
    ...tasksQuery(view.mode, { q: asked, limit: TASKS_SHOWN }),
    enabled: asked.length > 1,
    placeholderData: keepPreviousData,
  }).data?.data;

  const errors = useQuery({
    ...foundErrorsQuery(view.mode, { q: asked, range: "30d", limit: ERRORS_SHOWN }),
    enabled: asked.length > 1,
  }).data?.data;

  const saved = useQuery(savedViewsQuery()).data;

  const projects = useMemo(() => [...new Set(all?.flatMap((agent) => agent.projects))].sort(), [all]);
  const go = (to: string, patch: ViewSearch = {}) =>
    void navigate({ to, search: patchSearch(sharedSearch(current), patch) } as never);
  return [
    ...agentCommands(agents ?? [], search, (agent) => set({ agent })),
    ...taskCommands(search.length > 1 ? (tasks ?? []) : [], (task) =>
      go("/", { task: task.task_id, owner: task.agent_id, run: task.task_run_id }),
    ),
    ...errorCommands(search.length > 1 ? (errors ?? []) : [], (error) =>
      go("/errors", { error: error.error_id, range: "30d" }),
    ),
    ...savedViewCommands(saved ?? [], search, (view) => {
      const [to, query = ""] = savedAddress(view).split("?");
      void navigate({ to, search: parseSearch(query) } as never);
    }),
    ...viewCommands(search, projects, (to, project) => go(to, project === undefined ? {} : { project })),
    ...doing.filter((command) => answers(search, command.title)),
  ];
}

/** Everything by its name: agents, tasks, places, things to do. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState(typedAhead);
  const [index, setIndex] = useState(0);
  const commands = useCommands(search.trim());
  const at = Math.min(index, commands.length - 1);

  useModal(dialog);
  // The scroll position of the list follows the selection.
  useEffect(() => {
    list.current?.querySelector(`[data-index="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    closePalette();
    command.run();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter") run(commands[at]);
    else if (event.key === "ArrowDown") setIndex((at + 1) % Math.max(1, commands.length));
    else if (event.key === "ArrowUp") setIndex((at - 1 + commands.length) % Math.max(1, commands.length));
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is the pointer's way out
    <dialog
      ref={dialog}
      className={styles.palette}
      aria-label="Command palette"
      onClose={closePalette}
      onClick={(event) => event.target === dialog.current && closePalette()}
    >
      <div className={styles.field}>
        <Icon name="search" size={20} />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={commands.length > 0 ? `palette-${at}` : undefined}
          aria-label="Search agents, tasks, errors and commands"
          placeholder="An agent, a task, an error, a view, a command"
          maxLength={LONGEST_SEARCH}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setIndex(0);
          }}
          onKeyDown={key}
        />
        <kbd>Esc</kbd>
      </div>
      <div className={styles.list} id="palette-list" role="listbox" aria-label="Results" ref={list}>
        {SECTIONS.map((section) => {
          const lines = commands
            .map((command, place) => ({ command, place }))
            .filter((line) => line.command.section === section);
          return lines.length === 0 ? null : (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset may not stand in a listbox
            <div key={section} role="group" aria-label={section}>
              <p className={styles.section} aria-hidden="true">
                {section}
              </p>
              {lines.map(({ command, place }) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the field above has the focus and the keys
                <div
                  key={command.id}
                  id={`palette-${place}`}
                  data-index={place}
                  className={styles.line}
                  role="option"
                  aria-selected={place === at}
                  onPointerMove={() => setIndex(place)}
                  onClick={() => run(command)}
                >
                  {command.tone !== undefined ? (
                    <StatusCell tone={command.tone} />
                  ) : (
                    <Icon name={command.icon ?? "right"} />
                  )}
                  <span className={command.mono === true ? "mono ell" : "ell"}>
                    <Highlight text={command.title} search={search.trim()} />
                  </span>
                  {command.note !== undefined && (
                    <span className={`${styles.note} ell`}>
                      <Highlight text={command.note} search={search.trim()} />
                    </span>
                  )}
                  <span className={styles.right}>
                    {place === at && command.verb}
                    {command.keys?.map((each) => (
                      <kbd key={each}>{each}</kbd>
                    ))}
                    {place === at && command.keys === undefined && <kbd>↵</kbd>}
                  </span>
                </div>
              ))}
            </div>
          );
        })}
        {commands.length === 0 && <p className={styles.none}>Nothing here has all of these words.</p>}
      </div>
      <div className={styles.foot} aria-hidden="true">
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd>move
        </span>
        <span>
          <kbd>↵</kbd>open
        </span>
        <span className="grow" />
        <span>
          <kbd>?</kbd>all keys
        </span>
      </div>
    </dialog>
  );
}
