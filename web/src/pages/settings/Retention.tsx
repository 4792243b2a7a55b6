import { type FormEvent, useEffect, useRef, useState } from "react";
import { address } from "~/api/client";
import { useMay } from "~/api/permissions";
import type { Storage } from "~/api/storage";
import { Button } from "~/components/ui/Button";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

type Mode = Storage["modes"][number];

/** A century: more is kept for ever, which is what no setting says. */
const MOST_DAYS = 36_500;

export function keptWords(days: number): string {
  return days === 0 ? "for ever" : `for ${days.toLocaleString("en-US")} ${days === 1 ? "day" : "days"}`;
}

/** For how long the events of a data mode are kept, and the way to change it. */
export function Retention({ mode }: { mode: Mode }) {
  const may = useMay("manageWorkspace");
  const [open, setOpen] = useState(false);
  if (!may) return null;
  if (open) return <RetentionForm mode={mode} onDone={() => setOpen(false)} />;
  return (
    <Button small onClick={() => setOpen(true)}>
      Change<span className="sr-only"> how long {mode.mode} data is kept</span>
    </Button>
  );
}

function RetentionForm({ mode, onDone }: { mode: Mode; onDone: () => void }) {
  const before = mode.retention_days;
  const [typed, setTyped] = useState(before === 0 ? "" : String(before));
  const change = useSettingsChange("storage");
  const field = useRef<HTMLInputElement>(null);
  // The browser's focus: whoever asked for the field wants to write.
  useEffect(() => field.current?.select(), []);
  const days = Number(typed);
  const shorter = typed !== "" && days > 0 && (before === 0 || days < before);
  const keep = (retention_days: number | null, done: string) =>
    change.mutate(
      { method: "PUT", path: address("/v1/storage", { mode: mode.mode }), body: { retention_days }, done },
      { onSuccess: onDone },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep(days, `${mode.mode === "live" ? "Live" : "Test"} data is kept ${keptWords(days)}`);
  };
  return (
    <form className={styles.form} aria-label={`How long ${mode.mode} data is kept`} onSubmit={submit}>
      <input
        ref={field}
        className={styles.days}
        aria-label="Days"
        type="number"
        required
        min={1}
        max={MOST_DAYS}
        step={1}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onDone()}
      />
      <span className="sub">days</span>
      <Button type="submit" look={shorter ? "danger" : "primary"} small disabled={change.isPending}>
        {shorter ? "Delete what is older" : "Save"}
      </Button>
      <Button
        small
        look="ghost"
        disabled={change.isPending}
        onClick={() => keep(null, "Kept as long as the server keeps events")}
      >
        Server default
      </Button>
      <Button small look="ghost" onClick={onDone}>
        Cancel
      </Button>
      {shorter && (
        <span className="bad" role="status">
          Events of more than {days.toLocaleString("en-US")} {days === 1 ? "day" : "days"} ago go within a minute. There
          is no way back but a backup.
        </span>
      )}
    </form>
  );
}
