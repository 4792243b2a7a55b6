/**
 * Times as agents write them into to-dos and schedules: an instant (`2026-11-27T09:00:00+01:00`), a time of day without a zone
 * (`2026-11-27T09:00`), or a day (`2026-11-27`). What names no zone is shown as it is written, and is past only once it is past
 * everywhere on Earth: the board doesn't know where the agent meant.
 */
export interface WrittenTime {
  kind: "instant" | "local" | "day";
  /** Epoch milliseconds after which it is past wherever it was meant. */
  past_ms: number;
  /** The words on the board; the year stands there when it is not this one. */
  words: string;
  /** For a hover: what the agent wrote, and what is missing in it. */
  note: string;
}

const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const HOUR_MS = 3_600_000;
/** The last place on Earth to reach a time of day is twelve hours behind UTC. */
const LAST_ZONE_MS = 12 * HOUR_MS;

/** null for text that is no time. */
export function readWrittenTime(text: string, now_ms: number): WrittenTime | null {
  const parts = WRITTEN.exec(text.trim());
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, zone] = parts;
  if (hour !== undefined && zone !== undefined) {
    const at_ms = Date.parse(
      text
        .trim()
        .replace(" ", "T")
        .replace(",", ".")
        .replace(/([+-]\d\d)(\d\d)$/, "$1:$2"),
    );
    return Number.isNaN(at_ms)
      ? null
      : { kind: "instant", past_ms: at_ms, words: words(at_ms, now_ms, false), note: text };
  }
  // Written into UTC and read back from it: no zone touches the figures.
  const written_ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  const real = new Date(written_ms);
  if (real.getUTCMonth() !== Number(month) - 1 || real.getUTCDate() !== Number(day)) return null;
  if (hour === undefined) {
    const past_ms = written_ms + 24 * HOUR_MS + LAST_ZONE_MS;
    return { kind: "day", past_ms, words: words(written_ms, now_ms, true, false), note: `${text} (a day, in no zone)` };
  }
  return {
    kind: "local",
    past_ms: written_ms + LAST_ZONE_MS,
    words: words(written_ms, now_ms, true),
    note: `${text} (as the agent wrote it: it names no zone)`,
  };
}

function words(at_ms: number, now_ms: number, written: boolean, withTime = true): string {
  const zone = written ? ({ timeZone: "UTC" } as const) : {};
  const sameYear = new Date(now_ms).getUTCFullYear() === new Date(at_ms).getUTCFullYear();
  const day = new Intl.DateTimeFormat(undefined, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    ...zone,
  }).format(at_ms);
  if (!withTime) return day;
  const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
  return `${day} ${time.format(at_ms)}`;
}
