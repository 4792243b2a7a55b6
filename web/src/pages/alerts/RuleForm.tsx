import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { channelsQuery, type RuleDraft, type RuleScope, rulePreviewQuery } from "~/api/alerts";
import { Button } from "~/components/ui/Button";
import { Segmented } from "~/components/ui/Segmented";
import { formatDay } from "~/format/time";
import { useView } from "~/view/url";
import styles from "./alerts.module.css";
import { conditionLook, type Parameter, ruleSentence } from "./conditions";
import { useChange } from "./useChange";

export interface RuleFormProps {
  /** Null for a new one. */
  ruleId: string | null;
  draft: RuleDraft;
  onClose: () => void;
}

const SCOPE = [
  { name: "agent_id", label: "agent" },
  { name: "project_id", label: "project" },
  { name: "environment", label: "environment" },
  { name: "group", label: "group" },
  { name: "task_type", label: "task type" },
] as const satisfies readonly { name: keyof RuleScope; label: string }[];

const SEVERITIES = [
  { value: "warning", label: "Warning" },
  { value: "critical", label: "Critical" },
] as const;

/** A rule being written: what, where, how bad, who is told; read back as a sentence while it is. */
export function RuleForm({ ruleId, draft, onClose }: RuleFormProps) {
  const { view } = useView();
  const channels = useQuery(channelsQuery(view.mode)).data ?? [];
  const change = useChange();
  const [rule, setRule] = useState(draft);
  const look = conditionLook(rule.condition.type);
  const set = (patch: Partial<RuleDraft>) => setRule((before) => ({ ...before, ...patch }));
  const setParameter = (name: string, value: unknown) => {
    const { [name]: _gone, ...rest } = rule.condition;
    set({ condition: value === null ? (rest as RuleDraft["condition"]) : { ...rule.condition, [name]: value } });
  };
  const setScope = (name: keyof RuleScope, value: string) => {
    const { [name]: _gone, ...rest } = rule.scope;
    set({ scope: value === "" ? rest : { ...rule.scope, [name]: value } });
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        method: ruleId === null ? "POST" : "PUT",
        path: ruleId === null ? "rules" : `rules/${encodeURIComponent(ruleId)}`,
        body: rule,
        done: ruleId === null ? "The rule watches" : "The rule is changed",
      },
      { onSuccess: onClose },
    );
  };
  return (
    <form className={styles.form} onSubmit={save} aria-label={ruleId === null ? "New rule" : `Edit ${draft.name}`}>
      <div className={styles.fields}>
        <label className={styles.field}>
          Name
          <input
            className={styles.wide}
            required
            maxLength={200}
            value={rule.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </label>
        {look?.parameters.map((parameter) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            value={rule.condition[parameter.name]}
            onChange={(value) => setParameter(parameter.name, value)}
          />
        ))}
        <label className={styles.field}>
          Has to last
          <span className={styles.unit}>
            <input
              type="number"
              min={0}
              value={rule.for_seconds}
              onChange={(event) => set({ for_seconds: Number(event.target.value) })}
            />
            seconds
          </span>
        </label>
      </div>
      <div className={styles.fields}>
        {SCOPE.map(({ name, label }) => (
          <label key={name} className={styles.field}>
            Only this {label}
            <input
              placeholder="any"
              value={rule.scope[name] ?? ""}
              onChange={(event) => setScope(name, event.target.value)}
            />
          </label>
        ))}
      </div>
      <div className={styles.fields}>
        <Segmented
          label="How bad"
          value={rule.severity}
          options={SEVERITIES}
          onChange={(severity) => set({ severity })}
        />
        <fieldset className={styles.checks} aria-label="Who is told">
          {channels.map((channel) => (
            <label key={channel.channel_id}>
              <input
                type="checkbox"
                checked={rule.channels.includes(channel.channel_id)}
                onChange={(event) =>
                  set({
                    channels: event.target.checked
                      ? [...rule.channels, channel.channel_id]
                      : rule.channels.filter((id) => id !== channel.channel_id),
                  })
                }
              />
              {channel.name}
            </label>
          ))}
          <label>
            <input
              type="checkbox"
              checked={rule.notify_resolved}
              onChange={(event) => set({ notify_resolved: event.target.checked })}
            />
            also when it is over
          </label>
        </fieldset>
      </div>
      <p className={styles.sentence}>
        <b>Speaks up</b> {ruleSentence(rule)}. <PreviewWords rule={rule} />
      </p>
      <div className={styles.actions}>
        <Button type="submit" look="primary" small disabled={change.isPending}>
          {ruleId === null ? "Create rule" : "Save"}
        </Button>
        <Button small look="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** Typing does not ask with every letter. */
const PREVIEW_WAIT_MS = 500;

/** How often the rule would have fired, had it been there for a week. */
function PreviewWords({ rule }: { rule: RuleDraft }) {
  const { view } = useView();
  const [settled, setSettled] = useState(rule);
  // The clock.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(rule), PREVIEW_WAIT_MS);
    return () => clearTimeout(timer);
  }, [rule]);
  const preview = useQuery(rulePreviewQuery(view.mode, settled)).data;
  if (preview === undefined) return null;
  const times =
    preview.fired === 0 ? "not have fired" : `have fired ${preview.fired === 1 ? "once" : `${preview.fired} times`}`;
  const since = preview.is_complete
    ? "in the last 7 days"
    : `since ${formatDay(preview.since)}, as far as could be gone through`;
  return (
    <span role="status">
      It would <b>{times}</b> {since}.
    </span>
  );
}

interface ParameterFieldProps {
  parameter: Parameter;
  value: unknown;
  onChange: (value: unknown) => void;
}

function ParameterField({ parameter, value, onChange }: ParameterFieldProps) {
  const { label, unit, options, optional = false } = parameter;
  if (options !== undefined)
    return (
      <div className={styles.field}>
        {label}
        <Segmented
          label={label}
          value={options.find((option) => option === value) ?? options[0] ?? ""}
          options={options.map((option) => ({ value: option, label: option }))}
          onChange={onChange}
        />
      </div>
    );
  return (
    <label className={styles.field}>
      {label}
      <span className={styles.unit}>
        <input
          type="number"
          min={0}
          step="any"
          required={!optional}
          value={typeof value === "number" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
        />
        {unit}
      </span>
    </label>
  );
}
