import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Tested } from "~/api/alerts";
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

/** What a test came to, of one channel or of all that a rule has. */
function testWords(answer: unknown): { tone: "success" | "error"; title: string; text?: string } | null {
  const tests = (Array.isArray(answer) ? answer : [answer]) as Partial<Tested>[];
  if (!Array.isArray(answer) && typeof tests[0]?.delivered !== "boolean") return null;
  if (tests.length === 0) return { tone: "error", title: "No channel to test", text: "The rule tells nobody yet." };
  const failed = tests.filter((test) => test.delivered === false);
  const [first] = failed;
  if (first === undefined) return { tone: "success", title: "The test arrived" };
  return { tone: "error", title: `${first.channel_name} was not reached`, text: first.error ?? "" };
}

/** Changes something of the alerts and reads them anew; what is refused is said. */
export function useChange() {
  const client = useQueryClient();
  const { view } = useView();
  return useMutation({
    mutationFn: ({ method, path, body }: Change) =>
      change<unknown>(method, `/v1/alerts/${path}?mode=${view.mode}`, body),
    onSuccess: (answer, { done }) => {
      toast(testWords(answer) ?? { tone: "success", title: done });
      for (const noun of ["alerts", "alert-rules", "alert-channels"])
        void client.invalidateQueries({ queryKey: [noun, view.mode] });
    },
    onError: (error) => toast({ tone: "error", title: "Not done", text: errorSentence(error) }),
  });
}
