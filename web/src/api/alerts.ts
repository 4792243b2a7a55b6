import { queryOptions } from "@tanstack/react-query";
import { change, PAGE_LIMIT, type QueryParameters, read, readWhole } from "./client";
import { keepAlike } from "./keep";
import { pagesQuery } from "./pages";
import type { Answer, DataMode, Page, Schemas } from "./types";

export type AlertSeverity = Schemas["AlertSeverity"];
/** What became of telling a channel. */
export type Delivery = Answer<Schemas["DeliveryView"], { status: "waiting" | "delivered" | "dead" }>;
/** What a rule found something about; which parts are there goes by its kind. */
export type AlertSubject = Schemas["Subject"];
/** One thing that a rule found, from firing to resolved. */
export type Alert = Answer<
  Schemas["AlertView"],
  {
    subject: AlertSubject;
    deliveries: Delivery[];
    evidence: { [name: string]: unknown };
    told: Schemas["AlertWords"] | null;
  }
>;
export type RuleScope = Schemas["RuleScope"];
/** A rule as people write it: its condition is read loosely, for a newer server may know more of them. */
export type RuleDraft = Answer<
  Schemas["RuleDraft"],
  { condition: { type: string; [parameter: string]: unknown }; scope: RuleScope }
>;
export type Rule = RuleDraft & Pick<Schemas["RuleView"], "rule_id" | "channel_names">;
export type ChannelType = Schemas["ChannelKind"];
export const CHANNEL_TYPES = [
  "webhook",
  "slack",
  "discord",
  "pagerduty",
  "email",
] as const satisfies readonly ChannelType[];
/** Where alerts are sent; secrets never come back. */
export type Channel = Answer<Schemas["ChannelView"], { type: ChannelType }>;
/** With the secret that signs its messages; shown once. */
export type NewChannel = Answer<Schemas["NewChannelView"], { type: ChannelType }>;
/** What a test of a channel came to. */
export type Tested = Answer<Schemas["Tested"]>;
/** What a rule would have found. */
export type RulePreview = Schemas["PreviewView"];

const ALERTS_REFRESH_MS = 5_000;
const RULES_LIMIT = 1_000;

// An alert may fire by the clock alone, with no event that would say so.
const refetchInterval = (query: { state: { status: string } }) =>
  query.state.status === "error" ? (false as const) : ALERTS_REFRESH_MS;

/** A page of alerts, and how many there are on all pages. */
export type AlertPage = Page<Alert> & { total: number };

/** The newest alerts of a state, and how many there are. */
export function alertsQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["alerts", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<AlertPage>("/v1/alerts", mode, { limit: PAGE_LIMIT, ...parameters }, signal),
    placeholderData: keepAlike(queryKey),
    refetchInterval,
  });
}

/** All alerts of a state, newest first, a page at a time. */
export function alertPagesQuery(mode: DataMode, parameters: QueryParameters) {
  return { ...pagesQuery<Alert>("alerts", "/v1/alerts", mode, parameters), refetchInterval };
}

export function rulesQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["alert-rules", mode],
    queryFn: async ({ signal }) => (await readWhole<Rule>("/v1/alerts/rules", mode, {}, RULES_LIMIT, signal)).data,
  });
}

export function channelsQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["alert-channels", mode],
    queryFn: async ({ signal }) =>
      (await readWhole<Channel>("/v1/alerts/channels", mode, {}, RULES_LIMIT, signal)).data,
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
