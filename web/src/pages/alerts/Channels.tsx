import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { CHANNEL_TYPES, type Channel, type ChannelType, channelsQuery, type NewChannel } from "~/api/alerts";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { CopyButton } from "~/components/ui/CopyButton";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { Segmented } from "~/components/ui/Segmented";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { useView } from "~/view/url";
import styles from "./alerts.module.css";
import { useChange } from "./useChange";

interface Setting {
  name: string;
  label: string;
  kind: "url" | "text" | "email" | "password";
  optional?: boolean;
  /** Several, parted by commas. */
  list?: boolean;
}

/** What each kind of channel needs to know. Secrets are written once and never come back. */
const CHANNEL_WORDS: Record<ChannelType, string> = {
  webhook: "Webhook",
  slack: "Slack",
  discord: "Discord",
  pagerduty: "PagerDuty",
  email: "E-mail",
};

const SETTINGS: Record<ChannelType, readonly Setting[]> = {
  webhook: [
    { name: "url", label: "Address", kind: "url" },
    { name: "secret", label: "Secret to sign with", kind: "password", optional: true },
  ],
  slack: [{ name: "url", label: "Webhook address", kind: "password" }],
  discord: [{ name: "url", label: "Webhook address", kind: "password" }],
  pagerduty: [{ name: "routing_key", label: "Routing key", kind: "password" }],
  email: [{ name: "to", label: "To, parted by commas", kind: "text", list: true }],
};

/** Who is told when something fires. */
export function Channels() {
  const { view } = useView();
  const channels = useQuery(channelsQuery(view.mode));
  const [making, setMaking] = useState(false);
  if (channels.data === undefined)
    return channels.error !== null ? (
      <ErrorState what="The channels" error={channels.error} onRetry={() => void channels.refetch()} />
    ) : (
      <SkeletonRows count={3} height={52} />
    );
  return (
    <section aria-label="Channels">
      <div className={styles.bar}>
        <span>
          {channels.data.length} {channels.data.length === 1 ? "channel" : "channels"}, and the board itself
        </span>
        <span className="grow" />
        <Button look="ghost" small aria-expanded={making} onClick={() => setMaking(!making)}>
          <Icon name="plus" size={14} />
          New channel
        </Button>
      </div>
      {making && <ChannelForm onClose={() => setMaking(false)} />}
      {channels.data.length === 0 && !making && (
        <Empty title="Nobody is told yet">Alerts show on the board. A channel carries them to where people are.</Empty>
      )}
      <ul className={styles.list} aria-label="Channels">
        {channels.data.map((channel) => (
          <ChannelRow key={channel.channel_id} channel={channel} />
        ))}
      </ul>
    </section>
  );
}

function ChannelRow({ channel }: { channel: Channel }) {
  const change = useChange();
  const [asked, setAsked] = useState(false);
  const path = `channels/${encodeURIComponent(channel.channel_id)}`;
  return (
    <li className={styles.rule}>
      <Icon name="bell" />
      <div className={styles.what}>
        <p className={styles.name}>{channel.name}</p>
        <p className={styles.facts}>
          <LineBadge>{CHANNEL_WORDS[channel.type]}</LineBadge>
          {channel.host !== null && <span className="mono">{channel.host}</span>}
          {channel.to.length > 0 && <span>{channel.to.join(", ")}</span>}
          {channel.is_signed && (
            <span>
              <Icon name="key" size={12} /> signed
            </span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        {asked ? (
          <>
            <Button
              small
              disabled={change.isPending}
              onClick={() => change.mutate({ method: "DELETE", path, done: "The channel is gone" })}
            >
              Remove it
            </Button>
            <Button small look="ghost" onClick={() => setAsked(false)}>
              Keep
            </Button>
          </>
        ) : (
          <>
            <Button
              small
              disabled={change.isPending}
              onClick={() => change.mutate({ method: "POST", path: `${path}/test`, done: "A test is on its way" })}
            >
              Test<span className="sr-only"> {channel.name}</span>
            </Button>
            <Button small look="ghost" onClick={() => setAsked(true)}>
              Remove<span className="sr-only"> {channel.name}</span>
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

function ChannelForm({ onClose }: { onClose: () => void }) {
  const change = useChange();
  const [secret, setSecret] = useState<string | null>(null);
  const [type, setType] = useState<ChannelType>("webhook");
  const [name, setName] = useState("");
  const [config, setConfig] = useState<Record<string, string>>({});
  const save = (event: FormEvent) => {
    event.preventDefault();
    const given = SETTINGS[type].flatMap((setting) => {
      const value = config[setting.name]?.trim() ?? "";
      if (value === "") return [];
      return [[setting.name, setting.list ? value.split(",").map((each) => each.trim()) : value]];
    });
    change.mutate(
      {
        method: "POST",
        path: "channels",
        body: { name: name.trim(), type, config: Object.fromEntries(given) },
        done: "The channel is there: try it",
      },
      {
        onSuccess: (answer) => {
          const { secret } = answer as NewChannel;
          if (typeof secret === "string" && secret !== "") setSecret(secret);
          else onClose();
        },
      },
    );
  };
  if (secret !== null)
    return (
      <div className={styles.form} role="status">
        <span>The secret that signs its messages, shown only now:</span>
        <code className="mono">{secret}</code>
        <div className={styles.actions}>
          <CopyButton text={secret} what="secret" word="Copy" />
          <Button small look="ghost" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    );
  return (
    <form className={styles.form} onSubmit={save} aria-label="New channel">
      <Segmented
        label="Kind of channel"
        value={type}
        options={CHANNEL_TYPES.map((each) => ({ value: each, label: CHANNEL_WORDS[each] }))}
        onChange={setType}
      />
      <div className={styles.fields}>
        <label className={styles.field}>
          Name
          <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        {SETTINGS[type].map((setting) => (
          <label key={`${type} ${setting.name}`} className={styles.field}>
            {setting.label}
            <input
              className={styles.wide}
              type={setting.kind}
              autoComplete="off"
              required={setting.optional !== true}
              value={config[setting.name] ?? ""}
              onChange={(event) => setConfig({ ...config, [setting.name]: event.target.value })}
            />
          </label>
        ))}
      </div>
      <div className={styles.actions}>
        <Button type="submit" look="primary" small disabled={change.isPending}>
          Create channel
        </Button>
        <Button small look="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
