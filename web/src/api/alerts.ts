import { queryOptions } from "@tanstack/react-query";
import { change, type QueryParameters, read } from "./client";
import type { DataMode, Page } from "./types";

export type AlertSeverity = "warning" | "critical";

/** What became of telling a channel. */
export interface Delivery {
  delivery_id: string;
  channel_id: string;
  /** Null for a channel that is gone. */
  channel_name: string | null;
  attempt: number;
  at: string;
  /** When it is tried next, while it waits. */
  next_at: string | null;
  status: "waiting" | "delivered" | "dead";
  error: string | null;
}

export interface AlertSubject {
  kind: string;
  agent_id?: string;
  task_id?: string;
  task_run_id?: string;
  project_id?: string;
  issue_id?: string;
}

/** One thing that a rule found, from firing to resolved. */
export interface Alert {
  alert_id: string;
  rule_id: string;
  rule_name: string;
  severity: AlertSeverity;
  state: "firing" | "resolved";
  subject: AlertSubject;
  value: number;
  threshold: number;
  unit: string;
  /** One sentence that a person can act on. */
  summary: string;
  /** Why it matters, and what to do first. */
  advice: string;
  evidence: { [name: string]: unknown };
  /** The address of the board that shows it. */
  link: string;
  started_at: string;
  resolved_at: string | null;
  /** Why it was resolved, where the condition did not end by itself. */
  resolution: string | null;
  /** No channel has heard of it: the rule was muted when it fired. */
  muted: boolean;
  acknowledged_by: string | null;
  deliveries: Delivery[];
}

export interface RuleScope {
  agent_id?: string;
  agent_type?: string;
  project_id?: string;
  environment?: string;
  group?: string;
  task_type?: string;
}

/** A rule as people write it. */
export interface RuleDraft {
  name: string;
  condition: { type: string; [parameter: string]: unknown };
  scope: RuleScope;
  severity: AlertSeverity;
  for_seconds: number;
  cooldown_seconds: number;
  notify_resolved: boolean;
  channels: string[];
  enabled: boolean;
  muted_until: string | null;
}

export type Rule = RuleDraft & { rule_id: string };

export const CHANNEL_TYPES = ["webhook", "slack", "discord", "pagerduty", "email"] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** Where alerts are sent; secrets never come back. */
export interface Channel {
  channel_id: string;
  name: string;
  type: ChannelType;
  /** Where its address leads; the rest of it may be a secret. */
  host: string | null;
  /** Of e-mail. */
  to: string[];
  is_signed: boolean;
}

/** With the secret that signs its messages; shown once. */
export type NewChannel = Channel & { secret: string | null };

/** What a test of a channel came to. */
export interface Tested {
  channel_name: string;
  delivered: boolean;
  error: string | null;
  duration_ms: number;
}

/** What a rule would have found. */
export interface RulePreview {
  fired: number;
  since: string;
  until: string;
  /** Whether all of the time could be gone through. */
  is_complete: boolean;
}

const ALERTS_REFRESH_MS = 5_000;
const LIST_LIMIT = 200;

function rows<T>(answer: Page<T> | { data: T[] } | T[]): T[] {
  return Array.isArray(answer) ? answer : answer.data;
}

/** Alerts by their state, newest first. */
export function alertsQuery(mode: DataMode, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["alerts", mode, parameters],
    queryFn: async ({ signal }) =>
      rows(await read<Page<Alert>>("/v1/alerts", mode, { limit: LIST_LIMIT, ...parameters }, signal)),
    // An alert may fire by the clock alone, with no event that would say so.
    refetchInterval: (query) => (query.state.status === "error" ? false : ALERTS_REFRESH_MS),
  });
}

export function rulesQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["alert-rules", mode],
    queryFn: async ({ signal }) => rows(await read<Page<Rule>>("/v1/alerts/rules", mode, {}, signal)),
  });
}

export function channelsQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["alert-channels", mode],
    queryFn: async ({ signal }) => rows(await read<Page<Channel>>("/v1/alerts/channels", mode, {}, signal)),
  });
}

/** What a rule would have found in the last seven days; nothing is kept of it. */
export function rulePreviewQuery(mode: DataMode, draft: RuleDraft) {
  return queryOptions({
    queryKey: ["alert-preview", mode, draft],
    queryFn: () => change<RulePreview>("POST", `/v1/alerts/rules/preview?mode=${mode}`, draft),
    staleTime: 60_000,
    retry: false,
  });
}
