import { expect, test } from "./board";
import { violationsInBothThemes } from "./faults";

test("a workspace is made, looked at, and deleted by its name alone", async ({ board, newAgent, server }) => {
  await newAgent("of-the-first").register();
  await board.goto(`${server.url}/settings?tab=workspaces`);
  const list = board.getByRole("region", { name: "Workspaces" });
  const row = (name: string) => list.getByRole("row", { name: new RegExp(`^${name} `) });
  await expect(row("default")).toContainText("this one");
  // What the reader looks at, and the first of a server, are not offered for deletion.
  await expect(row("default").getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  await list.getByRole("textbox", { name: "Name of a new workspace" }).fill("Second team");
  await list.getByRole("button", { name: "Create workspace" }).click();
  await row("Second team").getByRole("button", { name: "Look at Second team" }).click();
  await expect(board.getByRole("heading", { name: "Your board is ready. Bring the first agent." })).toBeVisible();
  await board.goto(`${server.url}/settings?tab=workspaces`);
  await expect(row("Second team")).toContainText("this one");
  await row("default").getByRole("button", { name: "Look at default" }).click();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText("of-the-first");

  await board.goto(`${server.url}/settings?tab=workspaces`);
  await row("Second team").getByRole("button", { name: "Delete Second team" }).click();
  const question = board.getByRole("form", { name: "Delete Second team" });
  await expect(question.getByRole("textbox")).toBeFocused();
  const sure = question.getByRole("button", { name: "Delete it for good" });
  await question.getByRole("textbox").fill("second team");
  await expect(sure).toBeDisabled();
  expect(await violationsInBothThemes(board)).toEqual([]);
  await question.getByRole("textbox").fill("Second team");
  await sure.click();
  await expect(row("Second team")).toHaveCount(0);
  await expect(row("default")).toBeVisible();
  await board.goto(`${server.url}/settings?tab=audit`);
  await expect(board.getByRole("main")).toContainText("Second team");
});

test("the workspace that one looks at is renamed, and made strict", async ({ board, server }) => {
  await board.goto(`${server.url}/settings?tab=workspaces`);
  const list = board.getByRole("region", { name: "Workspaces" });
  await list.getByRole("button", { name: "Rename default" }).click();
  await list.getByRole("textbox", { name: "Name of the workspace" }).fill("Payments");
  await list.getByRole("button", { name: "Rename", exact: true }).click();
  const row = list.getByRole("row", { name: /^Payments / });
  await expect(row).toContainText("are made by events");
  await row.getByRole("button", { name: "Refuse them" }).click();
  await expect(row).toContainText("are refused");
  const answer = await fetch(`${server.url}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.liveKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({
      envelope: { agent_id: "a", agent_type: "t", instance_id: "i" },
      events: [
        {
          event_id: "7c1f3f0e-5b53-4a4e-9a43-0f3c8f0f7a10",
          timestamp: new Date().toISOString(),
          event_type: "task_started",
          task_id: "t",
          project_id: "nobody-made-it",
        },
      ],
    }),
  });
  expect(((await answer.json()) as { rejected: number }).rejected).toBe(1);
});
