import { Fragment } from "react";
import { Icon, type IconName } from "~/components/ui/Icon";
import { formatDuration } from "~/format/duration";
import { formatClock } from "~/format/time";
import { type ChainLink, chainTo } from "../model/chain";
import { clip } from "../model/names";
import type { RunModel, Span } from "../model/types";
import styles from "./detail.module.css";

export interface FailureProps {
  run: RunModel;
  span: Span;
  onSelect: (span: Span) => void;
}

/** The exception, in its own words. */
export function Exception({ span }: { span: Span }) {
  const { exception } = span;
  return (
    <div>
      <p className={styles.exception}>
        <Icon name="fail" />
        {exception?.type ?? "Failed"}
      </p>
      {exception?.message ? (
        <p className={styles.message}>{exception.message}</p>
      ) : (
        exception?.type === null && <p className={styles.message}>The agent gave no reason.</p>
      )}
    </div>
  );
}

/** The chain of tries, pauses and calls that led to a failure; each link selects its node. */
export function FailureChain({ run, span, onSelect }: FailureProps) {
  const links = chainTo(run, span);
  if (links.length < 2) return null;
  return (
    <section aria-label="What led here">
      <h3 className={styles.label}>What led here</h3>
      <ol className={styles.chain}>
        {links.map((link) => (
          <Fragment key={link.span.id}>
            {link.leftOut !== undefined && (
              <li className={styles.pause}>
                <span />
                {link.leftOut.toLocaleString("en-US")} more between
              </li>
            )}
            {link.kind === "pause" ? (
              <li className={styles.pause}>
                <span />
                backed off {link.span.backoffMs === null ? "" : formatDuration(link.span.backoffMs)}
              </li>
            ) : (
              <li data-status={statusOf(link)}>
                <Icon name={iconOf(link, span)} />
                <button
                  type="button"
                  className={styles.chainLink}
                  aria-current={link.span === span || undefined}
                  onClick={() => onSelect(link.span)}
                >
                  {sentence(link)}
                </button>
                <span className={styles.took}>
                  {link.kind === "handed"
                    ? formatClock(link.span.startMs, link.span.startMs)
                    : formatDuration(link.span.endMs - link.span.startMs)}
                </span>
              </li>
            )}
          </Fragment>
        ))}
      </ol>
    </section>
  );
}

function statusOf({ span, kind }: ChainLink): string {
  if (kind === "handed") return "waiting";
  if (span.outcome === "failed") return "error";
  return span.kind === "llm" ? "llm" : "success";
}

function iconOf({ span, kind }: ChainLink, failed: Span): IconName {
  if (kind === "handed") return "esc";
  if (span === failed) return "fail";
  return span.kind === "llm" ? "spark" : "cell";
}

function sentence({ span, kind, attempt }: ChainLink) {
  if (kind === "handed")
    return (
      <>
        Handed to <b>{span.human?.askedOf ?? "a person"}</b>
      </>
    );
  if (kind === "ended")
    return (
      <>
        {span.kind === "task" ? (
          "which ended the task"
        ) : (
          <>
            which ended <b>{span.name}</b>
          </>
        )}
        {span.exception?.type ? `: ${span.exception.type}` : ""}
        {span.kind === "task" && span.exception?.message ? `, ${clip(span.exception.message, 60)}` : ""}
      </>
    );
  const name = attempt === null ? <b>{span.name}</b> : <>Attempt {attempt}</>;
  if (span.outcome === "failed")
    return (
      <>
        {name}: <b>{span.exception?.type ?? "failed"}</b>
        {span.exception?.message ? `, ${clip(span.exception.message, 60)}` : ""}
      </>
    );
  if (span.kind === "llm")
    return (
      <>
        {name} {span.llm?.responsePreview ? `said ${clip(said(span.llm.responsePreview), 90)}` : "was asked"}
      </>
    );
  return <>{name} went well</>;
}

/** The part of a response that a decision is in, where it is JSON with one; else its beginning. */
function said(response: string): string {
  try {
    const answer: unknown = JSON.parse(response);
    if (typeof answer === "object" && answer !== null && "decision" in answer) return `“${String(answer.decision)}”`;
  } catch {
    // Not JSON: its words are quoted as they are.
  }
  return `“${response}”`;
}
