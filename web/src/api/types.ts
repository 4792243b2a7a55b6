import type { components } from "./schema";

/**
 * The shapes that the server answers with: the generated ones under the board's names, with words in the place of strings
 * where the contract lists the words. Timestamps are RFC 3339 in UTC with six digits; durations carry their unit in the
 * name; money is in US dollars; `null` means "not reported".
 */
export type Schemas = components["schemas"];

/** An answer: the server sends every field, `null` where it has nothing to say; `Narrower` says more than the document does. */
export type Answer<T, Narrower = unknown> = Omit<Required<T>, keyof Narrower> & Narrower;

export type DataMode = "live" | "test";
export type AgentStatus = Schemas["AgentStatus"];
export type TaskStatus = Schemas["TaskStatus"];
export type Liveness = Schemas["Liveness"];
export type Severity = "debug" | "info" | "warn" | "error";
export type Range = "1h" | "6h" | "24h" | "7d" | "30d" | "90d";

export type EventType =
  | "agent_registered"
  | "heartbeat"
  | "task_started"
  | "task_completed"
  | "task_failed"
  | "action_started"
  | "action_completed"
  | "action_failed"
  | "retry_started"
  | "escalated"
  | "approval_requested"
  | "approval_received"
  | "custom";

/** The well-known kinds of `custom` (and heartbeat) payloads; the wire calls them `payload.kind`. */
export type PayloadKind =
  | "llm_call"
  | "plan_created"
  | "plan_step"
  | "queue_snapshot"
  | "todo"
  | "scheduled"
  | "issue"
  | "heartbeat_status";

export interface Page<T> {
  data: T[];
  pagination: { cursor: string | null; has_more: boolean };
}

export type DoorView = Answer<Schemas["DoorView"], { sign_in: "password" | "link" }>;
export type OpenedInvitation = Answer<Schemas["OpenedInvitation"]>;
export type Session = Answer<Schemas["SessionView"], { mode_default: DataMode; modes: DataMode[] }>;
/** A key, never its secret. */
export type Key = Answer<Schemas["KeyView"]>;
export type NewKey = Answer<Schemas["NewKeyView"]>;

export type AgentStats = Answer<Schemas["AgentStatsHour"]>;
export type Agent = Answer<Schemas["AgentView"], { stats_1h: AgentStats }>;
export type AgentStatsDay = Answer<Schemas["AgentStatsDay"]>;
/** One hour of the last 24. */
export type AgentHour = Answer<Schemas["SeriesPoint"]>;
export type RecordedHeartbeat = Answer<Schemas["HeartbeatView"], { payload: Payload | null }>;
export type AgentInstance = Answer<Schemas["InstanceView"]>;
export type AgentVersion = Answer<Schemas["VersionView"]>;
export type AgentDetail = Agent & {
  stats_24h: AgentStatsDay;
  /** By the hour, oldest first. */
  timeseries: AgentHour[];
  /** Newest first, at most 20. */
  recent_heartbeats: RecordedHeartbeat[];
  instances: AgentInstance[];
  /** Newest first. */
  versions: AgentVersion[];
};

export type PlanProgress = Schemas["PlanProgress"];
export type Task = Answer<Schemas["TaskView"]>;

/** What `payload` holds where it follows the convention; every part may be missing or of another type. */
export type Payload = { [key: string]: unknown };

export type HiveEvent = Answer<
  Schemas["EventView"],
  { event_type: EventType; severity: Severity; payload: Payload | null }
>;

export type ActionNode = Answer<Schemas["ActionNode"], { children: ActionNode[] }>;
export type PlanStepState = Schemas["PlanStepState"];
export type PlanStep = Answer<Schemas["PlanStepView"]>;
export type PlanRevision = Answer<Schemas["PlanRevisionView"], { steps: PlanStep[] }>;
/** The latest revision, and all of them, oldest first. */
export type Plan = PlanRevision & { revisions: PlanRevision[] };
export type ChainLink = Answer<Schemas["ChainLink"], { event_type: EventType }>;
/** A failure with what led to it: earlier attempts and the retries between them, oldest first. */
export type ErrorChain = Answer<Schemas["ErrorChain"], { links: ChainLink[] }>;
export type TimeBreakdown = Schemas["TimeBreakdown"];

