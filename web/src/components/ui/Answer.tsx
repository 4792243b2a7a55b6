import type { ReactNode } from "react";
import { ErrorState, type ErrorStateProps } from "./ErrorState";
import { SkeletonRows } from "./Skeleton";

export interface AnswerProps<T> extends Pick<ErrorStateProps, "what" | "gone"> {
  query: { data: T | undefined; error: Error | null; refetch: () => unknown };
  /** How many rows stand in the place of the answer until it is here, and how high each is, in pixels. */
  rows: number;
  rowHeight?: number;
  children: (data: T) => ReactNode;
}

/** What was asked for once it is here; until then its shape, or why it is not. Old data stays while a new try fails. */
export function Answer<T>({ query, what, gone, rows, rowHeight, children }: AnswerProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null)
    return <SkeletonRows count={rows} {...(rowHeight === undefined ? {} : { height: rowHeight })} />;
  return (
    <ErrorState
      what={what}
      error={query.error}
      onRetry={() => void query.refetch()}
      {...(gone === undefined ? {} : { gone })}
    />
  );
}
