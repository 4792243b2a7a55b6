import { useMutation, useQueryClient } from "@tanstack/react-query";
import { change } from "~/api/client";
import { errorSentence } from "~/components/ui/ErrorState";
import { toast } from "~/components/ui/toast";
import { useView } from "~/view/url";

export interface Change {
  method: "POST" | "PUT" | "DELETE";
  /** Below `/v1/alerts/`. */
  path: string;
  body?: unknown;
  /** Said when it is done. */
  done: string;
}

/** Changes something of the alerts and reads them anew; what is refused is said. */
export function useChange() {
  const client = useQueryClient();
  const { view } = useView();
  return useMutation({
    mutationFn: ({ method, path, body }: Change) =>
      change<unknown>(method, `/v1/alerts/${path}?mode=${view.mode}`, body),
    onSuccess: (_, { done }) => {
      toast({ tone: "success", title: done });
      for (const noun of ["alerts", "alert-rules", "alert-channels"])
        void client.invalidateQueries({ queryKey: [noun, view.mode] });
    },
    onError: (error) => toast({ tone: "error", title: "Not done", text: errorSentence(error) }),
  });
}
