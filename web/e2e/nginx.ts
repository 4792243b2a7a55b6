import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./server";

const DEPLOY = fileURLToPath(new URL("../../docs/deploy", import.meta.url));
const PROGRAM = process.env.NGINX ?? "/usr/sbin/nginx";
const READY_WITHIN_MS = 10_000;

export interface Nginx {
  stop: () => Promise<void>;
}

/** A real nginx at `port` before the server at `upstream`, with the documented configuration: the board lies at `/hive/`. */
export async function startNginx(
  port: number,
  upstream: string,
  { dropsUpgrade = false }: { dropsUpgrade?: boolean } = {},
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "hiveboard-web-nginx-"));
  const location = readFileSync(join(DEPLOY, "nginx.conf"), "utf8")
    .replace("http://127.0.0.1:8000", upstream)
    .split("\n")
    .filter((line) => !dropsUpgrade || !line.includes("proxy_set_header Upgrade"))
    .join("\n");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid;
    events { worker_connections 256; }
    http {
      access_log off; ${paths.join(" ")}
      ${readFileSync(join(DEPLOY, "nginx-http.conf"), "utf8")}
      server { listen 127.0.0.1:${port};
        ${location}
      }
    }`,
  );
  const log = join(folder, "error.log");
  const child: ChildProcess = spawn(PROGRAM, ["-e", log, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (
    !(await fetch(`http://127.0.0.1:${port}/hive/health`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`nginx does not answer: ${readFileSync(log)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}

/** A port for nginx, and the address that the board then has. */
export async function siteAddress(): Promise<{ port: number; url: string }> {
  const port = await freePort();
  return { port, url: `http://127.0.0.1:${port}/hive` };
}
