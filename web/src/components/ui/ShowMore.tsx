import { Button } from "./Button";
import styles from "./ShowMore.module.css";

export interface ShowMoreProps {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  word?: string;
}

/** The end of a list that is read a page at a time; nothing where all of it is there. */
export function ShowMore({ list, word = "Show more" }: ShowMoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button small disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {word}
      </Button>
    </div>
  );
}
