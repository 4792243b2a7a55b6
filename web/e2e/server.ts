import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BINARY =
  process.env.HIVEBOARD_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug", "hiveboard");
const READY_WITHIN_MS = 20_000;

/** A real `hiveboard serve` on a free port, with a data directory of its own. */
export interface Server {
  url: string;
  /** Keys are made when they are first asked for. */
  readonly liveKey: string;
  readonly testKey: string;
  /** A link that lets one browser in, once. */
  loginLink: () => string;
  /** Runs a command of the binary on this data and gives its last line; links name this server. */
  run: (...args: string[]) => string;
  /** Ends the process and waits until it has ended. */
  stop: () => Promise<void>;
  /** Starts it again on the same port and data. */
  start: () => Promise<void>;
  remove: () => Promise<void>;
}

export function freePort(): Promise<number> {
  // Below the ports that the kernel hands to outgoing connections: one of those could take it before its server does.
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(freePort()));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(port)));
  });
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`hiveboard ended with ${child.exitCode} before it was ready`);
    const ready = await fetch(`${url}/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url}/ready did not answer within ${READY_WITHIN_MS} ms`);
}

/** @param settings `HIVEBOARD_*` variables, without the prefix */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const named = Object.entries(settings).map(([name, value]) => [`HIVEBOARD_${name}`, value]);
  const env = { ...process.env, ...Object.fromEntries(named) };
  const directory = mkdtempSync(join(tmpdir(), "hiveboard-web-e2e-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  /** Runs a command of the binary and gives its last line. */
  const command = (...args: string[]): string =>
    execFileSync(BINARY, [...args, "--data-dir", directory], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env,
    })
      .trim()
      .split("\n")
      .at(-1) ?? "";

  const start = async () => {
    child = spawn(BINARY, ["serve", "--data-dir", directory, "--addr", `127.0.0.1:${port}`], { stdio: "ignore", env });
    await untilReady(url, child);
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child === null || child.exitCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });

  const keys = new Map<string, string>();
  const key = (kind: "live" | "test"): string => {
    const made = keys.get(kind) ?? command("keys", "create", "--kind", kind, "--name", "web-e2e");
    keys.set(kind, made);
    return made;
  };

  const remove = async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  };

  await start().catch(async (error: unknown) => {
    // Nobody has it yet who could end it.
    await remove();
    throw error;
  });
  return {
    url,
    get liveKey() {
      return key("live");
    },
    get testKey() {
      return key("test");
    },
    loginLink: () => {
      const link = new URL(command("login-link"));
      return `${url}${link.pathname}${link.search}`;
    },
    run: (...args) => command(...args, "--addr", `127.0.0.1:${port}`),
    stop,
    start,
    remove,
  };
}
