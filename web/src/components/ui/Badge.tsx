import type { ReactNode } from "react";
import type { AgentStatus, TaskStatus } from "~/api/types";
import { statusLook, type Tone } from "~/appearance/status";
import styles from "./Badge.module.css";
import { StatusCell } from "./StatusCell";

export interface BadgeProps {
  tone: Tone;
  /** Solid is for what is stuck, and nothing else. */
  solid?: boolean;
  children: ReactNode;
}

/** A word on a wash of its status. */
export function Badge({ tone, solid = false, children }: BadgeProps) {
  return (
    <span className={solid ? `${styles.badge} ${styles.solid}` : styles.badge} data-status={tone}>
      {children}
    </span>
  );
}

export interface StatusBadgeProps {
  status: AgentStatus | TaskStatus;
  /** Whether the cell stands before the word; the agent cards carry it beside the badge already. */
  glyph?: boolean;
}

/** The state of an agent or a run: cell and word. */
export function StatusBadge({ status, glyph = true }: StatusBadgeProps) {
  const { tone, word } = statusLook(status);
  return (
    <Badge tone={tone} solid={tone === "stuck"}>
      {glyph && <StatusCell tone={tone} size={12} className={tone === "stuck" ? styles.onSolid : ""} />}
      {word}
    </Badge>
  );
}

/** The state in a table row: cell and word without a ground. */
export function StatusText({ status }: { status: AgentStatus | TaskStatus }) {
  const { tone, word } = statusLook(status);
  return (
    <span className={styles.text} data-status={tone}>
      <StatusCell tone={tone} size={14} />
      {word}
    </span>
  );
}

/** A property without a state, outlined. */
export function LineBadge({ children }: { children: ReactNode }) {
  return (
    <span data-badge className={`${styles.badge} ${styles.line}`}>
      {children}
    </span>
  );
}
