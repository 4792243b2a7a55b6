import type { ReactNode } from "react";
import { ExplainCost } from "~/components/cost/ExplainCost";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { formatClock, formatUtc } from "~/format/time";
import { undated } from "../model/names";
import { list, payloadOf, text } from "../model/payload";
import type { RunModel, Span } from "../model/types";
import styles from "./detail.module.css";

export interface FactsProps {
  run: RunModel;
  span: Span;
  onSelect: (span: Span) => void;
}

/** What is known of a node in figures, and the ways to its neighbours. */
export function Facts({ run, span, onSelect }: FactsProps) {
  const { llm, human } = span;
  const tookMs = span.endMs - span.startMs;
  const moment = span.kind === "plan" || span.kind === "escalation" || span.kind === "note";
  const next = llm === null ? null : nextSibling(span);
  const tags = tagsOf(span);
  return (
    <dl className={styles.facts}>
      {llm !== null && (
        <Fact name="Model">
          <span title={llm.model}>
            <ModelBadge model={undated(llm.model)} />
          </span>
        </Fact>
      )}
      {!moment && (
        <Fact name={span.outcome === "open" ? "Running for" : "Took"}>
          {span.outcome === "unknown" ? "no end arrived" : formatDuration(tookMs)}
          {span.parent !== null && ` at +${formatDuration(span.startMs - run.startMs)}`}
        </Fact>
      )}
      <Fact name={moment ? "At" : "Began"}>
        <time title={formatUtc(span.startMs)}>{formatClock(span.startMs, span.startMs)}</time>
      </Fact>
      {llm !== null && (llm.tokensIn !== null || llm.tokensOut !== null) && (
        <Fact name="Tokens">
          {exact(llm.tokensIn)} in, {exact(llm.tokensOut)} out
          <TokenBar tokensIn={llm.tokensIn ?? 0} tokensOut={llm.tokensOut ?? 0} />
        </Fact>
      )}
      {llm !== null && (
        <Fact name="Cost">
          <CallCost span={span}>
            {llm.costUsd === null ? (
              <span className="dim">{llm.malformed.includes("cost") ? "not understood" : "not reported"}</span>
            ) : (
              formatMoney(llm.costUsd)
            )}{" "}
            {llm.costUsd !== null && <span className="dim">{llm.costSource ?? "reported"}</span>}
          </CallCost>
        </Fact>
      )}
      {llm !== null && llm.malformed.length > 0 && (
        <Fact name="Not understood">
          <span title="Stored as sent, but not of the type that the wire format asks for: counted as absent">
            {llm.malformed.join(", ")}
          </span>
        </Fact>
      )}
      {human?.askedOf && <Fact name={span.kind === "escalation" ? "Handed to" : "Asked"}>{human.askedOf}</Fact>}
      {human?.answeredBy && <Fact name="Answered by">{human.answeredBy}</Fact>}
      {human?.decision && <Fact name="Decision">{human.decision}</Fact>}
      {span.attempt !== null && <Fact name="Attempt">{span.attempt}</Fact>}
      {span.backoffMs !== null && <Fact name="Back-off">{formatDuration(span.backoffMs)}</Fact>}
      {span.parent !== null && span.parent !== run.root && (
        <Fact name="Inside">
          <SpanLink span={span.parent} onSelect={onSelect} />
        </Fact>
      )}
      {next !== null && (
        <Fact name="Led to">
          <SpanLink span={next} onSelect={onSelect} />
        </Fact>
      )}
      {span.children.length > 0 && <Fact name="Inside it">{span.children.length}</Fact>}
      {tags.length > 0 && <Fact name="Tags">{tags.join(", ")}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The cost, which says how it comes about. */
function CallCost({ span, children }: { span: Span; children: ReactNode }) {
  const event = span.events[0];
  if (event === undefined) return children;
  return <ExplainCost eventId={event.event_id}>{children}</ExplainCost>;
}

function TokenBar({ tokensIn, tokensOut }: { tokensIn: number; tokensOut: number }) {
  if (tokensIn + tokensOut === 0) return null;
  const ratio = tokensOut === 0 ? null : Math.round(tokensIn / tokensOut);
  return (
    <span className={styles.tokenBar} title={ratio === null ? "no token out" : `${ratio} in for each 1 out`}>
      <i style={{ flexGrow: tokensIn }} />
      <i style={{ flexGrow: tokensOut }} />
    </span>
  );
}

/** A name that selects the node it names. */
export function SpanLink({ span, onSelect }: { span: Span; onSelect: (span: Span) => void }) {
  return (
    <button type="button" className="link" onClick={() => onSelect(span)}>
      {span.attempt !== null && span.kind === "action" ? `attempt ${span.attempt}` : span.name}
    </button>
  );
}

function exact(count: number | null): string {
  return count === null ? "–" : count.toLocaleString("en-US");
}

/** The next thing that a call led to: what began after it under the same parent. */
function nextSibling(span: Span): Span | null {
  const siblings = span.parent?.children ?? [];
  return (
    siblings.find(
      (other) => other.startMs >= span.endMs && other !== span && other.kind !== "note" && other.kind !== "retry",
    ) ?? null
  );
}

function tagsOf(span: Span): string[] {
  return span.events.flatMap((event) => list(payloadOf(event).tags).flatMap((tag) => text(tag) ?? []));
}
