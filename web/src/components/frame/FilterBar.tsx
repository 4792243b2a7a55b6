import { Link, useSearch } from "@tanstack/react-router";
import type { AgentStatus } from "~/api/types";
import { MEDIUM, useMedia } from "~/appearance/media";
import { statusLook } from "~/appearance/status";
import { Button, buttonClass } from "~/components/ui/Button";
import { Chip } from "~/components/ui/Chip";
import { CopyButton } from "~/components/ui/CopyButton";
import { Icon } from "~/components/ui/Icon";
import { legible } from "~/format/legible";
import { formatStretch } from "~/format/time";
import { sharedSearch, useView, type View, type ViewPatch, type ViewSearch } from "~/view/url";
import styles from "./FilterBar.module.css";
import { FromTo } from "./FromTo";
import { SavedViews } from "./SavedViews";
import { ScopePanel } from "./ScopeSelectors";

interface Part {
  name: string;
  value: string;
  /** What removing it sets. */
  without: ViewPatch;
}

function parts(view: View): Part[] {
  const found: Part[] = [];
  if (view.environment !== undefined)
    found.push({ name: "environment", value: view.environment, without: { environment: undefined } });
  if (view.project !== undefined) found.push({ name: "project", value: view.project, without: { project: undefined } });
  if (view.group !== undefined) found.push({ name: "group", value: view.group, without: { group: undefined } });
  if (view.agent !== undefined) found.push({ name: "agent", value: view.agent, without: { agent: undefined } });
  if (view.model !== undefined) found.push({ name: "model", value: view.model, without: { model: undefined } });
  if (view.type !== undefined) found.push({ name: "task type", value: view.type, without: { type: undefined } });
  if (view.version !== undefined) found.push({ name: "version", value: view.version, without: { version: undefined } });
  if (view.status !== undefined) {
    const words = view.status.split(",").map((status) => statusLook(status as AgentStatus).word.toLowerCase());
    found.push({ name: "status", value: words.join(", "), without: { status: undefined } });
  }
  if (view.task !== undefined)
    found.push({
      name: "task",
      value: view.task,
      without: { task: undefined, owner: undefined, run: undefined, node: undefined, tab: undefined },
    });
  if (view.q !== undefined) found.push({ name: "search", value: view.q, without: { q: undefined } });
  if (view.since !== undefined && view.until !== undefined) {
    const value = formatStretch(view.since, view.until);
    found.push({ name: "started", value, without: { since: undefined, until: undefined } });
  }
  return found;
}

/** What the page is narrowed to: every part can be taken away, all of it can be shared. */
export function FilterBar() {
  const { view, set } = useView();
  const search = useSearch({ strict: false }) as ViewSearch;
  const narrowed = parts(view);
  const withPanel = useMedia(MEDIUM);
  const lead = (
    <>
      <Icon name="filter" size={14} />
      <span className={narrowed.length === 0 ? undefined : styles.word}>
        {narrowed.length === 0 ? "All agents" : "Narrowed to"}
      </span>
    </>
  );
  return (
    <section className={styles.bar} aria-label="Narrowed to">
      <span className={styles.lead}>{withPanel ? <ScopePanel>{lead}</ScopePanel> : lead}</span>
      <span className={styles.parts}>
        {narrowed.map((part) => (
          <Chip key={part.name} name={part.name} onRemove={() => set(part.without)}>
            {legible(part.value)}
          </Chip>
        ))}
        {narrowed.length > 1 && (
          <Button
            look="ghost"
            small
            onClick={() => set(Object.assign({}, ...narrowed.map((part) => part.without)) as ViewPatch)}
          >
            Clear
          </Button>
        )}
      </span>
      {view.agent !== undefined && (
        <Link
          to="/agent"
          search={sharedSearch(search) as never}
          className={buttonClass({ look: "ghost", small: true })}
          activeProps={{ "aria-current": "page" }}
        >
          <Icon name="cell" size={14} />
          <span className={styles.word}>Agent detail</span>
        </Link>
      )}
      <FromTo />
      <SavedViews />
      <CopyButton
        look="ghost"
        symbol="link"
        what="link to this view"
        word={<span className={styles.word}>Copy link</span>}
        text={() => location.href}
      />
    </section>
  );
}
