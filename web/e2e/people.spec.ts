import { expect, test } from "@playwright/test";
import { startServer } from "./server";

const PASSWORD = "four words put together";

test("the first owner, an invitation, a forgotten password: each by its page", async ({ browser }) => {
  const server = await startServer();
  try {
    const ada = await (await browser.newContext()).newPage();
    await ada.goto(server.loginLink());
    await expect(ada.getByRole("status").getByText("Live")).toBeVisible();
    await ada.goto(`${server.url}/set-up`);
    await expect(ada.getByRole("link", { name: "Continue without a password" })).toBeVisible();
    await ada.getByRole("button", { name: "Make me the owner" }).click();
    await expect(ada.getByRole("alert")).toHaveCount(3);
    await ada.getByLabel("Your name").fill("Ada");
    await ada.getByLabel("E-mail address").fill("ada@example.org");
    await ada.getByLabel("New password").fill(PASSWORD);
    await ada.getByRole("button", { name: "Make me the owner" }).click();
    await expect(ada).toHaveURL(`${server.url}/`);

    const bo = await (await browser.newContext()).newPage();
    await bo.goto(server.run("members", "invite", "bo@example.org", "--role", "viewer"));
    await expect(bo.getByRole("heading", { name: "Welcome to default." })).toBeVisible();
    await expect(bo.getByText("bo@example.org")).toBeVisible();
    await bo.getByLabel("Your name").fill("Bo");
    await bo.getByLabel("New password").fill(PASSWORD);
    await bo.getByRole("button", { name: "Accept the invitation" }).click();
    await expect(bo).toHaveURL(`${server.url}/`);
    await expect(bo.getByRole("status").getByText("Live")).toBeVisible();

    const later = await (await browser.newContext()).newPage();
    await later.goto(server.url);
    await expect(later.getByRole("heading", { name: "Sign in." })).toBeVisible();
    await later.getByLabel("E-mail address").fill("bo@example.org");
    await later.getByLabel("Password").fill("not the password");
    await later.getByRole("button", { name: "Sign in" }).click();
    await expect(later.getByRole("alert")).toContainText("E-mail address or password are wrong.");
    await later.goto(server.run("members", "reset", "bo@example.org"));
    await later.getByLabel("New password").fill("another four words");
    await later.getByRole("button", { name: "Set the password" }).click();
    await expect(later.getByRole("status").getByText("Live")).toBeVisible();
    await bo.goto(server.url);
    await expect(bo.getByRole("heading", { name: "Sign in." })).toBeVisible();
    await later.goto(`${server.url}/invitation#token=used`);
    await expect(later.getByRole("heading", { name: "This invitation is over." })).toBeVisible();
  } finally {
    await server.remove();
  }
});
