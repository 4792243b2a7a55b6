import type { ReactNode } from "react";
import { ApiError } from "~/api/errors";
import { Button } from "./Button";
import { Empty } from "./Empty";
import styles from "./Empty.module.css";
import { Icon } from "./Icon";

export interface ErrorStateProps {
  /** What could not be read: `The task table`. */
  what: string;
  error: unknown;
  onRetry?: () => void;
  /** What is said where the server knows no such thing, which no second try changes, and the way out of it. */
  gone?: { title: string; step: ReactNode };
}

/** What an error means for the reader, in one sentence. */
export function errorSentence(error: unknown): string {
  if (!(error instanceof ApiError)) return "The board stumbled over the answer. Reloading the page may help.";
  if (error.status === 0) return "The server does not answer.";
  const wait = error.retryAfterSeconds === null ? "" : ` Next try in ${error.retryAfterSeconds} s.`;
  return `${error.status}, ${error.message}${wait}`;
}

/** What failed, what it means and what to do. */
export function ErrorState({ what, error, onRetry, gone }: ErrorStateProps) {
  if (gone !== undefined && error instanceof ApiError && error.status === 404)
    return (
      <Empty title={gone.title} step={gone.step}>
        It may be older than what is kept, or belong to the other data mode.
      </Empty>
    );
  return (
    <div className={styles.empty} role="alert">
      <span className={styles.mark} data-status="error">
        <Icon name="fail" size={20} />
      </span>
      <b>{what} could not be read</b>
      <span>{errorSentence(error)}</span>
      {onRetry !== undefined && (
        <span className={styles.step}>
          <Button small onClick={onRetry}>
            <Icon name="retry" size={14} />
            Try now
          </Button>
        </span>
      )}
    </div>
  );
}
