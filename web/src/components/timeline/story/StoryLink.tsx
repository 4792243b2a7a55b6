import { memo } from "react";
import { formatDuration } from "~/format/duration";
import type { PlacedLink } from "../model/layout";
import { SMALL_CHARACTER_PX } from "../model/names";
import styles from "./story.module.css";

/** The way from one node to the next: rails in the colours of the work, a dashed drop to a retry, a bend home. */
export const StoryLink = memo(function StoryLink({ link }: { link: PlacedLink }) {
  const y = link.from.y;
  return (
    <g>
      {link.arrives === "home" ? (
        <path className={styles.rail} data-tone={link.segments[0]?.tone} d={homePath(link)} />
      ) : (
        link.segments.map((segment) => (
          <path
            key={segment.x1}
            className={styles.rail}
            data-tone={segment.tone}
            d={
              segment.tone === "human"
                ? `M${segment.x1 + 3} ${y}H${segment.x2 - 3}`
                : `M${segment.x1} ${y}H${segment.x2}`
            }
          />
        ))
      )}
      {link.arrives === "backoff" && <Backoff link={link} />}
      {hasRoom(link) && <Elapsed link={link} />}
    </g>
  );
});

/** Right, up, and onto the main line: into a node from below where its name stands above, else from its left. */
function homePath({ from, to, segments, homeX }: PlacedLink): string {
  const x1 = segments[0]?.x1 ?? from.x;
  const bend = Math.min(14, Math.max(0, homeX - x1));
  const up = `M${x1} ${from.y}H${homeX - bend}Q${homeX} ${from.y} ${homeX} ${from.y - bend}`;
  if (homeX === to.x) return `${up}V${to.y + 16}`;
  const end = segments.at(-1)?.x2 ?? to.x;
  const turn = Math.min(14, Math.max(0, end - homeX));
  return `${up}V${to.y + turn}Q${homeX} ${to.y} ${homeX + turn} ${to.y}H${end}`;
}

function Backoff({ link }: { link: PlacedLink }) {
  const { from, to, railEnd } = link;
  const end = to.x - 15;
  const drop = to.y - from.y;
  const x = railEnd + 4;
  const path =
    drop === 0 ? `M${x} ${from.y}H${end}` : `M${x} ${from.y}C${x + 22} ${from.y} ${x - 4} ${to.y} ${end} ${to.y}`;
  // Beside the beginning of the curve: further down the frame of the next try has its name.
  const labelX = x + 24;
  return (
    <>
      <path className={styles.rail} data-tone="failure" data-tick d={`M${railEnd} ${from.y - 6}v12`} />
      <path className={styles.rail} data-tone="back" d={path} />
      {link.backoffMs > 0 && drop > 0 && (
        <>
          <text className={styles.small} x={labelX} y={from.y + 13}>
            back-off
          </text>
          <text className={styles.small} x={labelX} y={from.y + 25}>
            {formatDuration(link.backoffMs)}
          </text>
        </>
      )}
    </>
  );
}

/** Words that would run into the nodes beside them are left to the hover; the longest gap is always told. */
function hasRoom(link: PlacedLink): boolean {
  if (link.longest) return true;
  const room = link.railEnd - (link.segments[0]?.x1 ?? link.from.x);
  return link.elapsedMs >= 10 && formatDuration(link.elapsedMs).length * SMALL_CHARACTER_PX <= room;
}

function Elapsed({ link }: { link: PlacedLink }) {
  const { from } = link;
  const words = formatDuration(link.elapsedMs);
  if (link.longest)
    return (
      <text className={styles.big} data-tone={link.tone} x={link.labelX} y={from.y - 13}>
        {words}
      </text>
    );
  return (
    <text className={styles.duration} x={link.labelX} y={from.y - 9}>
      {words}
    </text>
  );
}
