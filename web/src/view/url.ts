import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { DataMode, Range } from "~/api/types";

export const RANGES = ["1h", "6h", "24h", "7d", "30d", "90d"] as const satisfies readonly Range[];
/** As people read them: `the last 24 h`. */
export const RANGE_WORDS = {
  "1h": "last 1 h",
  "6h": "last 6 h",
  "24h": "last 24 h",
  "7d": "last 7 d",
  "30d": "last 30 d",
  "90d": "last 90 d",
} as const satisfies Record<Range, string>;
export const LOOKS = ["story", "waterfall", "transcript"] as const;
export type Look = (typeof LOOKS)[number];
export type Voice = "plain" | "events";

/**
 * Everything that the address bar holds. All of it is optional text: what is absent has its default, so that a fresh
 * board has a clean address. Pages read it with `useView` and change it with `set`.
 */
export interface ViewSearch {
  mode?: string;
  project?: string;
  environment?: string;
  group?: string;
  range?: string;
  /** A slice of the range, RFC 3339 in UTC: both or none. */
  since?: string;
  until?: string;
  /** The agent that everything is narrowed to. */
  agent?: string;
  /** The model that calls are narrowed to, the type of their tasks, and the version of their agents. */
  model?: string;
  type?: string;
  version?: string;
  /** The status that lists are narrowed to (`AgentStatus` or `TaskStatus`, as the list understands it). */
  status?: string;
  /** The selected task; `owner` is its agent, for two agents may share a task id. */
  task?: string;
  owner?: string;
  run?: string;
  /** The pinned node of the timeline: an event id. */
  node?: string;
  /** The other run, where two are compared; the other model, where a cost is. */
  against?: string;
  /** What the tasks of one workflow share. */
  correlation?: string;
  /** The error that is open, on the page of errors. */
  error?: string;
  look?: string;
  /** What the page's own list is searched for, sorted and grouped by. */
  q?: string;
  sort?: string;
  by?: string;
  /** What a chart is stacked by. */
  stack?: string;
  columns?: string;
  tab?: string;
  /** The Activity Stream: which entries, in which voice. */
  feed?: string;
  voice?: string;
  /** Which of the three columns a narrow screen shows. */
  pane?: string;
  /** Set by the server where a login link no longer works: `used`. */
  link?: string;
}

const KEYS = [
  "mode",
  "project",
  "environment",
  "group",
  "range",
  "since",
  "until",
  "agent",
  "model",
  "type",
  "version",
  "status",
  "task",
  "owner",
  "run",
  "node",
  "against",
  "correlation",
  "error",
  "look",
  "q",
  "sort",
  "by",
  "stack",
  "columns",
  "tab",
  "feed",
  "voice",
  "pane",
  "link",
] as const satisfies readonly (keyof ViewSearch)[];

/** Keeps the known parameters that are non-empty text; a link from a newer board still opens. */
export function validateSearch(raw: Record<string, unknown>): ViewSearch {
  const search: ViewSearch = {};
  for (const key of KEYS) {
    const value = raw[key];
    if (typeof value === "string" && value !== "") search[key] = value;
  }
  return search;
}

/** What is empty counts as absent: nothing is called by no name. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(text)].filter(([, value]) => value !== ""));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const key of KEYS) {
    const value = search[key];
    if (typeof value === "string" && value !== "") query.set(key, value);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The search parameters with their defaults filled in. */
export interface View extends Omit<ViewSearch, "mode" | "range" | "look" | "voice"> {
  mode: DataMode;
  range: Range;
  look: Look;
  voice: Voice;
}

function oneOf<T extends string>(allowed: readonly T[], value: string | undefined, fallback: T): T {
  return allowed.find((candidate) => candidate === value) ?? fallback;
}

/** Both ends of a stretch of time, or none where they make none: an address may have been cut, or written by hand. */
function stretchOf({ since, until }: ViewSearch): Pick<ViewSearch, "since" | "until"> {
  return since !== undefined && until !== undefined && Date.parse(since) < Date.parse(until) ? { since, until } : {};
}

export function toView({ since, until, ...search }: ViewSearch): View {
  return {
    ...search,
    ...stretchOf({ since, until }),
    mode: oneOf(["live", "test"], search.mode, "live"),
    range: oneOf(RANGES, search.range, "1h"),
    look: oneOf(LOOKS, search.look, "story"),
    voice: oneOf(["plain", "events"], search.voice, "plain"),
  };
}

/** A change of the view: `undefined` removes a parameter, what is not named stays. */
export type ViewPatch = { [K in keyof ViewSearch]?: string | undefined };

export function patchSearch(search: ViewSearch, patch: ViewPatch): ViewSearch {
  return validateSearch({ ...search, ...patch });
}

export interface SetOptions {
  /** Replace the entry in the history instead of adding one: for what nobody wants to step back through (typing, hovering). */
  replace?: boolean;
}

/** The state of the view, read from the address; and the one way to change it. */
export function useView(): { view: View; set: (patch: ViewPatch, options?: SetOptions) => void } {
  const search = useSearch({ strict: false }) as ViewSearch;
  const navigate = useNavigate();
  const set = useCallback(
    (patch: ViewPatch, options: SetOptions = {}) => {
      void navigate({
        to: ".",
        search: (previous: ViewSearch) => patchSearch(previous, patch),
        replace: options.replace ?? false,
      } as never);
    },
    [navigate],
  );
  return { view: toView(search), set };
}

/** Parameters that follow the reader from view to view; the others belong to the view they were set on. */
const SHARED = [
  "mode",
  "project",
  "environment",
  "group",
  "range",
  "since",
  "until",
  "agent",
  "feed",
  "voice",
] as const;

/** What a link to another view carries along. */
export function sharedSearch(search: ViewSearch): ViewSearch {
  const shared: ViewSearch = {};
  for (const key of SHARED) {
    const value = search[key];
    if (value !== undefined) shared[key] = value;
  }
  return shared;
}

/** The scope as the API's filters name it. `range` gives way to a slice. */
export function scopeParameters(view: View): Record<string, string | undefined> {
  const slice = view.since !== undefined && view.until !== undefined;
  return {
    project_id: view.project,
    environment: view.environment,
    group: view.group,
    ...(slice ? { since: view.since, until: view.until } : { range: view.range }),
  };
}
