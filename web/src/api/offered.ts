import { ApiError } from "./errors";

/** Whether the server has no such part: it then answers every address of it as unknown. The board leaves that part out. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.code === "not_found";
}
