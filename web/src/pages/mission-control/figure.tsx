import { Fragment } from "react";
import styles from "./ribbon.module.css";

const PART = /([−<$]*[\d,]+)(\.\d+)?([\u00a0\s]*[A-Za-z%]+)?/g;

/** A figure set for reading from afar: what matters is large, decimals and units are small. `38.4 s`, `2m 51s`, `$4.82`. */
export function Figure({ words }: { words: string }) {
  if (words.startsWith("$")) return <>{words}</>;
  // A percentage is read as one figure: its decimals stay large.
  if (words.endsWith("%"))
    return (
      <>
        {words.slice(0, -1).trim()}
        <small>%</small>
      </>
    );
  const parts = [...words.matchAll(PART)];
  if (parts.length === 0) return <>{words}</>;
  return (
    <>
      {parts.map((part) => (
        <Fragment key={part.index}>
          <span className={part.index === 0 ? undefined : styles.further}>{part[1]}</span>
          {(part[2] !== undefined || part[3] !== undefined) && (
            <small>
              {part[2]}
              {part[3]?.replaceAll("\u00a0", " ").replace(" %", "%")}
            </small>
          )}
        </Fragment>
      ))}
    </>
  );
}
