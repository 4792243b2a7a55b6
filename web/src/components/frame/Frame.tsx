import { useLocation } from "@tanstack/react-router";
import { type CSSProperties, type ReactNode, useEffect, useState } from "react";
import type { AgentCard } from "~/api/queries";
import { NARROW, useMedia } from "~/appearance/media";
import { Hive } from "~/components/hive/Hive";
import { HiveRail } from "~/components/hive/HiveRail";
import { ActivityStream } from "~/components/stream/ActivityStream";
import { StreamRail } from "~/components/stream/StreamRail";
import { Resizer } from "~/components/ui/Resizer";
import { useAgents } from "~/view/agents";
import { useView } from "~/view/url";
import { AttentionToasts } from "./AttentionToasts";
import { HIVE_PX, RAIL_PX, STREAM_PX, setColumns, useColumns } from "./columns";
import { FilterBar } from "./FilterBar";
import styles from "./Frame.module.css";
import { NarrowTabs } from "./NarrowTabs";
import { OfflineStrip } from "./OfflineStrip";
import { toPane } from "./panes";
import { SkipLinks } from "./SkipLinks";
import { TopBar } from "./TopBar";
import { useFocusKept } from "./useFocusKept";
import { useStale } from "./useStale";
import { useTitle } from "./useTitle";

function Centre({ children }: { children: ReactNode }) {
  return (
    <main className={`${styles.centre} inset-focus`} id="centre" tabIndex={-1}>
      <OfflineStrip />
      <FilterBar />
      {children}
    </main>
  );
}

function WideFrame({ children }: { children: ReactNode }) {
  const columns = useColumns();
  const stale = useStale();
  const widths = {
    "--hive": `${columns.hiveFolded ? RAIL_PX : columns.hive_px}px`,
    "--stream": `${columns.streamFolded ? RAIL_PX : columns.stream_px}px`,
  } as CSSProperties;
  return (
    <div className={styles.frame} data-frame style={widths} data-stale={stale || undefined}>
      <SkipLinks />
      <TopBar />
      <div className={styles.hive}>
        {columns.hiveFolded ? (
          <HiveRail onUnfold={() => columns.foldHive(false)} />
        ) : (
          <>
            <Hive onFold={() => columns.foldHive(true)} />
            <Resizer
              label="Width of the Hive"
              edge="right"
              width_px={columns.hive_px}
              least_px={HIVE_PX.least}
              most_px={HIVE_PX.most}
              usual_px={HIVE_PX.usual}
              onResize={(hive_px) => setColumns({ hive_px })}
            />
          </>
        )}
      </div>
      <Centre>{children}</Centre>
      <div className={styles.stream}>
        {columns.streamFolded ? (
          <StreamRail onUnfold={() => columns.foldStream(false)} />
        ) : (
          <>
            <ActivityStream onFold={() => columns.foldStream(true)} />
            <Resizer
              label="Width of the Activity Stream"
              edge="left"
              width_px={columns.stream_px}
              least_px={STREAM_PX.least}
              most_px={STREAM_PX.most}
              usual_px={STREAM_PX.usual}
              onResize={(stream_px) => setColumns({ stream_px })}
            />
          </>
        )}
      </div>
    </div>
  );
}

function NarrowFrame({ children }: { children: ReactNode }) {
  const { view } = useView();
  const pane = toPane(view.pane);
  const stale = useStale();
  return (
    <div className={styles.narrow} data-frame data-stale={stale || undefined}>
      <TopBar />
      {pane === "board" && <Centre>{children}</Centre>}
      {pane !== "board" && (
        <main className={styles.pane}>
          <OfflineStrip />
          {pane === "hive" ? <Hive /> : <ActivityStream />}
        </main>
      )}
      <NarrowTabs />
    </div>
  );
}

/** How long the green light shows before the Hive opens. */
const GREETING_MS = 1_800;

/** Whether to show the guide: while there is no agent, and a moment longer when the first one comes. */
function useGuide(agents: readonly AgentCard[] | undefined): { shown: boolean; arrived: AgentCard | undefined } {
  const empty = agents?.length === 0;
  const [wasEmpty, setWasEmpty] = useState(false);
  if (empty && !wasEmpty) setWasEmpty(true);
  const arrived = wasEmpty ? agents?.[0] : undefined;
  const greeting = arrived !== undefined;
  // The clock: the light is seen, then the board opens by itself.
  useEffect(() => {
    if (!greeting) return;
    const timer = setTimeout(() => setWasEmpty(false), GREETING_MS);
    return () => clearTimeout(timer);
  }, [greeting]);
  return { shown: empty || greeting, arrived };
}

interface FrameProps {
  children: ReactNode;
  /** What an empty board shows in the place of its views; with the id of the first agent once it has arrived. */
  firstRun: (arrived: string | undefined) => ReactNode;
}

/** The frame around every view: three columns, or one with tabs; and the guide while the board is empty. */
export function Frame({ children, firstRun }: FrameProps) {
  const narrow = useMedia(NARROW);
  const { view } = useView();
  const home = useLocation({ select: (location) => location.pathname === "/" });
  const { all } = useAgents(view);
  const guide = useGuide(all);
  useTitle();
  useFocusKept();
  if (home && guide.shown) {
    return (
      <div className={styles.first} data-frame>
        <TopBar first />
        <main className={styles.centre}>
          <OfflineStrip />
          {firstRun(guide.arrived?.agent_id)}
        </main>
      </div>
    );
  }
  return (
    <>
      <AttentionToasts />
      {narrow ? <NarrowFrame>{children}</NarrowFrame> : <WideFrame>{children}</WideFrame>}
    </>
  );
}
