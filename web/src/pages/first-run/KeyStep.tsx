import { useMutation } from "@tanstack/react-query";
import { change } from "~/api/client";
import { useMay } from "~/api/permissions";
import { useSession } from "~/api/session";
import type { DataMode, NewKey } from "~/api/types";
import { Button } from "~/components/ui/Button";
import { errorSentence } from "~/components/ui/ErrorState";
import { Code } from "./Code";
import styles from "./FirstRun.module.css";
import { Step } from "./Step";

export interface KeyStepProps {
  workspace: string | undefined;
  mode: DataMode;
  made: string | null;
  onMade: (key: string) => void;
}

/** Makes the first key here, or says the command that makes one. The key is shown this once. */
export function KeyStep({ workspace, mode, made, onMade }: KeyStepProps) {
  const may = useMay("manageKeys");
  const directory = useSession()?.data_dir_hint;
  const create = useMutation({
    mutationFn: () => change<NewKey>("POST", "/v1/api-keys", { kind: mode, name: "first agent" }),
    onSuccess: ({ key }) => onMade(key),
  });
  const command = `hiveboard keys create --kind ${mode}${directory ? ` --data-dir ${directory}` : ""}`;
  return (
    <Step number={1} title="Your key" done={made !== null}>
      {made === null ? (
        <>
          {may ? (
            <div className={styles.makeKey}>
              <Button look="primary" disabled={create.isPending} onClick={() => create.mutate()}>
                Create a {mode} key
              </Button>
              <span className="sub">or, where the server runs:</span>
            </div>
          ) : (
            <p className={styles.note}>An admin of the workspace makes one, in Settings or where the server runs:</p>
          )}
          {create.error !== null && (
            <p className={`${styles.note} bad`} role="alert">
              {errorSentence(create.error)}
            </p>
          )}
          <Code copy={command} what="command">
            <span className="dim">$</span> <b>{command}</b>
          </Code>
        </>
      ) : (
        <>
          <Code copy={made} what="key">
            <b>{made}</b>
          </Code>
          <p className={styles.note}>
            Shown once. It sends {mode} data to the workspace {workspace ?? "of this board"}.
          </p>
        </>
      )}
    </Step>
  );
}
