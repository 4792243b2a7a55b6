import type { LlmCall } from "~/api/types";
import { CopyButton } from "~/components/ui/CopyButton";
import { formatDuration } from "~/format/duration";
import styles from "./cost.module.css";

/** What was asked and what came back, as far as the agent told. */
export function CallOpened({ call }: { call: LlmCall }) {
  const took = call.duration_ms === null ? "" : ` It took ${formatDuration(call.duration_ms)}.`;
  if (call.prompt_preview === null && call.response_preview === null)
    return <p className="dim">The agent told neither prompt nor answer.{took}</p>;
  return (
    <div className={styles.previews}>
      <Preview what="prompt" title="Asked" text={call.prompt_preview} />
      <Preview
        what="answer"
        title={`Answered${took === "" ? "" : ` after ${formatDuration(call.duration_ms ?? 0)}`}`}
        text={call.response_preview}
      />
    </div>
  );
}

function Preview({ what, title, text }: { what: string; title: string; text: string | null }) {
  return (
    <section aria-label={title}>
      <header>
        <b>{title}</b>
        {text !== null && <CopyButton look="ghost" text={text} what={what} />}
      </header>
      {text === null ? <p className="dim">not told</p> : <pre dir="auto">{text}</pre>}
    </section>
  );
}
