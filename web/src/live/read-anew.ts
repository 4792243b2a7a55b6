import type { QueryClient, QueryFilters } from "@tanstack/react-query";

/** The reads that are under way; each promise ends when its answer is in the cache, or when it failed. */
export function readsUnderWay(client: QueryClient, filters: QueryFilters): Promise<unknown>[] {
  return client
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: "fetching" })
    .flatMap((query) => query.promise ?? []);
}

/**
 * Reads what is shown anew. A read that is under way may have been answered before the news that made it old, and would count
 * as fresh nevertheless: such reads are waited for. What could not be read yet has its own way of trying again.
 *
 * @returns whether any read was under way: once this ends, those are to be read again
 */
export async function readAnew(client: QueryClient, filters: QueryFilters): Promise<boolean> {
  const underWay = readsUnderWay(client, filters);
  void client.invalidateQueries({
    ...filters,
    predicate: (query) =>
      query.state.data !== undefined &&
      query.state.fetchStatus !== "fetching" &&
      (filters.predicate === undefined || filters.predicate(query)),
  });
  await Promise.allSettled(underWay);
  return underWay.length > 0;
}

/** Reads everything anew at once, after an interruption: what is under way is abandoned, and first reads are repeated when they end. */
export async function readAllAnew(client: QueryClient, filters: QueryFilters): Promise<void> {
  const first = client
    .getQueryCache()
    .findAll({ ...filters, fetchStatus: "fetching" })
    .filter((query) => query.state.data === undefined);
  const read = Promise.allSettled(first.map((query) => query.promise));
  void client.invalidateQueries(filters);
  if (first.length === 0) return;
  await read;
  void client.invalidateQueries({ ...filters, predicate: (query) => first.includes(query) }, { cancelRefetch: false });
}
