import { useMemo, useState } from "react";
import { exactDigits, formatJson } from "~/api/json";
import { CopyButton } from "~/components/ui/CopyButton";
import { Icon } from "~/components/ui/Icon";
import styles from "./detail.module.css";

export interface PayloadTreeProps {
  value: unknown;
  /** The name above the tree. */
  title?: string;
}

/** Deeper than this everything starts folded. */
const OPEN_DEPTH = 2;
/** Children beyond this wait behind a word: payloads are bounded, but 32 KiB of numbers is still a long list. */
const CHILDREN_SHOWN = 60;

/** A payload as a tree that folds, can be searched and copied. */
export function PayloadTree({ value, title = "Payload" }: PayloadTreeProps) {
  const [query, setQuery] = useState<string | null>(null);
  const needle = query === null || query.trim() === "" ? null : query.trim().toLowerCase();
  const entries = entriesOf(value);
  return (
    <section className={styles.tree} aria-label={title}>
      <h3 className={styles.label}>
        {title}
        <span className="grow" />
        <button
          type="button"
          className={styles.tool}
          aria-label={`Search ${title.toLowerCase()}`}
          aria-pressed={query !== null}
          onClick={() => setQuery(query === null ? "" : null)}
        >
          <Icon name="search" size={14} />
        </button>
        <CopyButton look="ghost" what={title.toLowerCase()} text={() => formatJson(value, 2)} />
      </h3>
      {query !== null && (
        <input
          className={styles.search}
          type="search"
          placeholder="Key or value"
          aria-label="Search in payload"
          value={query}
          onChange={(change) => setQuery(change.target.value)}
        />
      )}
      {entries.length === 0 ? <p className="dim">empty</p> : <Level entries={entries} depth={0} needle={needle} />}
    </section>
  );
}

type Entry = readonly [name: string, value: unknown];

function entriesOf(value: unknown): Entry[] {
  if (exactDigits(value) !== null) return [];
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item] as const);
  if (typeof value === "object" && value !== null) return Object.entries(value);
  return [];
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null && entriesOf(value).length > 0;
}

function holds([name, value]: Entry, needle: string): boolean {
  if (name.toLowerCase().includes(needle)) return true;
  if (isBranch(value)) return entriesOf(value).some((entry) => holds(entry, needle));
  return String(value).toLowerCase().includes(needle);
}

function Level({ entries, depth, needle }: { entries: Entry[]; depth: number; needle: string | null }) {
  const [all, setAll] = useState(false);
  const kept = useMemo(
    () => (needle === null ? entries : entries.filter((entry) => holds(entry, needle))),
    [entries, needle],
  );
  if (needle !== null && kept.length === 0) return <p className="dim">Nothing holds “{needle}”.</p>;
  const shown = all ? kept : kept.slice(0, CHILDREN_SHOWN);
  return (
    <ul>
      {shown.map((entry) => (
        <li key={entry[0]}>
          {isBranch(entry[1]) ? (
            <Branch entry={entry} depth={depth} needle={needle} />
          ) : (
            <Leaf entry={entry} needle={needle} />
          )}
        </li>
      ))}
      {kept.length > shown.length && (
        <li>
          <button type="button" className="link" onClick={() => setAll(true)}>
            {kept.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Branch({ entry: [name, value], depth, needle }: { entry: Entry; depth: number; needle: string | null }) {
  const entries = entriesOf(value);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? (needle !== null || (depth < OPEN_DEPTH && entries.length <= 24));
  return (
    <>
      <button type="button" className={styles.fold} aria-expanded={open} onClick={() => setChosen(!open)}>
        <Icon name={open ? "down" : "right"} size={12} />
        <span className={styles.key}>{name}</span>
        {!open && (
          <span className={styles.count}>{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
        )}
      </button>
      {open && (
        <Level
          entries={entries}
          depth={depth + 1}
          needle={needle !== null && !name.toLowerCase().includes(needle) ? needle : null}
        />
      )}
    </>
  );
}

function Leaf({ entry: [name, value], needle }: { entry: Entry; needle: string | null }) {
  const words = typeof value === "string" ? value : formatJson(value);
  const hit = needle !== null && `${name} ${words}`.toLowerCase().includes(needle);
  return (
    <div className={styles.leaf} data-hit={hit || undefined}>
      <span className={styles.key}>{name}</span>{" "}
      <b data-type={value === null ? "null" : exactDigits(value) === null ? typeof value : "number"}>
        {typeof value === "string" ? `"${words}"` : words}
      </b>
    </div>
  );
}
