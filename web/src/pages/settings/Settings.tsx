import type { ReactNode } from "react";
import { useSession } from "~/api/session";
import { Segmented } from "~/components/ui/Segmented";
import { useView } from "~/view/url";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Audit } from "./Audit";
import { Keys } from "./Keys";
import { People } from "./People";
import { Projects } from "./Projects";
import { Sessions } from "./Sessions";
import { Storage } from "./Storage";
import styles from "./settings.module.css";

interface Part {
  value: string;
  label: string;
  content: ReactNode;
  /** Only where the server knows people. */
  people?: boolean;
}

const PARTS: readonly Part[] = [
  { value: "keys", label: "Keys", content: <Keys /> },
  { value: "people", label: "People", content: <People />, people: true },
  { value: "sessions", label: "Sessions", content: <Sessions />, people: true },
  { value: "projects", label: "Projects", content: <Projects /> },
  { value: "storage", label: "Storage", content: <Storage /> },
  { value: "audit", label: "Audit", content: <Audit />, people: true },
  { value: "appearance", label: "Appearance", content: <Appearance /> },
  { value: "server", label: "Server", content: <About /> },
];

/** What can be set from the board, a part at a time. */
export function Settings() {
  const { view, set } = useView();
  const session = useSession();
  const knowsPeople = session !== undefined && "role" in session;
  const parts = PARTS.filter((part) => part.people !== true || knowsPeople);
  const part = parts.find((each) => each.value === view.tab) ?? parts[0];
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1>Settings</h1>
        <span className="grow" />
        <Segmented
          label="Part of the settings"
          value={part?.value ?? "keys"}
          options={parts.map(({ value, label }) => ({ value, label }))}
          onChange={(value) => set({ tab: value === "keys" ? undefined : value })}
        />
      </header>
      {part?.content}
    </div>
  );
}
