import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "~/api/permissions";
import { projectsQuery } from "~/api/queries";
import type { DataMode, Project } from "~/api/types";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { figures, Table, unseen } from "~/components/ui/Table";
import { formatCount } from "~/format/count";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { useView } from "~/view/url";
import { NameForm } from "./NameForm";
import { NewByName } from "./NewByName";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

const NAME_LIMIT = 128;

/** The labels that group runs, with what stands behind each: make one before an event names it, call it otherwise, put it away. */
export function Projects() {
  const { view } = useView();
  const projects = useQuery(projectsQuery(view.mode));
  const may = useMay("changeProjects");
  return (
    <section aria-label="Projects" className={styles.section}>
      <div className={styles.head}>
        <h2>Projects</h2>
        <span className="dim">{projects.data?.length}</span>
        <span className="grow" />
        {may && <NewByName what="project" path={`/v1/projects?mode=${view.mode}`} list="projects" most={NAME_LIMIT} />}
      </div>
      <Answer query={projects} what="The projects" rows={3}>
        {(data) => (
          <Table
            columns={[
              "Project",
              "Name",
              figures("Agents"),
              figures("Events"),
              figures("Completed, 24 h"),
              figures("Failed, 24 h"),
              figures("Cost, 24 h"),
              ...(may ? [unseen("Rename it, or put it away")] : []),
            ]}
          >
            {data.map((project) => (
              <Row key={project.project_id} project={project} mode={view.mode} may={may} />
            ))}
          </Table>
        )}
      </Answer>
    </section>
  );
}

function Row({ project, mode, may }: { project: Project; mode: DataMode; may: boolean }) {
  const change = useSettingsChange("projects");
  const [renaming, setRenaming] = useState(false);
  const path = `/v1/projects/${encodeURIComponent(project.project_id)}`;
  const name = legible(project.name);
  const putAway = () =>
    change.mutate({
      method: "POST",
      path: `${path}/${project.is_archived ? "unarchive" : "archive"}?mode=${mode}`,
      done: project.is_archived ? `${name} is back` : `${name} is put away; what events say of it stays`,
    });
  const rename = (next: string) =>
    change.mutate(
      { method: "PUT", path: `${path}?mode=${mode}`, body: { name: next }, done: `It is called ${next} now` },
      { onSuccess: () => setRenaming(false) },
    );
  return (
    <tr>
      <td className="mono strong">{legible(project.project_id)}</td>
      <td>
        {renaming ? (
          <NameForm
            label="Name of the project"
            name={project.name}
            most={NAME_LIMIT}
            pending={change.isPending}
            onName={rename}
            onLeave={() => setRenaming(false)}
          />
        ) : (
          name
        )}{" "}
        {project.is_archived && <LineBadge>archived</LineBadge>}
        {project.auto_created && <LineBadge>from an event</LineBadge>}
      </td>
      <td className="num">{formatCount(project.agent_count)}</td>
      <td className="num">{formatCount(project.event_count)}</td>
      <td className="num">{formatCount(project.tasks_completed_24h)}</td>
      <td className="num">{formatCount(project.tasks_failed_24h)}</td>
      <td className="num">{formatMoney(project.cost_24h)}</td>
      {may && (
        <td className="num">
          {!renaming && (
            <Button look="ghost" small aria-label={`Rename ${name}`} onClick={() => setRenaming(true)}>
              Rename
            </Button>
          )}
          <Button
            look="ghost"
            small
            aria-label={`${project.is_archived ? "Take back" : "Archive"} ${name}`}
            disabled={change.isPending}
            onClick={putAway}
          >
            {project.is_archived ? "Take back" : "Archive"}
          </Button>
        </td>
      )}
    </tr>
  );
}
