import type { IconName } from "~/components/ui/Icon";

export interface BoardView {
  to: string;
  label: string;
  /** The second key of `g …`. */
  key: string;
  icon: IconName;
}

/** Drawn alone, without the frame: a screen by the door has nobody at it. */
export const WALL_PATH = "/wall";

/** Views that are reached from others, or by name. */
export const FURTHER_VIEWS = [
  { to: "/workflow", label: "Workflows", icon: "fall" },
  { to: WALL_PATH, label: "Wall", icon: "full" },
] as const satisfies readonly Omit<BoardView, "key">[];

/** The views that this board has, in the order of the bar. A view joins the list when it exists. */
export const VIEWS = [
  { to: "/", label: "Mission Control", key: "m", icon: "story" },
  { to: "/tasks", label: "Tasks", key: "t", icon: "fall" },
  { to: "/cost", label: "Cost Explorer", key: "c", icon: "coin" },
  { to: "/pipeline", label: "Pipeline", key: "p", icon: "queue" },
  { to: "/errors", label: "Errors", key: "e", icon: "fail" },
  { to: "/insights", label: "Insights", key: "i", icon: "spark" },
  { to: "/alerts", label: "Alerts", key: "a", icon: "bell" },
  { to: "/settings", label: "Settings", key: "s", icon: "key" },
] as const satisfies readonly BoardView[];
