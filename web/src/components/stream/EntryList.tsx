import { useVirtualizer } from "@tanstack/react-virtual";
import type { RefObject } from "react";
import type { Voice } from "~/view/url";
import styles from "./ActivityStream.module.css";
import type { Entry } from "./entries";
import { StreamEntry } from "./StreamEntry";
import type { Block } from "./told";

const ESTIMATE_PX = 66;

export interface EntryListProps {
  blocks: readonly Block[];
  voice: Voice;
  scroller: RefObject<HTMLElement | null>;
  onChoose: (entry: Entry) => void;
}

/** The entries that are in sight. Their heights are measured and remembered for as long as the list lives. */
export function EntryList({ blocks, voice, scroller, onChoose }: EntryListProps) {
  const virtual = useVirtualizer({
    count: blocks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATE_PX,
    getItemKey: (index) => blocks[index]?.key ?? index,
    overscan: 5,
  });
  return (
    <ul className={styles.list} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const block = blocks[item.index];
        return block === undefined ? null : (
          <li
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <StreamEntry entry={block.entry} earlier={block.earlier} voice={voice} onChoose={onChoose} />
          </li>
        );
      })}
    </ul>
  );
}
