import { useSyncExternalStore } from "react";
import { setTheme, subscribeTheme, themeChoice } from "~/appearance/theme";
import { Icon } from "~/components/ui/Icon";
import { Menu } from "~/components/ui/Menu";

const CHOICES = [
  { id: "dark", label: "Dark" },
  { id: "light", label: "Light" },
  { id: "system", label: "As the system" },
] as const;

/** Dark, light, or as the system has it. */
export function ThemeSwitch() {
  const choice = useSyncExternalStore(subscribeTheme, themeChoice, themeChoice);
  return (
    <Menu
      label="Theme"
      entries={CHOICES.map((entry) => ({ ...entry, checked: entry.id === choice }))}
      onAction={(id) => setTheme(CHOICES.find((entry) => entry.id === id)?.id ?? "system")}
    >
      <Icon name="sun" />
    </Menu>
  );
}
