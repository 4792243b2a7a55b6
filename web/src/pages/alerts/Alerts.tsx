import { useMay } from "~/api/permissions";
import { Empty } from "~/components/ui/Empty";
import { Segmented } from "~/components/ui/Segmented";
import { formatCount } from "~/format/count";
import { useOpenAlerts } from "~/view/findings";
import { useView } from "~/view/url";
import { AlertList } from "./AlertList";
import styles from "./alerts.module.css";
import { Channels } from "./Channels";
import { Outages } from "./Outages";
import { Rules } from "./Rules";
import { Waits } from "./Waits";

const TABS = [
  { value: "open", label: "Open" },
  { value: "waits", label: "Waiting" },
  { value: "outages", label: "Outages" },
  { value: "history", label: "History" },
  { value: "rules", label: "Rules" },
  { value: "channels", label: "Channels" },
] as const;
type Tab = (typeof TABS)[number]["value"];

/** What fires, what fired, what is watched for, and who is told. */
export function Alerts() {
  const { view, set } = useView();
  const { alerts, total, offered } = useOpenAlerts(view);
  const tabs = useMay("changeChannels") ? TABS : TABS.filter((each) => each.value !== "channels");
  const tab: Tab = tabs.find((each) => each.value === view.tab)?.value ?? "open";
  if (!offered) return <Empty title="No alerts here">This server is of a version that has none.</Empty>;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>Alerts</h1>
        <span className="sub">
          {alerts === undefined ? "" : total === 0 ? "nothing firing" : `${formatCount(total)} firing`}
        </span>
        <span className="grow" />
        <Segmented
          label="Part of the alerts"
          value={tab}
          options={tabs}
          onChange={(value) => set({ tab: value === "open" ? undefined : value })}
        />
      </header>
      {tab === "open" && <AlertList state="firing" />}
      {tab === "waits" && <Waits />}
      {tab === "outages" && <Outages />}
      {tab === "history" && <AlertList state="resolved" />}
      {tab === "rules" && <Rules />}
      {tab === "channels" && <Channels />}
    </div>
  );
}
