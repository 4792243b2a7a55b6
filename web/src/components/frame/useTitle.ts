import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { needsAttention } from "~/appearance/status";
import { legible } from "~/format/legible";
import { useAgents } from "~/view/agents";
import { useView } from "~/view/url";
import { VIEWS } from "./views";

/** The title of the browser's tab: how many agents need somebody, and the view. */
export function useTitle(): void {
  const { view } = useView();
  const { agents } = useAgents(view);
  const path = useLocation({ select: (location) => location.pathname });
  const needs = agents?.filter((agent) => needsAttention(agent.derived_status)).length ?? 0;
  const name = path === "/agent" ? view.agent && legible(view.agent) : VIEWS.find((each) => each.to === path)?.label;
  const title = [name, "HiveBoard"].filter(Boolean).join(" · ");
  // The browser's tab.
  useEffect(() => {
    document.title = needs > 0 ? `(${needs}) ${title}` : title;
  }, [needs, title]);
}
