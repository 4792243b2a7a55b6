import type { KeyboardEvent, PointerEvent } from "react";
import { useRef } from "react";
import styles from "./Resizer.module.css";

export interface ResizerProps {
  label: string;
  width_px: number;
  least_px: number;
  most_px: number;
  usual_px: number;
  /** The side of the column that this edge is: dragging outwards widens. */
  edge: "left" | "right";
  onResize: (width_px: number) => void;
}

const STEP_PX = 16;

/** The edge of a column: drag it, or move it with the arrow keys; double click gives the usual width. */
export function Resizer({ label, width_px, least_px, most_px, usual_px, edge, onResize }: ResizerProps) {
  const start = useRef<{ x: number; width_px: number } | null>(null);
  const sign = edge === "right" ? 1 : -1;
  const resize = (next_px: number) => onResize(Math.round(Math.min(most_px, Math.max(least_px, next_px))));
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width_px };
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (start.current !== null) resize(start.current.width_px + sign * (event.clientX - start.current.x));
  };
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const direction = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    resize(width_px + sign * direction * STEP_PX);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes neither focus nor a value; this is the ARIA window splitter
    <div
      className={styles.resizer}
      data-edge={edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width_px}
      aria-valuemin={least_px}
      aria-valuemax={most_px}
      tabIndex={0}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerUp={() => {
        start.current = null;
      }}
      onDoubleClick={() => resize(usual_px)}
      onKeyDown={key}
    />
  );
}
