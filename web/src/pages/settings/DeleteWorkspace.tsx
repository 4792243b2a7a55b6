import { type FormEvent, useEffect, useRef, useState } from "react";
import { address } from "~/api/client";
import type { Workspace } from "~/api/people";
import { Button } from "~/components/ui/Button";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

/** Says what goes with a workspace, and asks for its name: there is no way back. */
export function DeleteWorkspace({ workspace, onDone }: { workspace: Workspace; onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const change = useSettingsChange("workspaces");
  const field = useRef<HTMLInputElement>(null);
  // The browser's focus: the question is asked where the reader is.
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        method: "DELETE",
        path: address(`/v1/workspaces/${workspace.workspace_id}`, { confirm: typed }),
        done: `${workspace.name} is gone`,
      },
      { onSuccess: onDone },
    );
  };
  return (
    <form className={styles.danger} aria-label={`Delete ${workspace.name}`} onSubmit={submit}>
      <p>
        <b className="strong">Delete {workspace.name}?</b> Its events, keys, members, rules and prices go at once, and
        agents that report to it are refused. There is no way back but a backup.
      </p>
      <label className={styles.field}>
        <span>
          Type its name, <code>{workspace.name}</code>, to say that it is this one
        </span>
        <input
          ref={field}
          required
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <div className={styles.form}>
        <Button type="submit" look="danger" small disabled={change.isPending || typed !== workspace.name}>
          Delete it for good
        </Button>
        <Button look="ghost" small onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
