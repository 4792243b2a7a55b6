import { toast } from "~/components/ui/toast";
import { legible } from "~/format/legible";
import { useLiveBatch } from "~/live/LiveProvider";
import { useView } from "~/view/url";

/** Says when an agent falls silent, whatever view the reader is on. */
export function AttentionToasts() {
  const { set } = useView();
  useLiveBatch(({ statuses }) => {
    const silent = [...statuses.values()].filter(
      (frame) => frame.new_status === "stuck" && frame.previous_status !== "stuck",
    );
    const [first] = silent;
    if (first === undefined) return;
    toast({
      tone: "stuck",
      title: silent.length === 1 ? `${legible(first.agent_id)} is stuck` : `${silent.length} agents are stuck`,
      text: "No sign of life past the threshold.",
      ...(silent.length === 1 && { action: { word: "Open", run: () => set({ agent: first.agent_id }) } }),
    });
  });
  return null;
}
