/** The columns of the frame where only one of them has room. */
export const PANES = ["hive", "board", "activity"] as const;
export type Pane = (typeof PANES)[number];

export function toPane(text: string | undefined): Pane {
  return PANES.find((pane) => pane === text) ?? "board";
}
