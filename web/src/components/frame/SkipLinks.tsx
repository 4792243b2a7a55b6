import styles from "./SkipLinks.module.css";

const PLACES = [
  { id: "centre", words: "To the view" },
  { id: "hive-cards", words: "To the Hive" },
  { id: "activity", words: "To the activity" },
] as const;

/** The first stops of the Tab key, seen only there: over the bar into the columns. */
export function SkipLinks() {
  return (
    <nav className={styles.skip} aria-label="Skip">
      {PLACES.map(({ id, words }) => (
        <button
          key={id}
          type="button"
          onClick={() => {
            const place = document.getElementById(id);
            // A column of cards or entries has its own stop; the view takes the focus itself.
            (place?.querySelector<HTMLElement>('[tabindex="0"], button:not([tabindex="-1"])') ?? place)?.focus();
            if (id === "centre") place?.focus();
          }}
        >
          {words}
        </button>
      ))}
    </nav>
  );
}
