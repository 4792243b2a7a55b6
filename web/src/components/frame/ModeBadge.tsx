import { Menu } from "~/components/ui/Menu";
import { useView } from "~/view/url";
import styles from "./TopBar.module.css";

const MODES = [
  { id: "live", label: "Live data" },
  { id: "test", label: "Test data" },
] as const;

/** Which of the two worlds is on the screen: live or test data never see each other. */
export function ModeBadge() {
  const { view, set } = useView();
  return (
    <Menu
      wide
      label={`Data mode: ${view.mode}`}
      entries={MODES.map((mode) => ({ ...mode, checked: mode.id === view.mode }))}
      // Agents, tasks and labels of one mode do not exist in the other: the scope starts anew.
      onAction={(id) => {
        if (id !== view.mode) {
          set({
            mode: id === "test" ? "test" : undefined,
            project: undefined,
            environment: undefined,
            group: undefined,
            agent: undefined,
            status: undefined,
            task: undefined,
            owner: undefined,
            run: undefined,
            node: undefined,
            since: undefined,
            until: undefined,
            q: undefined,
          });
        }
      }}
    >
      <span className={styles.mode} data-status={view.mode === "live" ? "success" : "waiting"}>
        {view.mode}
      </span>
    </Menu>
  );
}
