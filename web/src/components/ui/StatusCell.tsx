import type { StatusTone } from "~/appearance/status";

const SIZES = { 12: "g s12", 14: "g s14", 16: "g", 20: "g s20", 26: "g s26" } as const;

export interface StatusCellProps {
  tone: StatusTone;
  size?: keyof typeof SIZES;
  className?: string;
}

/** The hexagon of a worker in one of its states. Decorative: the word stands beside it. */
export function StatusCell({ tone, size = 16, className }: StatusCellProps) {
  return (
    <svg
      className={className === undefined ? SIZES[size] : `${SIZES[size]} ${className}`}
      data-status={tone}
      aria-hidden="true"
      focusable="false"
    >
      <use href={`#s-${tone}`} />
    </svg>
  );
}
