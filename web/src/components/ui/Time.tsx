import { formatClock, formatUtc } from "~/format/time";

/** An instant in the viewer's zone, with the exact UTC on hover. */
export function Time({ at, className }: { at: string; className?: string }) {
  return (
    <time className={className} dateTime={at} title={formatUtc(at)}>
      {formatClock(at)}
    </time>
  );
}
