import { useSyncExternalStore } from "react";
import { setTheme, subscribeTheme, themeChoice } from "~/appearance/theme";
import { Segmented } from "~/components/ui/Segmented";
import { zoneName } from "~/format/time";
import styles from "./settings.module.css";

const THEMES = [
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
  { value: "system", label: "As the system" },
] as const;

/** How the board looks in this browser. */
export function Appearance() {
  const choice = useSyncExternalStore(subscribeTheme, themeChoice, themeChoice);
  return (
    <section aria-label="Appearance" className={styles.section}>
      <div className={styles.head}>
        <h2>Appearance</h2>
        <span className="dim">of this browser</span>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Theme</dt>
          <dd>
            <Segmented label="Theme" value={choice} options={THEMES} onChange={setTheme} />
          </dd>
        </div>
        <div>
          <dt>Times are shown in</dt>
          <dd>
            {Intl.DateTimeFormat().resolvedOptions().timeZone} ({zoneName()}), as this machine is set; the exact UTC is
            on hover
          </dd>
        </div>
        <div>
          <dt>Motion</dt>
          <dd>as this machine is set</dd>
        </div>
      </dl>
    </section>
  );
}
