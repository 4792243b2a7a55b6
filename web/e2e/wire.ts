import { createServer, connect as dial, type Socket } from "node:net";
import { freePort } from "./server";

/** The network between a browser and the server, which can fall silent without a word: neither end learns of it. */
export interface Wire {
  url: string;
  /** Nothing comes through from now on, and no connection ends: a cable that was pulled, a machine that sleeps. */
  cut: () => void;
  /** What begins from now on comes through again; what was cut stays dead. */
  mend: () => void;
  close: () => Promise<void>;
}

export async function startWire(upstream: string): Promise<Wire> {
  const { hostname, port } = new URL(upstream);
  const own = await freePort();
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((browser) => {
    const far = dial(Number(port), hostname);
    const pair = [browser, far];
    for (const socket of pair) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => open.delete(socket));
    }
    // Once silent, always silent: bytes that were lost don't come later.
    let isDead = isCut;
    const pass = (to: Socket) => (bytes: Buffer) => {
      isDead ||= isCut;
      if (!isDead) to.write(bytes);
    };
    browser.on("data", pass(far));
    far.on("data", pass(browser));
    browser.on("end", () => far.end());
    far.on("end", () => !isDead && !isCut && browser.end());
  });
  await new Promise<void>((resolve) => server.listen(own, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${own}`,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
