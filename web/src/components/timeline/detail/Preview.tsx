import { useMemo } from "react";
import { CopyButton } from "~/components/ui/CopyButton";
import styles from "./detail.module.css";

export interface PreviewProps {
  what: "Prompt" | "Response";
  words: string | null;
}

interface Piece {
  kind: "key" | "string" | "number" | "plain";
  words: string;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\btrue\b|\bfalse\b|\bnull\b)/g;

/** Sets JSON out in lines without touching what it says: digits, escapes and doubled names stay as the model wrote them. */
function setOut(json: string): string {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return json.replace(/"(?:[^"\\]|\\.)*"|\s+|([[{])(\s*[\]}])?|([\]}])|,|:/g, (piece, opening, closing, end) => {
    if (piece.startsWith('"')) return piece;
    if (opening !== undefined && closing !== undefined) return `${opening}${closing.trim()}`;
    if (opening !== undefined) {
      depth += 1;
      return `${opening}${line()}`;
    }
    if (end !== undefined) {
      depth -= 1;
      return `${line()}${end}`;
    }
    if (piece === ",") return `,${line()}`;
    return piece === ":" ? ": " : "";
  });
}

function isJson(words: string): boolean {
  try {
    JSON.parse(words);
    return true;
  } catch {
    return false;
  }
}

/** Cuts JSON into pieces to colour; text that is no JSON stays one piece. */
export function pieces(words: string): Piece[] {
  const bare = words.trim();
  if (!/^[[{]/.test(bare)) return [{ kind: "plain", words }];
  // Previews are cut at some length, so broken JSON is usual: it is coloured as it is.
  const pretty = isJson(bare) ? setOut(bare) : bare;
  const found: Piece[] = [];
  let from = 0;
  for (const match of pretty.matchAll(TOKEN)) {
    if (match.index > from) found.push({ kind: "plain", words: pretty.slice(from, match.index) });
    if (match[1] !== undefined) {
      found.push({ kind: match[2] === undefined ? "string" : "key", words: match[1] });
      if (match[2] !== undefined) found.push({ kind: "plain", words: match[2] });
    } else found.push({ kind: "number", words: match[0] });
    from = match.index + match[0].length;
  }
  if (from < pretty.length) found.push({ kind: "plain", words: pretty.slice(from) });
  return found;
}

/** A prompt or a response, as much of it as the agent sent. */
export function Preview({ what, words }: PreviewProps) {
  const cut = useMemo(() => (words === null ? [] : pieces(words)), [words]);
  return (
    <section aria-label={what}>
      <h3 className={styles.label}>
        {what}
        {words !== null && <span>{words.length.toLocaleString("en-US")} characters</span>}
        <span className="grow" />
        {words !== null && <CopyButton look="ghost" what={what.toLowerCase()} text={words} />}
      </h3>
      {words === null ? (
        <p className="dim">The agent sent no {what.toLowerCase()} preview.</p>
      ) : (
        <pre className={styles.pre}>
          {cut.map((piece, index) =>
            piece.kind === "plain" ? (
              piece.words
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
              <span key={index} data-kind={piece.kind}>
                {piece.words}
              </span>
            ),
          )}
        </pre>
      )}
    </section>
  );
}
