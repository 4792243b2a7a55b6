import { ApiError } from "~/api/errors";
import { Button } from "./Button";
import styles from "./Empty.module.css";
import { Icon } from "./Icon";

export interface ErrorStateProps {
  /** What could not be read: `The task table`. */
  what: string;
  error: unknown;
  onRetry?: () => void;
}

/** What an error means for the reader, in one sentence. */
export function errorSentence(error: unknown): string {
  if (!(error instanceof ApiError)) return "The board stumbled over the answer. Reloading the page may help.";
  if (error.status === 0) return "The server does not answer.";
  const wait = error.retryAfterSeconds === null ? "" : ` Next try in ${error.retryAfterSeconds} s.`;
  return `${error.status}, ${error.message}${wait}`;
}

/** What failed, what it means and what to do. */
export function ErrorState({ what, error, onRetry }: ErrorStateProps) {
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
