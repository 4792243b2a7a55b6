import { formatAge, formatAgeShort } from "~/format/duration";
import { formatUtc } from "~/format/time";
import { useNow } from "~/live/clock";

export interface AgeProps {
  /** RFC 3339 text or epoch milliseconds. */
  since: string | number;
  /** One unit (`6 min`) instead of two (`6m 02s`). */
  short?: boolean;
  className?: string;
}

/** How long ago something was; ticks, and shows the exact UTC on hover. */
export function Age({ since, short = false, className }: AgeProps) {
  const now_ms = useNow();
  const age_ms = now_ms - new Date(since).getTime();
  const words = short ? formatAgeShort(age_ms) : formatAge(age_ms);
  return (
    // Other words are another text, not one that moved: right-aligned ages would count as movement of the page every second.
    <time key={words.length} className={className} dateTime={new Date(since).toISOString()} title={formatUtc(since)}>
      {words}
    </time>
  );
}
