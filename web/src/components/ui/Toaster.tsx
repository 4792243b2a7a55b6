import { useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "./Button";
import { StatusCell } from "./StatusCell";
import styles from "./Toaster.module.css";
import { dismissToast, type ShownToast, shownToast, subscribeToasts } from "./toast";

const SHOWN_MS = 6_000;

function Toast({ message }: { message: ShownToast }) {
  const [hovered, setHovered] = useState(false);
  // The outside system is the clock: a message leaves by itself unless somebody reads it.
  useEffect(() => {
    if (hovered) return;
    const timer = setTimeout(() => dismissToast(message.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message.id, hovered]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only keeps it in sight; nothing is hidden behind it
    <div
      className={styles.toast}
      data-status={message.tone}
      onMouseEnter={() => setHovered(true)}
      onMouseLeave={() => setHovered(false)}
    >
      <StatusCell tone={message.tone} />
      <div className="grow">
        <b className="strong">{message.title}</b>
        {message.text !== undefined && <div className="sub">{message.text}</div>}
      </div>
      {message.action !== undefined && (
        <Button
          small
          onClick={() => {
            message.action?.run();
            dismissToast(message.id);
          }}
        >
          {message.action.word}
        </Button>
      )}
    </div>
  );
}

/** The place of the toasts; once in the document. */
export function Toaster() {
  const message = useSyncExternalStore(subscribeToasts, shownToast, shownToast);
  return (
    <div className={styles.place} role="status" aria-live="polite">
      {message !== null && <Toast key={message.id} message={message} />}
    </div>
  );
}
