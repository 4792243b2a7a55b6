import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "./queries";
import type { Session } from "./types";

/** Who the reader is to the server; undefined until that is known. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery()).data;
}
