import { type FormEvent, useState } from "react";
import { Button, buttonClass } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import popover from "~/components/ui/Popover.module.css";
import { useFloating } from "~/components/ui/useFloating";
import { zoneName } from "~/format/time";
import { RANGE_MS } from "~/view/period";
import { useView } from "~/view/url";
import styles from "./FromTo.module.css";

/** As `datetime-local` has it: the viewer's own time, to the minute. */
function written(at_ms: number): string {
  const at = new Date(at_ms);
  return new Date(at_ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A stretch of time of the reader's own, and the zone in which the board's times are. */
export function FromTo() {
  const { view, set } = useView();
  const floating = useFloating();
  const zone = zoneName();
  return (
    <>
      <button
        type="button"
        {...floating.trigger}
        className={buttonClass({ look: "ghost", small: true })}
        aria-haspopup="dialog"
        aria-label={`From – to; times are in ${zone}`}
        title={`Times are in ${zone}; hover one for UTC`}
      >
        <Icon name="clock" size={14} />
        <span className={styles.zone}>{zone}</span>
      </button>
      <div {...floating.panel} className={popover.popover} role="dialog" aria-label="From – to">
        {floating.open && (
          <Stretch
            from_ms={view.since === undefined ? Date.now() - RANGE_MS[view.range] : Date.parse(view.since)}
            to_ms={view.until === undefined ? Date.now() : Date.parse(view.until)}
            zone={zone}
            onChoose={(since, until) => {
              set({ since, until });
              floating.close();
            }}
          />
        )}
      </div>
    </>
  );
}

interface StretchProps {
  from_ms: number;
  to_ms: number;
  zone: string;
  onChoose: (since: string | undefined, until: string | undefined) => void;
}

function Stretch({ from_ms, to_ms, zone, onChoose }: StretchProps) {
  const [from, setFrom] = useState(() => written(from_ms));
  const [to, setTo] = useState(() => written(to_ms));
  // The browser reads a time without a zone as the viewer's.
  const [since_ms, until_ms] = [new Date(from).getTime(), new Date(to).getTime()];
  const known = Number.isFinite(since_ms) && Number.isFinite(until_ms);
  const valid = known && since_ms < until_ms;
  const choose = (press: FormEvent) => {
    press.preventDefault();
    if (valid) onChoose(new Date(since_ms).toISOString(), new Date(until_ms).toISOString());
  };
  return (
    <form className={styles.form} onSubmit={choose}>
      <label>
        From
        <input type="datetime-local" value={from} max={to} onChange={(change) => setFrom(change.target.value)} />
      </label>
      <label>
        To
        <input type="datetime-local" value={to} min={from} onChange={(change) => setTo(change.target.value)} />
      </label>
      <p className="dim">
        {known && !valid
          ? "It ends before it begins: move one of the two."
          : `In ${zone}. A drag over a chart does the same.`}
      </p>
      <div className={styles.actions}>
        <Button small type="submit" disabled={!valid}>
          Show
        </Button>
        <Button look="ghost" small onClick={() => onChoose(undefined, undefined)}>
          Back to the range
        </Button>
      </div>
    </form>
  );
}
