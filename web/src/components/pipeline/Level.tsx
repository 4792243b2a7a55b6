import styles from "./pipeline.module.css";

export interface LevelProps {
  level: number;
  of: number;
  word: string;
  tone: "error" | "waiting" | "idle";
}

/** How grave or how urgent, as bars and as a word. */
export function Level({ level, of, word, tone }: LevelProps) {
  return (
    <span className={styles.level} data-status={tone}>
      <span className={styles.steps} aria-hidden="true">
        {Array.from({ length: of }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars are their places
          <i key={index} data-on={index < level} />
        ))}
      </span>
      <span className="ell" title={word}>
        {word}
      </span>
    </span>
  );
}
