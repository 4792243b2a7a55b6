import { ApiError } from "./errors";
import { noteFreshness } from "./freshness";
import { parseJson } from "./json";
import { onServer } from "./root";
import type { DataMode, ErrorBody, Page } from "./types";

export type QueryValue = string | number | boolean | readonly string[] | null | undefined;
export type QueryParameters = { readonly [name: string]: QueryValue };

/** Builds `path?name=value`; absent and empty values are left out, lists are joined by commas. */
export function address(path: string, parameters: QueryParameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined || value === "") continue;
    const text = Array.isArray(value) ? value.join(",") : String(value);
    if (text !== "") query.set(name, text);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * The address of one thing by its id, and the parameters that go with it. An id that browsers take for a piece of the path
 * (`.`, `..`), and `-` itself, travels as a parameter; `-` stands in its place.
 */
export function itemAddress(
  list: string,
  parameter: string,
  id: string,
  below = "",
): { path: string; parameters: QueryParameters } {
  return /^(\.{1,2}|-)$/.test(id)
    ? { path: `${list}/-${below}`, parameters: { [parameter]: id } }
    : { path: `${list}/${encodeURIComponent(id)}${below}`, parameters: {} };
}

async function answer<T>(response: Response): Promise<T> {
  noteFreshness(response.status, response.headers);
  if (response.ok) return response.status === 204 ? (undefined as T) : (parseJson(await response.text()) as T);
  const retryAfter = Number(response.headers.get("Retry-After"));
  // A proxy in between may answer with something that is not our error body: the status alone then has to do.
  const body = (await response.json().catch(() => ({}))) as Partial<ErrorBody>;
  throw new ApiError(response.status, body, Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null);
}

async function request<T>(path: string, options: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(onServer(path), { credentials: "same-origin", ...options });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, {});
  }
  return answer<T>(response);
}

/**
 * Reads `path` in a data mode.
 *
 * @throws ApiError for every answer other than 2xx, and when there is no answer.
 */
export function read<T>(path: string, mode: DataMode, parameters?: QueryParameters, signal?: AbortSignal): Promise<T> {
  return request<T>(address(path, { ...parameters, mode }), signal === undefined ? {} : { signal });
}

/** The server's greatest page. */
export const PAGE_LIMIT = 200;

/** The pages of a list as one, up to `limit` items; `has_more` says whether there are more than those. */
export async function readWhole<T>(
  path: string,
  mode: DataMode,
  parameters: QueryParameters,
  limit: number,
  signal: AbortSignal,
): Promise<Page<T>> {
  const data: T[] = [];
  let pagination: Page<T>["pagination"] = { cursor: null, has_more: true };
  while (pagination.has_more && data.length < limit) {
    const page: Page<T> = await read(
      path,
      mode,
      { ...parameters, limit: PAGE_LIMIT, cursor: pagination.cursor },
      signal,
    );
    data.push(...page.data);
    pagination = { ...page.pagination, has_more: page.pagination.has_more && page.pagination.cursor !== null };
  }
  return { data, pagination };
}

/** Changes something. */
export function change<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return request<T>(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
