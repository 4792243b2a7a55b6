/** The stream is back for this long, and the server's word that it is there has not come. */
export const UNANSWERED_LIMIT_MS = 8_000;

export interface Board {
  /** Whether the stream hears the server. */
  isLive: () => boolean;
  /** Asks the server for a sign of life, by a request; whatever comes of it, an error included, is one. */
  ask: (signal: AbortSignal) => Promise<unknown>;
  /** Loads the page anew. */
  reload: () => void;
}

/**
 * Loads the page anew when requests hang although the server is there. Of an interruption connections may remain that died unseen, and a
 * browser opens no more than six: once scripts and styles, which cannot be abandoned, hang on all of them, no read is sent any more.
 *
 * @returns ends the watch
 */
export function watchAnswers(board: Board): () => void {
  const question = new AbortController();
  const timer = setTimeout(() => {
    question.abort();
    if (board.isLive()) board.reload();
  }, UNANSWERED_LIMIT_MS);
  const answered = () => clearTimeout(timer);
  board.ask(question.signal).then(answered, answered);
  return () => {
    clearTimeout(timer);
    question.abort();
  };
}
