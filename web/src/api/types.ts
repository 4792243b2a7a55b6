/**
 * The shapes that the server answers with. Field names are the wire's own, so that a value seen here can be searched for
 * in the API description. Timestamps are RFC 3339 in UTC with six digits; durations carry their unit in the name; money is
 * in US dollars; `null` means "not reported".
 */

export type DataMode = "live" | "test";
export type AgentStatus = "stuck" | "error" | "waiting_approval" | "processing" | "idle";
export type TaskStatus = "completed" | "failed" | "stuck" | "waiting" | "escalated" | "processing";
export type Severity = "debug" | "info" | "warn" | "error";
export type Range = "1h" | "6h" | "24h" | "7d" | "30d" | "90d";
export type Liveness = "heartbeat" | "metrics" | "none";

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

export interface Session {
  workspace: { id: number; name: string };
  mode_default: DataMode;
  modes: DataMode[];
  server_version: string;
  data_dir_hint: string | null;
  ingest_url: string;
}

export interface AgentStats {
  tasks_completed: number;
  tasks_failed: number;
  success_rate: number | null;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  total_cost: number | null;
  estimated_cost: number | null;
  llm_call_count: number;
  total_tokens_in: number;
  total_tokens_out: number;
  error_count: number;
  throughput: number;
  queue_depth: number | null;
  active_issues: number;
}

export interface Agent {
  agent_id: string;
  agent_type: string;
  agent_version: string | null;
  framework: string;
  runtime: string | null;
  sdk_version: string | null;
  environment: string;
  group: string;
  derived_status: AgentStatus;
  liveness: Liveness;
  current_task_id: string | null;
  current_task_run_id: string | null;
  current_project_id: string | null;
  last_heartbeat: string | null;
  heartbeat_age_seconds: number | null;
  heartbeat_interval_seconds: number | null;
  is_stuck: boolean;
  stuck_threshold_seconds: number;
  first_seen: string;
  last_seen: string;
  projects: string[];
  heartbeat_summary: string | null;
  sparkline_1h: number[];
  stats_1h: AgentStats;
}

export interface AgentStatsDay extends AgentStats {
  /** Runs that were escalated, of those that ended. */
  escalation_rate: number | null;
  /** Runs with an error in them, of those that ended. */
  error_rate: number | null;
  /** Runs that completed in spite of errors, of those with errors. */
  recovery_rate: number | null;
  actions_per_task: number | null;
}

/** One hour of the last 24. */
export interface AgentHour {
  timestamp: string;
  tasks_completed: number;
  tasks_failed: number;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  cost: number | null;
  llm_call_count: number;
  error_count: number;
  event_count: number;
  throughput: number;
}

export interface RecordedHeartbeat {
  timestamp: string;
  received_at: string;
  summary: string | null;
  payload: Payload | null;
}

export interface AgentInstance {
  instance_id: string;
  first_seen: string;
  last_seen: string;
  is_silent: boolean;
  open_runs: number;
}

export interface AgentVersion {
  version: string | null;
  first_seen: string;
  last_seen: string;
  tasks_completed: number;
  tasks_failed: number;
  success_rate: number | null;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  total_cost: number | null;
  avg_cost_per_task: number | null;
  error_count: number;
  escalation_rate: number | null;
}

export interface AgentDetail extends Agent {
  stats_24h: AgentStatsDay;
  /** By the hour, oldest first. */
  timeseries: AgentHour[];
  /** Newest first, at most 20. */
  recent_heartbeats: RecordedHeartbeat[];
  instances: AgentInstance[];
  /** Newest first. */
  versions: AgentVersion[];
}

export interface PlanProgress {
  completed: number;
  total: number;
}

export interface Task {
  task_id: string;
  task_run_id: string;
  task_type: string | null;
  agent_id: string;
  agent_version: string | null;
  environment: string;
  group: string;
  project_id: string | null;
  correlation_id: string | null;
  derived_status: TaskStatus;
  started_at: string;
  completed_at: string | null;
  last_event_at: string;
  duration_ms: number;
  action_count: number;
  error_count: number;
  retry_count: number | null;
  llm_call_count: number | null;
  total_tokens_in: number | null;
  total_tokens_out: number | null;
  total_cost: number | null;
  estimated_cost: number | null;
  has_escalation: boolean;
  has_human_intervention: boolean;
  plan_progress: PlanProgress | null;
}

/** What `payload` holds where it follows the convention; every part may be missing or of another type. */
export type Payload = { [key: string]: unknown };

export interface HiveEvent {
  event_id: string;
  seq: number;
  agent_id: string;
  agent_type: string;
  agent_version: string | null;
  environment: string;
  group: string;
  project_id: string | null;
  task_id: string | null;
  task_type: string | null;
  task_run_id: string | null;
  correlation_id: string | null;
  action_id: string | null;
  parent_action_id: string | null;
  parent_event_id: string | null;
  event_type: EventType;
  timestamp: string;
  received_at: string;
  severity: Severity;
  status: string | null;
  duration_ms: number | null;
  payload: Payload | null;
  render_hint: string | null;
}

export interface ActionNode {
  action_id: string;
  name: string | null;
  status: "running" | "completed" | "failed" | "unfinished";
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  exception_type: string | null;
  exception_message: string | null;
  children: ActionNode[];
}

export type PlanStepState = "pending" | "started" | "completed" | "failed" | "skipped";

export interface PlanStep {
  step_index: number;
  description: string | null;
  action: PlanStepState;
  started_at: string | null;
  completed_at: string | null;
  turns: number | null;
  tokens: number | null;
  /** What the latest event of the step says. */
  summary: string | null;
}

