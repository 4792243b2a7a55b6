import { useQuery } from "@tanstack/react-query";
import { type AgentCard, agentsQuery } from "~/api/queries";
import { useView } from "~/view/url";

/** What the made-up agents of the demo fleet say they are made with. */
const DEMO = "hiveboard-demo";

/** The demo fleet's agents while it is at work; empty without it, and when it has gone. */
export function useDemo(): readonly AgentCard[] {
  const { view } = useView();
  const agents = useQuery(agentsQuery(view.mode)).data;
  return agents?.filter((agent) => agent.framework === DEMO && agent.liveness !== "gone") ?? [];
}
