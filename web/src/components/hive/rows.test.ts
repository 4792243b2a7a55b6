import { describe, expect, test } from "vitest";
import type { AgentCard } from "~/api/queries";
import type { AgentStatus } from "~/api/types";
import { byAttention } from "~/view/agents";
import { heartbeatTone } from "./HeartbeatMark";
import { hiveRows, matches } from "./rows";

function card(agent_id: string, derived_status: AgentStatus, more: Partial<AgentCard> = {}): AgentCard {
  return {
    agent_id,
    derived_status,
    agent_type: "general",
    agent_version: null,
    framework: "custom",
    runtime: null,
    sdk_version: null,
    environment: "production",
    group: "default",
    liveness: "heartbeat",
    clock_skew_ms: null,
    status_since: "",
    current_task_id: null,
    current_task_run_id: null,
    current_project_id: null,
    last_heartbeat: null,
    heartbeat_age_seconds: null,
    heartbeat_interval_seconds: null,
    is_stuck: false,
    stuck_threshold_seconds: 300,
    first_seen: "",
    last_seen: "",
    projects: [],
    heartbeat_summary: null,
    sparkline_1h: [],
    heartbeat_at_ms: null,
    status_since_ms: 0,
    stats_1h: {} as AgentCard["stats_1h"],
    ...more,
  };
}

describe("the order of the Hive", () => {
  test("what needs somebody first, then the latest change, then the name", () => {
    const agents = [
      card("i", "idle"),
      card("p-old", "processing", { status_since_ms: 1 }),
      card("p-new", "processing", { status_since_ms: 2 }),
      card("b", "stuck"),
      card("a", "stuck"),
      card("e", "error"),
      card("w", "waiting_approval"),
    ];
    expect(agents.sort(byAttention).map((agent) => agent.agent_id)).toEqual([
      "a",
      "b",
      "e",
      "w",
      "p-new",
      "p-old",
      "i",
    ]);
  });

  test("sections by label put those with trouble first and keep the order inside", () => {
    const agents = [
      card("s", "stuck", { agent_type: "sales" }),
      card("x", "idle", { agent_type: "etl" }),
      card("y", "idle", { agent_type: "sales" }),
    ];
    const rows = hiveRows(agents, "type");
    expect(rows.map((row) => (row.kind === "head" ? `${row.title} ${row.count}` : row.agent.agent_id))).toEqual([
      "sales 2",
      "s",
      "y",
      "etl 1",
      "x",
    ]);
  });

  test("heights follow what a card has to say", () => {
    const height = (agent: AgentCard) => hiveRows([agent], "attention")[1]?.height ?? 0;
    expect(height(card("a", "idle", { heartbeat_summary: "quiet" }))).toBe(height(card("b", "idle")));
    expect(height(card("a", "processing", { current_task_id: "t" }))).toBeGreaterThan(height(card("b", "processing")));
  });
});

test("a search needs all its words, anywhere", () => {
  const agent = card("support-triage-eu", "idle", { group: "team-alpha", projects: ["desk"] });
  expect(matches(agent, "SUPPORT alpha")).toBe(true);
  expect(matches(agent, "desk eu")).toBe(true);
  expect(matches(agent, "support beta")).toBe(false);
});

test("heartbeats are late past half of the threshold and missing past it", () => {
  expect([149_000, 151_000, 301_000].map((age_ms) => heartbeatTone(age_ms, 300))).toEqual([
    "success",
    "waiting",
    "stuck",
  ]);
});
