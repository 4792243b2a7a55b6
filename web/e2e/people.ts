import type { Browser, Page } from "@playwright/test";
import { Agent } from "./agent";
import { type Server, startServer } from "./server";

const PASSWORD = "four words put together";

/** A server of its own with an owner, and the browser of somebody who was invited as `role`. */
export async function newcomer(
  browser: Browser,
  role: "viewer" | "member" | "admin",
): Promise<{ page: Page; owner: Page; server: Server; agent: Agent }> {
  const server = await startServer();
  const owner = await (await browser.newContext()).newPage();
  await owner.goto(server.loginLink());
  await owner.goto(`${server.url}/set-up`);
  await owner.getByLabel("Your name").fill("Ada");
  await owner.getByLabel("E-mail address").fill("ada@example.org");
  await owner.getByLabel("New password").fill(PASSWORD);
  await owner.getByRole("button", { name: "Make me the owner" }).click();
  await owner.waitForURL(`${server.url}/`);
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.run("members", "invite", "bo@example.org", "--role", role));
  await page.getByLabel("Your name").fill("Bo");
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Accept the invitation" }).click();
  await page.waitForURL(`${server.url}/`);
  return { page, owner, server, agent: new Agent(server.url, server.liveKey, "of-the-newcomer") };
}
