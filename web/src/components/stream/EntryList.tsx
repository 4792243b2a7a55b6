import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useMemo } from "react";
import { useListKeys } from "~/components/ui/useListKeys";
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
  const entries = useMemo(() => blocks.map(({ key }, index) => ({ key, index })), [blocks]);
  const keys = useListKeys(scroller, "data-entry", entries, (index) => virtual.scrollToIndex(index));
  const drawn = virtual.getVirtualItems();
  const tabStop = keys.keyIn(drawn);
  return (
    <ul
      className={styles.list}
      style={{ height: virtual.getTotalSize() }}
      onKeyDown={keys.onKeyDown}
      onFocus={keys.onFocus}
    >
      {drawn.map((item) => {
        const block = blocks[item.index];
        return block === undefined ? null : (
          <li
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <StreamEntry
              entry={block.entry}
              earlier={block.earlier}
              voice={voice}
              tabStop={block.key === tabStop}
              onChoose={onChoose}
            />
          </li>
        );
      })}
    </ul>
  );
}
