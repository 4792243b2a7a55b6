import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Workspace, workspacesQuery } from "~/api/people";
import { useMay } from "~/api/permissions";
import { onServer } from "~/api/root";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Table, unseen } from "~/components/ui/Table";
import { DeleteWorkspace } from "./DeleteWorkspace";
import { NameForm } from "./NameForm";
import { NewByName } from "./NewByName";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

const NAME_LIMIT = 100;

/** The workspaces that the reader is in: look at another, make one, rename this one, delete one that is one's own. */
export function Workspaces() {
  const workspaces = useQuery(workspacesQuery());
  const makes = useMay("manageWorkspaces");
  const [leaving, setLeaving] = useState<Workspace | null>(null);
  return (
    <section aria-label="Workspaces" className={styles.section}>
      <div className={styles.head}>
        <h2>Workspaces</h2>
        <span className="dim">{workspaces.data?.length}</span>
        <span className="grow" />
        {makes && <NewByName what="workspace" path="/v1/workspaces" list="workspaces" most={NAME_LIMIT} />}
      </div>
      {leaving !== null && <DeleteWorkspace workspace={leaving} onDone={() => setLeaving(null)} />}
      <Answer query={workspaces} what="The workspaces" rows={2}>
        {(data) => (
          <Table columns={["Name", "You are", "Unknown projects", unseen("Rename it, look at it, or delete it")]}>
            {data.map((workspace) => (
              <Row key={workspace.workspace_id} workspace={workspace} onDelete={() => setLeaving(workspace)} />
            ))}
          </Table>
        )}
      </Answer>
    </section>
  );
}

function Row({ workspace, onDelete }: { workspace: Workspace; onDelete: () => void }) {
  const change = useSettingsChange("workspaces", "session");
  const manages = useMay("manageWorkspace") && workspace.is_current;
  const [renaming, setRenaming] = useState(false);
  const turn = () =>
    change.mutate(
      {
        method: "PUT",
        path: "/v1/session",
        body: { workspace_id: workspace.workspace_id },
        done: `You look at ${workspace.name}`,
      },
      // All that is on the page belongs to the workspace before.
      { onSuccess: () => location.assign(onServer("/")) },
    );
  const rename = (name: string) =>
    change.mutate(
      {
        method: "PUT",
        path: `/v1/workspaces/${workspace.workspace_id}`,
        body: { name },
        done: `It is called ${name} now`,
      },
      { onSuccess: () => setRenaming(false) },
    );
  const strictness = () =>
    change.mutate({
      method: "PUT",
      path: `/v1/workspaces/${workspace.workspace_id}`,
      body: { auto_create_projects: !workspace.auto_create_projects },
      done: workspace.auto_create_projects
        ? "Events that name an unknown project are rejected from now on"
        : "Events make the projects that they name from now on",
    });
  return (
    <tr aria-selected={workspace.is_current || undefined}>
      <td className="strong">
        {renaming ? (
          <NameForm
            label="Name of the workspace"
            name={workspace.name}
            most={NAME_LIMIT}
            pending={change.isPending}
            onName={rename}
            onLeave={() => setRenaming(false)}
          />
        ) : (
          workspace.name
        )}{" "}
        {workspace.is_current && <LineBadge>this one</LineBadge>}
      </td>
      <td className="sub">{workspace.role}</td>
      <td className="sub">
        {workspace.auto_create_projects ? "are made by events" : "are refused"}{" "}
        {manages && (
          <Button look="ghost" small disabled={change.isPending} onClick={strictness}>
            {workspace.auto_create_projects ? "Refuse them" : "Let events make them"}
          </Button>
        )}
      </td>
      <td className="num">
        {manages && !renaming && (
          <Button look="ghost" small aria-label={`Rename ${workspace.name}`} onClick={() => setRenaming(true)}>
            Rename
          </Button>
        )}
        {!workspace.is_current && (
          <span className={styles.confirm}>
            <Button small aria-label={`Look at ${workspace.name}`} disabled={change.isPending} onClick={turn}>
              Look at it
            </Button>
            {workspace.role === "owner" && workspace.workspace_id !== FIRST && (
              <Button look="ghost" small aria-label={`Delete ${workspace.name}`} onClick={onDelete}>
                Delete
              </Button>
            )}
          </span>
        )}
      </td>
    </tr>
  );
}

/** The first workspace of a server stays. */
const FIRST = 1;

/** A new name for the workspace that one looks at. */
