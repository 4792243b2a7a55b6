import type { ErrorBody } from "./types";

/** A refusal by the server, or no answer at all (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: { [key: string]: unknown };
  /** Seconds the server asked us to wait, where it said so. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number, body: Partial<ErrorBody>, retryAfterSeconds: number | null = null) {
    super(body.message ?? (status === 0 ? "The server does not answer." : `The server answered ${status}.`));
    this.name = "ApiError";
    this.status = status;
    this.code = body.error ?? (status === 0 ? "unreachable" : "unexpected_answer");
    this.details = body.details ?? {};
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the reader has no session: the board then shows how to enter. */
  get isSignedOut(): boolean {
    return this.status === 401;
  }
}
