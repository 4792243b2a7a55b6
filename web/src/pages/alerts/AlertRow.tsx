import type { Alert } from "~/api/alerts";
import { useMay } from "~/api/permissions";
import { Age } from "~/components/ui/Age";
import { Badge } from "~/components/ui/Badge";
import { BoardLink } from "~/components/ui/BoardLink";
import { Button } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { Time } from "~/components/ui/Time";
import { formatDuration } from "~/format/duration";
import { formatQuantity } from "~/format/quantity";
import { formatClock } from "~/format/time";
import styles from "./alerts.module.css";
import { useChange } from "./useChange";

/** One alert: what, since when, on what it stands, who was told, and what to do about it. */
export function AlertRow({ alert }: { alert: Alert }) {
  const change = useChange();
  const may = useMay("handleAlerts");
  const firing = alert.state === "firing";
  const tone = !firing ? "idle" : alert.severity === "critical" ? "stuck" : "waiting";
  const act = (what: "acknowledge" | "resend", done: string) =>
    change.mutate({ method: "POST", path: `${encodeURIComponent(alert.alert_id)}/${what}`, done });
  return (
    <li className={styles.alert} data-status={tone}>
      <StatusCell tone={tone} size={20} />
      <div className={styles.what}>
        <p className={styles.summary}>{alert.summary}</p>
        {alert.told != null && alert.told.summary !== alert.summary && (
          <p className="sub">
            <span className="dim">told:</span> {alert.told.summary}
          </p>
        )}
        {firing && alert.advice !== "" && <p className={styles.advice}>{alert.advice}</p>}
        <p className={styles.facts} key={alert.alert_id}>
          <Badge tone={tone} solid={tone === "stuck"}>
            {alert.severity}
          </Badge>
          <span>
            <span className="dim">rule</span> {alert.rule_name}
          </span>
          <span>
            {formatQuantity(alert.value, alert.unit)}{" "}
            <span className="dim">limit {formatQuantity(alert.threshold, alert.unit)}</span>
          </span>
          <span>
            <span className="dim">since</span>
            <span>
              <Time at={alert.started_at} />
              {firing ? (
                <>
                  , <Age since={alert.started_at} />
                </>
              ) : (
                alert.resolved_at !== null &&
                `, for ${formatDuration(Date.parse(alert.resolved_at) - Date.parse(alert.started_at))}`
              )}
            </span>
          </span>
          {alert.resolution !== null && <span className="sub">{alert.resolution}</span>}
          {alert.acknowledged_by !== null && (
            <span>
              <Icon name="check" size={12} /> {alert.acknowledged_by} has it
            </span>
          )}
          <Told alert={alert} />
        </p>
      </div>
      <div className={styles.actions}>
        <BoardLink to={alert.link}>Open</BoardLink>
        {may && firing && alert.acknowledged_by === null && (
          <Button small disabled={change.isPending} onClick={() => act("acknowledge", "Acknowledged")}>
            Acknowledge<span className="sr-only">: {alert.summary}</span>
          </Button>
        )}
        {may && alert.deliveries.length > 0 && (
          <Button small look="ghost" disabled={change.isPending} onClick={() => act("resend", "Sent again")}>
            Resend<span className="sr-only"> {alert.summary}</span>
          </Button>
        )}
      </div>
    </li>
  );
}

/** Whom it was told to, and who could not be reached. */
function Told({ alert }: { alert: Alert }) {
  if (alert.muted && alert.deliveries.length === 0)
    return (
      <span>
        <Icon name="pause" size={12} /> told to nobody: the rule was muted
      </span>
    );
  return alert.deliveries.map((delivery) => (
    <span
      key={delivery.delivery_id}
      className={delivery.status === "dead" ? "bad" : undefined}
      title={delivery.error ?? undefined}
    >
      <Icon name={DELIVERY_ICONS[delivery.status]} size={12} /> {delivery.channel_name ?? "a channel that is gone"}
      {delivery.status === "dead" && `: given up${delivery.error === null ? "" : `, ${delivery.error}`}`}
      {delivery.status === "waiting" && delivery.next_at !== null && `: next try ${formatClock(delivery.next_at)}`}
    </span>
  ));
}

const DELIVERY_ICONS = { delivered: "okd", waiting: "clock", dead: "fail" } as const;
