import { queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { components } from "./schema";
import type { DataMode } from "./types";

export type Storage = components["schemas"]["StorageView"];

export function storageQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["storage", mode],
    queryFn: ({ signal }) => read<Storage>("/v1/storage", mode, {}, signal),
  });
}
