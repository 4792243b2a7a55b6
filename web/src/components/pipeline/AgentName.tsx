import { legible } from "~/format/legible";
import { useView } from "~/view/url";
import styles from "./pipeline.module.css";

export interface AgentNameProps {
  agent: string;
  /** Whether rows of several agents stand together, and so need the name. */
  fleet: boolean;
}

/** Whose row it is; narrows to that agent. */
export function AgentName({ agent, fleet }: AgentNameProps) {
  const { view, set } = useView();
  if (!fleet) return null;
  return (
    <button
      type="button"
      className={styles.agent}
      onClick={() => set({ agent: view.agent === agent ? undefined : agent })}
    >
      {legible(agent)}
    </button>
  );
}