export interface PlanRevision {
  goal: string | null;
  revision: number;
  /** Null when only steps of it are known. */
  created_at: string | null;
  steps: PlanStep[];
  progress: PlanProgress;
}

/** The latest revision, and all of them, oldest first. */
export interface Plan extends PlanRevision {
  revisions: PlanRevision[];
}

export interface ChainLink {
  event_id: string;
  event_type: EventType;
  timestamp: string;
  action_id: string | null;
  name: string | null;
  exception_type: string | null;
  message: string | null;
}

/** A failure with what led to it: earlier attempts and the retries between them, oldest first. */
export interface ErrorChain {
  /** The last event of the chain. */
  event_id: string;
  name: string | null;
  /** Whether a later attempt of the same thing succeeded. */
  recovered: boolean;
  links: ChainLink[];
}

export interface TimeBreakdown {
  llm_ms: number;
  actions_ms: number;
  waiting_ms: number;
  backoff_ms: number;
  other_ms: number;
  total_ms: number;
}

export interface Timeline extends Task {
  runs: Task[];
  events: HiveEvent[];
  pagination?: { cursor: string | null; has_more: boolean };
  action_tree: ActionNode[];
  error_chains: ErrorChain[];
  plan: Plan | null;
  time_breakdown: TimeBreakdown;
}

export interface MetricsSummary {
  total_tasks: number;
  completed: number;
  failed: number;
  escalated: number;
  stuck: number;
  processing: number;
  waiting: number;
  success_rate: number | null;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  total_cost: number | null;
  estimated_cost: number | null;
  avg_cost_per_task: number | null;
  llm_call_count: number;
  total_tokens_in: number;
  total_tokens_out: number;
  error_count: number;
}

/** Runs that ended between `timestamp` and the next bucket. */
export interface MetricsBucket {
  timestamp: string;
  tasks_completed: number;
  tasks_failed: number;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  cost: number;
  llm_call_count: number;
  error_count: number;
  throughput: number;
}

/** Figures of one value of the dimension asked for; the ones of runs are null for models, which runs do not belong to. */
export type MetricsGroup = CostGroup & {
  total_tasks: number | null;
  tasks_completed: number | null;
  tasks_failed: number | null;
  success_rate: number | null;
  avg_duration_ms: number | null;
  p50_duration_ms: number | null;
  p95_duration_ms: number | null;
  p99_duration_ms: number | null;
  avg_cost_per_task: number | null;
};

export interface Metrics {
  since: string;
  until: string;
  interval_seconds: number;
  summary: MetricsSummary;
  timeseries: MetricsBucket[];
  /** With `group_by`. */
  groups?: MetricsGroup[];
}

export interface CostFigures {
  cost: number;
  estimated_cost: number;
  call_count: number;
  tokens_in: number;
  tokens_out: number;
}

/** What figures can be grouped by; a group carries the dimension's own name as its key. */
export type Dimension = "agent" | "model" | "project" | "task_type" | "version" | "environment";

/** Figures of one value of each dimension asked for; `""` where calls have none. */
export type CostGroup = CostFigures & { avg_cost_per_call: number | null } & { [D in Dimension]?: string };

export interface Cost {
  totals: CostFigures;
  groups: CostGroup[];
}

/** A bucket of cost over time; with `split_by_model` there is one a model. */
export type CostBucket = CostFigures & { timestamp: string; model?: string };

export interface CostSeries {
  interval_seconds: number;
  timeseries: CostBucket[];
}

export interface LlmCall {
  event_id: string;
  timestamp: string;
  agent_id: string;
  project_id: string | null;
  task_id: string | null;
  task_run_id: string | null;
  call_name: string | null;
  model: string | null;
  tokens_in: number | null;
  tokens_out: number | null;
  cost: number | null;
  cost_source: "reported" | "estimated" | "unknown";
  duration_ms: number | null;
  prompt_preview: string | null;
  response_preview: string | null;
}

export interface QueueItem {
  id: string | null;
  priority: string | null;
  source: string | null;
  summary: string | null;
  queued_at: string | null;
}

export interface Queue {
  depth: number;
  oldest_age_seconds: number | null;
  items: QueueItem[];
  processing: {
    id: string | null;
    summary: string | null;
    started_at: string | null;
    elapsed_ms: number | null;
  } | null;
  snapshot_at: string;
  snapshot_age_seconds: number;
}

export interface Todo {
  todo_id: string;
  action: string;
  summary: string | null;
  priority: string | null;
  source: string | null;
  context: string | null;
  due_by: string | null;
  created_at: string;
  updated_at: string;
}

export interface ScheduledItem {
  id: string | null;
  name: string | null;
  next_run: string | null;
  interval: string | null;
  enabled: boolean | null;
  last_status: string | null;
}

export type IssueSeverity = "low" | "medium" | "high" | "critical";

export interface Issue {
  issue_id: string;
  summary: string | null;
  severity: IssueSeverity;
  category: string | null;
  status: "open" | "resolved" | "dismissed";
  occurrences: number;
  first_seen: string;
  last_seen: string;
  context: unknown;
}

export interface AgentPipeline {
  agent_id: string;
  queue: Queue | null;
  todos: { active_count: number; completed_count: number; items: Todo[] };
  scheduled: { items: ScheduledItem[]; reported_at: string } | null;
  issues: { items: Issue[] };
}

export interface Project {
  project_id: string;
  name: string;
  slug: string;
  description: string | null;
  environment: string | null;
  is_archived: boolean;
  auto_created: boolean;
  created_at: string;
  event_count: number;
  agent_count: number;
  tasks_completed_24h: number;
  tasks_failed_24h: number;
  cost_24h: number;
}

/** Body of every refusal. */
export interface ErrorBody {
  error: string;
  message: string;
  status: number;
  details?: { [key: string]: unknown };
}
