/** A server that keeps what it is sent and answers as it is told. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Envelope, HiveEvent } from "../src/event.js";

export interface Batch {
  envelope: Envelope;
  events: HiveEvent[];
  key: string | undefined;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** The connection is cut instead. */
  cut?: boolean;
}

export class FakeServer {
  readonly batches: Batch[] = [];
  /** Given in turn; the last one again and again. Without any, all is taken. */
  answers: Answer[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeServer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const fake = new FakeServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const batch = JSON.parse(Buffer.concat(parts).toString()) as Batch;
        const answer = (fake.answers.length > 1 ? fake.answers.shift() : fake.answers[0]) ?? { status: 200 };
        if (answer.cut === true) {
          request.socket.destroy();
          return;
        }
        fake.batches.push({ ...batch, key: request.headers.authorization });
        const taken = { accepted: batch.events.length, rejected: 0, warnings: [], errors: [] };
        const body = answer.body ?? (answer.status < 300 ? taken : { message: "no" });
        response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
    return fake;
  }

  /** All events, each once, in the order of arrival. */
  get events(): HiveEvent[] {
    const byId = new Map(this.batches.flatMap((batch) => batch.events).map((event) => [event.event_id, event]));
    return [...byId.values()];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
