import { expect, test } from "vitest";
import type { Alert } from "~/api/alerts";
import { alertsInSight } from "./findings";

const about = (agent_id: string | null) => ({ alert_id: `of ${agent_id}`, subject: { agent_id } }) as unknown as Alert;
const alerts = [about("billing"), about("triage"), about(null)];
const agents = [{ agent_id: "triage" }];

test("all alerts are in sight where no environment and no group is looked at", () => {
  expect(alertsInSight(alerts, agents, {})).toEqual(alerts);
});

test("those of an environment or a group are of its agents", () => {
  expect(alertsInSight(alerts, agents, { environment: "staging" })).toEqual([about("triage")]);
  expect(alertsInSight(alerts, agents, { group: "eu" })).toEqual([about("triage")]);
  expect(alertsInSight(alerts, undefined, { group: "eu" })).toEqual([]);
});
