import { expect, test } from "@playwright/test";
import { Agent } from "./agent";
import { type Nginx, siteAddress, startNginx } from "./nginx";
import { type Server, startServer } from "./server";

for (const dropsUpgrade of [false, true]) {
  test.describe(dropsUpgrade ? "behind a proxy that drops Upgrade" : "below a path, behind nginx", () => {
    let server: Server;
    let nginx: Nginx;
    let url: string;

    test.beforeAll(async () => {
      const site = await siteAddress();
      url = site.url;
      server = await startServer({ PUBLIC_URL: `${url}/`, TRUSTED_PROXIES: "127.0.0.1/32" });
      nginx = await startNginx(site.port, server.url, { dropsUpgrade });
    });

    test.afterAll(async () => {
      await nginx.stop();
      await server.remove();
    });

    test("the board is drawn, hears of what happens, and its links lead below the path", async ({ page }) => {
      const strays: string[] = [];
      const violations: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:")) strays.push(request.url());
      });
      page.on("pageerror", (error) => violations.push(error.message));
      page.on("console", (message) => {
        // What the server does not offer is for other tests to find.
        const isStranger = page.url().includes("/set-up") && message.text().includes("401");
        const unknown = isStranger || (message.location().url.includes("/v1/") && message.text().includes("404"));
        if (message.type() === "error" && !unknown && !message.text().includes("WebSocket"))
          violations.push(message.text());
      });
      const agent = new Agent(server.url, server.liveKey, "behind", {});
      await agent.register();
      await agent.heartbeat();
      const link = new URL(server.loginLink());
      await page.goto(new URL(link.pathname + link.search, url).href);
      // Where others can reach it, a board has an owner before anybody looks at it.
      await expect(page).toHaveURL(new RegExp(`^${url}/set-up`));
      await page.getByLabel("Your name").fill("Ada");
      await page.getByLabel("E-mail address").fill("ada@example.org");
      await page.getByLabel("New password").fill("a long and plain pass phrase");
      await page.getByRole("button", { name: "Make me the owner" }).click();
      await expect(page).toHaveURL(`${url}/`);
      const hive = page.getByRole("complementary", { name: "The Hive" });
      await expect(hive).toContainText("behind");
      const how = dropsUpgrade ? "Live by fetching every 2 s" : "Live";
      await expect(page.getByRole("status").getByText(how).last()).toBeVisible({ timeout: 20_000 });

      const second = new Agent(server.url, server.liveKey, "arrived-later", {});
      await second.register();
      await second.heartbeat();
      await expect(hive).toContainText("arrived-later", { timeout: 10_000 });

      // A page of its own chunk, by a link of the bar; then the same by its address.
      await page.getByRole("link", { name: "Cost" }).first().click();
      await expect(page).toHaveURL(new RegExp(`^${url}/cost`));
      await page.goto(`${url}/settings`);
      await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
      expect(strays).toEqual([]);
      expect(violations).toEqual([]);
    });
  });
}
