import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Rule, type RuleDraft, rulesQuery } from "~/api/alerts";
import { useMay } from "~/api/permissions";
import { Badge, LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { Menu } from "~/components/ui/Menu";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatClock } from "~/format/time";
import { serverNow } from "~/live/clock";
import { useView } from "~/view/url";
import styles from "./alerts.module.css";
import { CONDITIONS, ruleSentence, usualRule } from "./conditions";
import { RuleForm } from "./RuleForm";
import { useChange } from "./useChange";

/** What is being written: a new rule, or one that exists. */
type Editing = { id: string | null; draft: RuleDraft };

/** What is watched for: each rule as a sentence, with a way to change, try and silence it. */
export function Rules() {
  const { view } = useView();
  const may = useMay("changeRules");
  const rules = useQuery(rulesQuery(view.mode));
  const [editing, setEditing] = useState<Editing | null>(null);
  if (rules.data === undefined)
    return rules.error !== null ? (
      <ErrorState what="The rules" error={rules.error} onRetry={() => void rules.refetch()} />
    ) : (
      <SkeletonRows count={5} height={64} />
    );
  return (
    <section aria-label="Rules">
      <div className={styles.bar}>
        <span>
          {rules.data.length} {rules.data.length === 1 ? "rule" : "rules"}
        </span>
        <span className="grow" />
        {may && (
          <Menu
            wide
            label="New rule"
            entries={CONDITIONS.map((condition) => ({ id: condition.type, label: condition.word }))}
            onAction={(type) => setEditing({ id: null, draft: usualRule(type) })}
          >
            <Icon name="plus" size={14} />
            New rule
          </Menu>
        )}
      </div>
      {editing !== null && (
        <RuleForm
          key={editing.id ?? editing.draft.condition.type}
          ruleId={editing.id}
          draft={editing.draft}
          onClose={() => setEditing(null)}
        />
      )}
      {rules.data.length === 0 && editing === null && (
        <Empty title="Nothing is watched for">Create a rule, and it speaks up by itself.</Empty>
      )}
      <ul className={styles.list} aria-label="Rules">
        {rules.data.map((rule) => (
          <RuleRow
            key={rule.rule_id}
            rule={rule}
            may={may}
            onEdit={() => {
              const { rule_id, name, condition, scope, severity } = rule;
              const { for_seconds, cooldown_seconds, notify_resolved, channels, enabled, muted_until } = rule;
              setEditing({
                id: rule_id,
                draft: {
                  name,
                  condition,
                  scope,
                  severity,
                  for_seconds,
                  cooldown_seconds,
                  notify_resolved,
                  channels,
                  enabled,
                  muted_until,
                },
              });
            }}
          />
        ))}
      </ul>
    </section>
  );
}

const MUTES = [
  { id: "1", label: "For an hour" },
  { id: "8", label: "For 8 hours" },
  { id: "24", label: "For a day" },
  { id: "168", label: "For a week" },
] as const;
const HOUR_MS = 3_600_000;

function RuleRow({ rule, may, onEdit }: { rule: Rule; may: boolean; onEdit: () => void }) {
  const change = useChange();
  const [asked, setAsked] = useState(false);
  const muted = rule.muted_until !== null && Date.parse(rule.muted_until) > serverNow();
  const told = rule.channel_names.map((name) => name ?? "a channel that is gone");
  const { rule_id, ...body } = rule;
  const path = `rules/${encodeURIComponent(rule_id)}`;
  const put = (patch: Partial<RuleDraft>, done: string) => {
    const { name, condition, scope, severity, for_seconds, cooldown_seconds, notify_resolved, enabled, muted_until } =
      body;
    const draft: RuleDraft = {
      name,
      condition,
      scope,
      severity,
      for_seconds,
      cooldown_seconds,
      notify_resolved,
      channels: body.channels,
      enabled,
      muted_until,
      ...patch,
    };
    change.mutate({ method: "PUT", path, body: draft, done });
  };
  const mute = (muted_until: string | null, done: string) =>
    change.mutate({ method: "POST", path: `${path}/mute`, body: { muted_until }, done });
  return (
    <li className={styles.rule} data-off={!rule.enabled || undefined} data-status={rule.enabled ? "success" : "idle"}>
      <StatusCell tone={!rule.enabled ? "idle" : muted ? "waiting" : "success"} size={20} />
      <div className={styles.what}>
        <p className={styles.name}>{rule.name}</p>
        <p className={styles.sentence}>
          {ruleSentence(rule)}
          {rule.for_seconds > 0 && `, for ${rule.for_seconds} s`}
        </p>
        <p className={styles.facts}>
          <Badge tone={rule.severity === "critical" ? "error" : "waiting"}>{rule.severity}</Badge>
          {!rule.enabled && <LineBadge>off</LineBadge>}
          {muted && <LineBadge>muted until {formatClock(rule.muted_until ?? "")}</LineBadge>}
          <span>
            <Icon name="bell" size={12} /> {told.length === 0 ? "on the board alone" : told.join(", ")}
          </span>
        </p>
      </div>
      <div className={styles.actions}>
        {!may ? null : asked ? (
          <>
            <Button
              small
              disabled={change.isPending}
              onClick={() => change.mutate({ method: "DELETE", path, done: "The rule is gone" })}
            >
              Delete it
            </Button>
            <Button small look="ghost" onClick={() => setAsked(false)}>
              Keep
            </Button>
          </>
        ) : (
          <>
            <Button small onClick={onEdit}>
              Edit<span className="sr-only"> {rule.name}</span>
            </Button>
            <Menu
              label={`More for ${rule.name}`}
              entries={[
                { id: "test", label: "Send a test" },
                { id: "switch", label: rule.enabled ? "Switch off" : "Switch on" },
                ...(muted
                  ? [{ id: "unmute", label: "Let it speak again" }]
                  : MUTES.map((mute) => ({ id: mute.id, label: `Mute: ${mute.label.toLowerCase()}` }))),
                { id: "delete", label: "Delete" },
              ]}
              onAction={(id) => {
                if (id === "test")
                  change.mutate({ method: "POST", path: `${path}/test`, done: "A test is on its way" });
                else if (id === "switch")
                  put({ enabled: !rule.enabled }, rule.enabled ? "The rule is off" : "The rule is on");
                else if (id === "unmute") mute(null, "It speaks again");
                else if (id === "delete") setAsked(true);
                else {
                  const until = new Date(serverNow() + Number(id) * HOUR_MS).toISOString();
                  mute(until, "The rule is muted");
                }
              }}
            >
              <Icon name="dots" />
            </Menu>
          </>
        )}
      </div>
    </li>
  );
}
