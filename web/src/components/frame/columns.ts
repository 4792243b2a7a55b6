import { useSyncExternalStore } from "react";
import { MEDIUM, TIGHT, useMedia } from "~/appearance/media";

/** The widths of the side columns and whether they are folded to rails: of this browser, not of the view. */
export interface Columns {
  hive_px: number;
  stream_px: number;
  /** Null where the reader has not said: the width of the window then decides. */
  hive_folded: boolean | null;
  stream_folded: boolean | null;
}

export const HIVE_PX = { usual: 260, least: 220, most: 420 } as const;
export const STREAM_PX = { usual: 292, least: 240, most: 520 } as const;
export const RAIL_PX = 44;

const STORAGE_KEY = "hiveboard.columns";
const USUAL: Columns = { hive_px: HIVE_PX.usual, stream_px: STREAM_PX.usual, hive_folded: null, stream_folded: null };

function load(): Columns {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Columns>;
    return { ...USUAL, ...stored };
  } catch {
    return USUAL;
  }
}

let columns = load();
const listeners = new Set<() => void>();

export function setColumns(patch: Partial<Columns>): void {
  columns = { ...columns, ...patch };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(columns));
  } catch {
    // Not kept beyond this page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface ShownColumns {
  hive_px: number;
  stream_px: number;
  hiveFolded: boolean;
  streamFolded: boolean;
}

/** The columns as they are to be drawn now. */
export function useColumns(): ShownColumns {
  const asked = useSyncExternalStore(
    subscribe,
    () => columns,
    () => columns,
  );
  const medium = useMedia(MEDIUM);
  const tight = useMedia(TIGHT);
  return {
    hive_px: asked.hive_px,
    stream_px: asked.stream_px,
    hiveFolded: asked.hive_folded ?? tight,
    streamFolded: asked.stream_folded ?? medium,
  };
}
