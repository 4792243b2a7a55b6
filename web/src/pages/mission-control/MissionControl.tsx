/** The centre view: the fleet now, the selected task, the table of tasks. */
export function MissionControl() {
  return null;
}
