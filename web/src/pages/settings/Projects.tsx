import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "~/api/queries";
import { LineBadge } from "~/components/ui/Badge";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { formatCount } from "~/format/count";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { useView } from "~/view/url";
import { SettingsTable } from "./SettingsTable";
import styles from "./settings.module.css";

/** The labels that group runs, with what stands behind each. */
export function Projects() {
  const { view } = useView();
  const projects = useQuery(projectsQuery(view.mode));
  return (
    <section aria-label="Projects" className={styles.section}>
      <div className={styles.head}>
        <h2>Projects</h2>
        <span className="dim">{projects.data?.length}</span>
      </div>
      {projects.data === undefined && projects.error !== null ? (
        <ErrorState what="The projects" error={projects.error} onRetry={() => void projects.refetch()} />
      ) : projects.data === undefined ? (
        <SkeletonRows count={3} />
      ) : (
        <SettingsTable
          columns={[
            "Project",
            "Name",
            { figures: "Agents" },
            { figures: "Events" },
            { figures: "Completed, 24 h" },
            { figures: "Failed, 24 h" },
            { figures: "Cost, 24 h" },
          ]}
        >
          {projects.data.map((project) => (
            <tr key={project.project_id}>
              <td className="mono strong">{legible(project.project_id)}</td>
              <td>
                {project.name} {project.is_archived && <LineBadge>archived</LineBadge>}
                {project.auto_created && <LineBadge>from an event</LineBadge>}
              </td>
              <td className="num">{formatCount(project.agent_count)}</td>
              <td className="num">{formatCount(project.event_count)}</td>
              <td className="num">{formatCount(project.tasks_completed_24h)}</td>
              <td className="num">{formatCount(project.tasks_failed_24h)}</td>
              <td className="num">{formatMoney(project.cost_24h)}</td>
            </tr>
          ))}
        </SettingsTable>
      )}
    </section>
  );
}
