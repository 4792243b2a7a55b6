import type { ReactNode } from "react";
import { Button } from "~/components/ui/Button";
import { Icon, type IconName } from "~/components/ui/Icon";
import type { Json } from "../model/payload";
import { payloadOf, record } from "../model/payload";
import type { RunModel, Span } from "../model/types";
import styles from "./detail.module.css";
import { Facts } from "./Facts";
import { Exception, FailureChain } from "./Failure";
import { PayloadTree } from "./PayloadTree";
import { Preview } from "./Preview";

export interface PinnedProps {
  run: RunModel;
  span: Span;
  onSelect: (span: Span) => void;
  onUnpin: () => void;
  /** Under the story, three abreast; or beside a view, one below the other. */
  place: "under" | "beside";
  /** Where the notch points, in pixels from the panel's left; null without one. */
  notchX?: number | null;
  /** Of a failure: whether it was seen before. */
  seenBefore?: ReactNode;
}

const ICONS: Record<Span["kind"], IconName> = {
  task: "flag",
  action: "cell",
  llm: "spark",
  approval: "ask",
  escalation: "esc",
  retry: "retry",
  plan: "plan",
  note: "dots",
};

const STATUS: Record<Span["kind"], string> = {
  task: "action",
  action: "action",
  llm: "llm",
  approval: "waiting",
  escalation: "waiting",
  retry: "waiting",
  plan: "action",
  note: "action",
};

/** Everything known of the selected node. */
export function Pinned({ run, span, onSelect, onUnpin, place, notchX = null, seenBefore }: PinnedProps) {
  const failed = span.outcome === "failed" && span.kind !== "approval";
  const payload = mergedPayload(span);
  const rest = furtherData(payload, span.llm?.malformed);
  const names = span.kind === "task" ? "the task" : span.name;
  const head = (
    <div className={styles.title} data-status={failed ? "error" : STATUS[span.kind]}>
      <span className="c">
        <Icon name={ICONS[span.kind]} />
      </span>
      <span className="ell" title={span.name}>
        {span.kind === "task" ? "Task" : span.name}
        {span.attempt !== null && span.kind === "action" && <span className="dim">, attempt {span.attempt}</span>}
      </span>
      <span className="grow" />
      <Button look="ghost" small icon aria-label="Unpin" onClick={onUnpin}>
        <Icon name="pin" />
      </Button>
    </div>
  );
  const facts = <Facts run={run} span={span} onSelect={onSelect} />;
  return (
    <aside
      className={place === "under" ? styles.under : styles.beside}
      aria-label={`Pinned: ${names}`}
      data-notch={notchX !== null || undefined}
      style={notchX === null ? undefined : ({ "--at": `${notchX}px` } as React.CSSProperties)}
    >
      <div>
        {head}
        {span.summary !== null && span.kind !== "task" && span.kind !== "llm" && (
          <p className={styles.summary}>{span.summary}</p>
        )}
        {span.human?.answer && <p className={styles.summary}>“{span.human.answer}”</p>}
        {failed && place === "beside" && <Exception span={span} />}
        {facts}
      </div>
      {span.llm !== null ? (
        <>
          <div>
            <Preview what="Prompt" words={span.llm.promptPreview} />
          </div>
          <div>
            <Preview what="Response" words={span.llm.responsePreview} />
            {Object.keys(rest).length > 0 && <PayloadTree key={span.id} title="Further data" value={rest} />}
          </div>
        </>
      ) : failed ? (
        <>
          <div>
            {place === "under" && <Exception span={span} />}
            <FailureChain run={run} span={span} onSelect={onSelect} />
            {seenBefore}
          </div>
          <div>
            <PayloadTree key={span.id} value={payload} />
          </div>
        </>
      ) : (
        <div className={styles.wide}>
          <PayloadTree key={span.id} value={payload} />
        </div>
      )}
    </aside>
  );
}

/** What the facts and the previews of a call tell. */
const TOLD = new Set(["kind", "summary", "tags", "data"]);
const TOLD_OF_A_CALL = new Set([
  "name",
  "model",
  "tokens_in",
  "tokens_out",
  "cost",
  "duration_ms",
  "prompt_preview",
  "response_preview",
]);

/** What else a call carried: its metadata above all, and figures as they were sent where they were not understood. */
export function furtherData(payload: Json, malformed: readonly string[] = []): Json {
  const told = (name: string, value: unknown) =>
    value === null ||
    TOLD.has(name) ||
    (TOLD_OF_A_CALL.has(name) && !malformed.includes(name)) ||
    (name === "metadata" && isEmpty(value));
  const all = [...Object.entries(record(payload.data)), ...Object.entries(payload)];
  return Object.fromEntries(all.filter(([name, value]) => !told(name, value)));
}

function isEmpty(value: unknown): boolean {
  return Object.keys(record(value)).length === 0;
}

/** What the events of a span carried, the later ones over the earlier ones. */
function mergedPayload(span: Span): Json {
  const merged: Json = {};
  for (const event of span.events) Object.assign(merged, payloadOf(event));
  return merged;
}
