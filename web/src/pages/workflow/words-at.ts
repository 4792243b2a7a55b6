/** A bar on its axis, pixels. */
export interface Extent {
  left: number;
  right: number;
  /** How long the axis is. */
  plot: number;
}

/** Where the words of a bar stand: in it, else behind it, else before it; where there is room for all of them nowhere, where there is most. */
export function wordsAt(words_px: number, { left, right, plot }: Extent) {
  const places = [
    { place: "in", room: right - left },
    { place: "after", room: plot - right },
    { place: "before", room: left },
  ] as const;
  return places.find(({ room }) => room >= words_px) ?? places.reduce((a, b) => (b.room > a.room ? b : a));
}
