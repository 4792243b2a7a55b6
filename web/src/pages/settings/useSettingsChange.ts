import { useMutation, useQueryClient } from "@tanstack/react-query";
import { change } from "~/api/client";
import { errorSentence } from "~/components/ui/ErrorState";
import { toast } from "~/components/ui/toast";

interface SettingsChange {
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  done: string;
}

/** Changes something of people and sessions, and reads the lists of these nouns anew; what is refused is said. */
export function useSettingsChange<T = unknown>(...nouns: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: SettingsChange) => change<T>(method, path, body),
    onSuccess: (_, { done }) => {
      toast({ tone: "success", title: done });
      for (const noun of [...nouns, "audit"]) void client.invalidateQueries({ queryKey: [noun] });
    },
    onError: (error) => toast({ tone: "error", title: "Not done", text: errorSentence(error) }),
  });
}
