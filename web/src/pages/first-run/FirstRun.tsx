import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery } from "~/api/queries";
import { BOARD_ROOT } from "~/api/root";
import { useView } from "~/view/url";
import { Code } from "./Code";
import styles from "./FirstRun.module.css";
import { KeyStep } from "./KeyStep";
import { ListeningLight } from "./ListeningLight";
import { Step } from "./Step";

/** What stands in the lines until a key was made here. */
const KEY_PLACEHOLDER = "hb_live_…";

function initLine(key: string, endpoint: string): string {
  return `hb = hiveloop.init(api_key="${key}", endpoint="${endpoint}")`;
}

export interface FirstRunProps {
  /** The name of the first agent, once it came. */
  arrived: string | undefined;
}

/**
 * An empty board: the key, the three lines, and a light that turns green with the first heartbeat.
 *
 * @param arrived the first agent, once there is one
 */
export function FirstRun({ arrived }: FirstRunProps) {
  const { view } = useView();
  const session = useQuery(sessionQuery()).data;
  const [key, setKey] = useState<string | null>(null);
  const endpoint = session?.ingest_url ?? `${location.origin}${BOARD_ROOT}`;
  const lines = (shown: string) =>
    ["import hiveloop", initLine(shown, endpoint), 'agent = hb.agent("my-agent", type="general")'].join("\n");
  const shownKey =
    key === null ? (view.mode === "test" ? "hb_test_…" : KEY_PLACEHOLDER) : `${key.slice(0, 15)}…${key.slice(-4)}`;
  return (
    <div className={styles.guide}>
      <div>
        <h1>Your board is ready. Bring the first agent.</h1>
        <p className={styles.lead}>
          Three lines in the agent’s code. It shows up here within seconds, and if it ever goes silent, you will see
          that too.
        </p>
        <ol>
          <KeyStep workspace={session?.workspace.name} made={key} onMade={setKey} mode={view.mode} />
          <Step number={2} title="Install the client">
            <Code copy="pip install hiveloop" what="command">
              <span className="dim">$</span> <b>pip install hiveloop</b>
            </Code>
          </Step>
          <Step number={3} title="Add three lines">
            <Code copy={lines(key ?? shownKey)} what="three lines">
              import <b>hiveloop</b>
              {"\nhb = "}
              <b>hiveloop.init</b>(api_key=<i>"{shownKey}"</i>,{"\n                   endpoint="}
              <i>"{endpoint}"</i>){"\nagent = "}
              <b>hb.agent</b>(<i>"my-agent"</i>, type=<i>"general"</i>)
            </Code>
            <p className={styles.note}>
              {key === null ? "Put your key in place of the dots." : "Copy puts in the whole key."} The endpoint is the
              address of this board.
            </p>
          </Step>
        </ol>
      </div>
      <ListeningLight arrived={arrived} />
    </div>
  );
}
