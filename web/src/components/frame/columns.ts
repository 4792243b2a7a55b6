import { MEDIUM, TIGHT, useMedia } from "~/appearance/media";
import { keep } from "~/components/ui/kept";
import { useView } from "~/view/url";

/** The widths of the side columns and whether they are folded to rails: of this browser, not of the view. */
export interface Columns {
  hive_px: number;
  stream_px: number;
  /** Null where the reader has not said: the width of the window then decides. */
  hive_folded: boolean | null;
  stream_folded: boolean | null;
  /** The same while one task has the page: null folds them. */
  full_hive_folded: boolean | null;
  full_stream_folded: boolean | null;
}

export const HIVE_PX = { usual: 260, least: 220, most: 420 } as const;
export const STREAM_PX = { usual: 292, least: 240, most: 520 } as const;
export const RAIL_PX = 44;

const COLUMNS = keep<Columns>("hiveboard.columns", {
  hive_px: HIVE_PX.usual,
  stream_px: STREAM_PX.usual,
  hive_folded: null,
  stream_folded: null,
  full_hive_folded: null,
  full_stream_folded: null,
});

export const setColumns = COLUMNS.set;

export interface ShownColumns {
  hive_px: number;
  stream_px: number;
  hiveFolded: boolean;
  streamFolded: boolean;
  foldHive: (folded: boolean) => void;
  foldStream: (folded: boolean) => void;
}

/** The columns as they are to be drawn now. While one task has the page they are rails until they are asked for. */
export function useColumns(): ShownColumns {
  const { view } = useView();
  const full = view.tab === "task" && view.task !== undefined;
  const asked = COLUMNS.use();
  const medium = useMedia(MEDIUM);
  const tight = useMedia(TIGHT);
  return {
    hive_px: asked.hive_px,
    stream_px: asked.stream_px,
    hiveFolded: full ? (asked.full_hive_folded ?? true) : (asked.hive_folded ?? tight),
    streamFolded: full ? (asked.full_stream_folded ?? true) : (asked.stream_folded ?? medium),
    foldHive: (folded) => setColumns(full ? { full_hive_folded: folded } : { hive_folded: folded }),
    foldStream: (folded) => setColumns(full ? { full_stream_folded: folded } : { stream_folded: folded }),
  };
}
