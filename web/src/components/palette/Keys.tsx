import { useRef } from "react";
import { onServer } from "~/api/root";
import { VIEWS } from "~/components/frame/views";
import { useModal } from "~/components/ui/useModal";
import styles from "./Keys.module.css";

const KEYS: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ["Ctrl", "K"], does: "Search agents, tasks, errors and commands" },
  { keys: ["/"], does: "The same" },
  ...VIEWS.map((view) => ({ keys: ["g", view.key], does: view.label })),
  { keys: ["j"], does: "Next task" },
  { keys: ["k"], does: "Previous task" },
  { keys: ["Enter"], does: "Open the task or agent in focus" },
  { keys: ["↑", "↓"], does: "Move between agents, entries of the activity, and rows" },
  { keys: ["["], does: "Fold or unfold the Hive" },
  { keys: ["]"], does: "Fold or unfold the Activity Stream" },
  { keys: ["Esc"], does: "Release the agent, close what floats" },
  { keys: ["?"], does: "This list" },
];

/** All keys of the board. */
export function Keys({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is the pointer's way out
    <dialog
      ref={dialog}
      className={styles.keys}
      aria-label="Keyboard"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <h2>Keyboard</h2>
      <dl>
        {KEYS.map(({ keys, does }) => (
          <div key={keys.join()}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a className="link" href={onServer("/docs/index.html")}>
          Documentation
        </a>
      </p>
    </dialog>
  );
}
