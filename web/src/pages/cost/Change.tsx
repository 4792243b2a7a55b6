import { formatCount } from "~/format/count";

export interface ChangeProps {
  now: number;
  before: number;
  /** Whether growth is bad news: it then has a colour beside its arrow. */
  costly: boolean;
}

/** Below this a change is the weather. */
const NOTABLE_PERCENT = 10;

/** How a figure moved against the period before: `▲ 27 %`. */
export function Change({ now, before, costly }: ChangeProps) {
  if (before === 0) return <span className="flat">{now === 0 ? "none before" : "new"}</span>;
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return <span className="flat">same</span>;
  const tone = !costly || Math.abs(percent) < NOTABLE_PERCENT ? "sub" : percent > 0 ? "bad" : "good";
  const size = percent >= 1_000 ? `×${formatCount(now / before)}` : `${Math.abs(percent)}\u00a0%`;
  return (
    <span className={tone}>
      {percent > 0 ? "▲" : "▼"} {size}
    </span>
  );
}
