import { expect, test } from "vitest";
import { waitsForSomebody } from "./Waits";

const asked = { summary: "credit of $500", approver: "support-lead", since: "2026-11-27T10:00:00Z", event_id: "e1" };

test("a question stays open when its agent falls silent", () => {
  expect(waitsForSomebody({ derived_status: "waiting", waiting: asked, has_escalation: false })).toBe(true);
  expect(waitsForSomebody({ derived_status: "stuck", waiting: asked, has_escalation: false })).toBe(true);
});

test("so does what was handed to a person", () => {
  expect(waitsForSomebody({ derived_status: "escalated", waiting: null, has_escalation: true })).toBe(true);
  expect(waitsForSomebody({ derived_status: "stuck", waiting: null, has_escalation: true })).toBe(true);
});

test("a run that is only stuck asks nobody", () => {
  expect(waitsForSomebody({ derived_status: "stuck", waiting: null, has_escalation: false })).toBe(false);
});
