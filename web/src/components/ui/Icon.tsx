/** The line icons of the sprite, without their prefix. */
export type IconName =
  | "ask"
  | "bell"
  | "box"
  | "cell"
  | "check"
  | "clock"
  | "coin"
  | "cols"
  | "copy"
  | "dash"
  | "dl"
  | "done"
  | "dots"
  | "down"
  | "esc"
  | "eye"
  | "fail"
  | "fall"
  | "filter"
  | "flag"
  | "full"
  | "key"
  | "left"
  | "link"
  | "okd"
  | "pause"
  | "pin"
  | "plan"
  | "play"
  | "plus"
  | "pulse"
  | "queue"
  | "retry"
  | "right"
  | "script"
  | "search"
  | "side"
  | "sider"
  | "spark"
  | "story"
  | "sun"
  | "swap"
  | "todo"
  | "x";

export interface IconProps {
  name: IconName;
  /** Edge in pixels. */
  size?: 12 | 14 | 16 | 20;
  className?: string;
}

const SIZES = { 12: "i s12", 14: "i s14", 16: "i", 20: "i s20" } as const;

/** A line icon in the colour of the text around it. Decorative: the words beside it, or the label of its button, say what it means. */
export function Icon({ name, size = 16, className }: IconProps) {
  return (
    <svg
      className={className === undefined ? SIZES[size] : `${SIZES[size]} ${className}`}
      aria-hidden="true"
      focusable="false"
    >
      <use href={`#i-${name}`} />
    </svg>
  );
}
