/** What travels: one event, and who sent it. Times are RFC 3339, durations milliseconds, money US dollars. */

export type EventType =
  | "agent_registered"
  | "heartbeat"
  | "task_started"
  | "task_completed"
  | "task_failed"
  | "action_started"
  | "action_completed"
  | "action_failed"
  | "escalated"
  | "approval_requested"
  | "approval_received"
  | "retry_started"
  | "custom";

export type Severity = "debug" | "info" | "warn" | "error";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface HiveEvent {
  event_id: string;
  timestamp: string;
  event_type: EventType;
  project_id?: string;
  task_id?: string;
  task_type?: string;
  task_run_id?: string;
  correlation_id?: string;
  action_id?: string;
  parent_action_id?: string;
  parent_event_id?: string;
  severity?: Severity;
  status?: string;
  duration_ms?: number;
  payload?: { [name: string]: Json };
}

export interface Envelope {
  agent_id: string;
  agent_type: string;
  agent_version?: string;
  framework: string;
  runtime: string;
  sdk_version: string;
  instance_id: string;
  environment: string;
  group: string;
}

/** Leaves out what is not there, so that it does not travel as `null`. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Cut to so many characters (not UTF-16 units), as the server counts them. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : characters.slice(0, most).join("");
}