/** A stretch of a run, or a moment; the tree is by `parent_id`. */
export type SpanView = Answer<
  Schemas["SpanView"],
  {
    llm: Answer<Schemas["LlmSpan"]> | null;
    human: Answer<Schemas["HumanSpan"]> | null;
    exception: Answer<Schemas["ExceptionSpan"]> | null;
  }
>;
/** A node of the story. */
export type StepView = Answer<Schemas["StepView"]>;
export type RetryStretch = Schemas["RetryStretch"];

export type Timeline = Task & {
  /** The newest runs of this agent's task, newest first, and how many there are. */
  runs: Task[];
  runs_total: number;
  /** `seq` of the newest event that the answer knows: what `after_seq` goes on from. */
  seq: number;
  /** In order; paged over 2,000. With `after_seq`: what arrived after it. */
  events: HiveEvent[];
  /** Depth first. With `after_seq`: those that changed, unless `spans_complete`. */
  spans: SpanView[];
  spans_complete: boolean;
  removed_span_ids: string[];
  steps: StepView[];
  retry_stretches: RetryStretch[];
  pagination?: Page<HiveEvent>["pagination"];
  action_tree: ActionNode[];
  error_chains: ErrorChain[];
  plan: Plan | null;
  time_breakdown: TimeBreakdown;
};

export type MetricsSummary = Answer<Schemas["MetricsSummary"]>;
/** Runs that ended between `timestamp` and the next bucket. */
export type MetricsBucket = Answer<Schemas["Point"]>;
/** What figures can be grouped by; a group carries the dimension's own name as its key. */
export type Dimension = "agent" | "model" | "project" | "task_type" | "version" | "environment";
/** `""` where there is none. */
type ByDimension = { [D in Dimension]?: string };
export type MetricsGroup = Answer<Schemas["Group"], ByDimension>;
export type Metrics = Answer<
  Schemas["MetricsView"],
  { summary: MetricsSummary; timeseries: MetricsBucket[]; groups?: MetricsGroup[] }
>;

export type CostFigures = Schemas["Totals"];
export type CostGroup = Answer<Schemas["CostGroup"], ByDimension>;
/** `other` is what the groups beyond the server's limit come to. */
export type Cost = { totals: CostFigures; groups: CostGroup[]; other?: Schemas["OtherCost"] | null };
/** A bucket of cost over time; with `split_by` there is one for each value. */
export type CostBucket = Answer<Schemas["CostBucket"], ByDimension>;
export type CostSeries = Answer<Schemas["CostSeries"], { timeseries: CostBucket[] }>;
export type LlmCall = Answer<Schemas["CallView"], { cost_source: "reported" | "estimated" | "unknown" }>;

/** The items of queues and schedules are as the agent sent them. */
export type Queue = Answer<Schemas["QueueView"], { items: unknown[]; processing: unknown }>;
export type Todo = Answer<Schemas["TodoView"], { context: unknown }>;
export type Scheduled = Answer<Schemas["ScheduledView"], { items: unknown[] }>;
export type Issue = Answer<Schemas["IssueView"], { context: unknown }>;
export type AgentPipeline = Answer<
  Schemas["PipelineView"],
  {
    queue: Queue | null;
    todos: Answer<Schemas["TodosView"], { items: Todo[] }>;
    scheduled: Scheduled | null;
    issues: { items: Issue[] };
  }
>;

export type Project = Answer<Schemas["ProjectView"]>;

/** Body of every refusal. */
export interface ErrorBody {
  error: string;
  message: string;
  status: number;
  details?: { [key: string]: unknown };
}
