import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { components } from "./schema";
import type { DataMode, Page } from "./types";

type Schemas = components["schemas"];

/** US dollars per million tokens, a kind of tokens each. */
export type Rates = Schemas["Rates"];
export type Price = Schemas["PriceView"];
export type Anchor = Schemas["Anchor"];
export type TokenKind = Schemas["TokenKind"];
/** What a call cost, and why. */
export type ExplainedCall = Schemas["ExplainedCall"] & { cost_source: "reported" | "estimated" | "unknown" };

const PRICES_PAGE = 50;

/** The price table, the workspace's own rows first. */
export function pricesQuery(mode: DataMode, q: string) {
  return infiniteQueryOptions({
    queryKey: ["prices", mode, q],
    queryFn: ({ signal, pageParam }) =>
      read<Page<Price>>("/v1/prices", mode, { q, limit: PRICES_PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.pagination.has_more ? page.pagination.cursor : null),
    placeholderData: keepPreviousData,
  });
}

/** The row that prices a model; null where none does. */
export function priceOfQuery(mode: DataMode, model: string) {
  return queryOptions({
    queryKey: ["prices", mode, "of", model],
    queryFn: async ({ signal }) =>
      (await read<Page<Price>>("/v1/prices", mode, { model, limit: 1 }, signal)).data[0] ?? null,
    staleTime: 60_000,
  });
}

export function explainQuery(mode: DataMode, eventId: string) {
  return queryOptions({
    queryKey: ["explain", mode, eventId],
    queryFn: ({ signal }) => read<ExplainedCall>("/v1/cost/explain", mode, { event_id: eventId }, signal),
    staleTime: 60_000,
    retry: false,
  });
}
