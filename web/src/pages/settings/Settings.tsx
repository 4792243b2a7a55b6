import type { ReactNode } from "react";
import { mayAs, type Permission } from "~/api/permissions";
import { useSession } from "~/api/session";
import { Segmented } from "~/components/ui/Segmented";
import { useView } from "~/view/url";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Audit } from "./Audit";
import { Keys } from "./Keys";
import { People } from "./People";
import { Prices } from "./Prices";
import { Projects } from "./Projects";
import { Sessions } from "./Sessions";
import { Storage } from "./Storage";
import styles from "./settings.module.css";
import { Workspaces } from "./Workspaces";

interface Part {
  value: string;
  label: string;
  content: ReactNode;
  /** What a reader must be allowed to, for the server refuses the part to others. */
  needs?: Permission;
}

const PARTS: readonly Part[] = [
  { value: "keys", label: "Keys", content: <Keys />, needs: "manageKeys" },
  { value: "people", label: "People", content: <People />, needs: "manageMembers" },
  { value: "sessions", label: "Sessions", content: <Sessions /> },
  { value: "projects", label: "Projects", content: <Projects /> },
  { value: "prices", label: "Prices", content: <Prices /> },
  { value: "storage", label: "Storage", content: <Storage /> },
  { value: "workspaces", label: "Workspaces", content: <Workspaces /> },
  { value: "audit", label: "Audit", content: <Audit />, needs: "manageWorkspace" },
  { value: "appearance", label: "Appearance", content: <Appearance /> },
  { value: "server", label: "Server", content: <About /> },
];

/** What can be set from the board, a part at a time. */
export function Settings() {
  const { view, set } = useView();
  const session = useSession();
  const parts = PARTS.filter((part) => part.needs === undefined || mayAs(session?.role, part.needs));
  const part = parts.find((each) => each.value === view.tab) ?? parts[0];
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1>Settings</h1>
        <span className="grow" />
        <Segmented
          label="Part of the settings"
          value={part?.value ?? ""}
          options={parts.map(({ value, label }) => ({ value, label }))}
          onChange={(value) => set({ tab: value === parts[0]?.value ? undefined : value, q: undefined })}
        />
      </header>
      {part?.content}
    </div>
  );
}
