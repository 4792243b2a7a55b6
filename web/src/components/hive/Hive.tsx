import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useMemo, useRef, useState } from "react";
import { AGENTS_LIMIT, type AgentCard } from "~/api/queries";
import { needsAttention } from "~/appearance/status";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { keep } from "~/components/ui/kept";
import { Menu } from "~/components/ui/Menu";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { useListKeys } from "~/components/ui/useListKeys";
import { useAgents } from "~/view/agents";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import { AgentCardView } from "./AgentCardView";
import { Comb } from "./Comb";
import styles from "./Hive.module.css";
import { HiveSkeleton } from "./HiveSkeleton";
import { agentRow, GROUPINGS, type Grouping, type HiveRow, hasStatus, hiveRows, matches } from "./rows";
import { useOpenRuns } from "./useOpenRuns";

/** How the reader looks at it, in this browser: an address leads others to agents, not to an order of them. */
const HIVE = keep<{ grouping: Grouping }>("hiveboard.hive", { grouping: "attention" });

const GROUPING_WORDS: Record<Grouping, string> = {
  attention: "By attention",
  type: "By type",
  group: "By group",
  environment: "By environment",
};

const keyOf = (row: HiveRow) => row.key;

function groupingOf(id: string): Grouping {
  return GROUPINGS.find((each) => each === id) ?? "attention";
}

/** The agents, left: who is here, how they are, and which of them needs somebody. */
export function Hive({ onFold }: { onFold?: () => void }) {
  const { view, set } = useView();
  const navigate = useNavigate();
  const { agents, all, query } = useAgents(view);
  const workingSince = useOpenRuns(view.mode);
  const failure = query.error ?? query.failureReason;
  const [search, setSearch] = useState<string | null>(null);
  const kept = HIVE.use().grouping;
  const grouping = groupingOf(kept);
  const scroller = useRef<HTMLDivElement>(null);
  const searches = useRef<HTMLButtonElement>(null);

  const status = view.status;
  const shown = useMemo(
    () =>
      agents?.filter(
        (agent) =>
          (search === null || search.trim() === "" || matches(agent, search.trim())) &&
          (status === undefined || hasStatus(agent, status)),
      ),
    [agents, search, status],
  );
  const fresh = useMemo(() => hiveRows(shown ?? [], grouping), [shown, grouping]);
  const order = useHeldOrder(
    fresh,
    keyOf,
    `${view.mode} ${grouping} ${search} ${view.status} ${view.project} ${view.environment} ${view.group}`,
    {
      byNow: (row) => {
        const agent = row.kind === "agent" ? all?.find(({ agent_id }) => agent_id === row.agent.agent_id) : undefined;
        return agent === undefined ? row : agentRow(agent);
      },
    },
  );
  const rows = order.items;
  const needs = useMemo(() => agents?.filter((agent) => needsAttention(agent.derived_status)).length ?? 0, [agents]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => rows[index]?.height ?? 0,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
  });
  // Heights follow the state of each agent: the virtual list must not go on with those of the rows before.
  const heights = rows.map((row) => row.height).join();
  const measured = useRef(heights);
  if (measured.current !== heights) {
    measured.current = heights;
    virtual.measure();
  }

  const selected = view.agent;
  const select = useCallback(
    (agent: AgentCard) => set({ agent: agent.agent_id === selected ? undefined : agent.agent_id }),
    [set, selected],
  );
  const open = useCallback(
    (agent: AgentCard) =>
      void navigate({
        to: "/agent",
        search: (search: ViewSearch) => patchSearch(sharedSearch(search), { agent: agent.agent_id }),
      } as never),
    [navigate],
  );
  const cards = useMemo(
    () => rows.flatMap((row, index) => (row.kind === "agent" ? { key: row.key, index } : [])),
    [rows],
  );
  const tabStop = useListKeys(scroller, "data-agent", cards, (index) => virtual.scrollToIndex(index));
  const reveal = (agent: AgentCard) => {
    const index = rows.findIndex((row) => row.kind === "agent" && row.agent.agent_id === agent.agent_id);
    if (index >= 0) virtual.scrollToIndex(index, { align: "center" });
    if (agent.agent_id !== selected) select(agent);
  };

  return (
    <aside className={styles.hive} aria-label="The Hive">
      <div className={styles.head}>
        <h2 className={styles.title}>The Hive</h2>
        <span className="dim">{agents?.length.toLocaleString("en-US")}</span>
        {(all?.length ?? 0) >= AGENTS_LIMIT && (
          <span className="dim" title="There are more agents than a board holds: these are the first by name">
            of more
          </span>
        )}
        {needs > 0 && (
          <span className={styles.need} data-many={needs > 9 || undefined} title="Stuck, error and waiting">
            {needs.toLocaleString("en-US")}
            <span className={styles.needWord}> need{needs === 1 ? "s" : ""} you</span>
          </span>
        )}
        <span className="grow" />
        <Button
          look="ghost"
          small
          icon
          ref={searches}
          aria-label="Search agents"
          aria-expanded={search !== null}
          onClick={() => setSearch(search === null ? "" : null)}
        >
          <Icon name="search" />
        </Button>
        <Menu
          label="Group agents"
          entries={GROUPINGS.map((id) => ({ id, label: GROUPING_WORDS[id], checked: id === grouping }))}
          onAction={(id) => HIVE.set({ grouping: groupingOf(id) })}
        >
          <Icon name="filter" />
        </Menu>
        {onFold !== undefined && (
          <Button look="ghost" small icon aria-label="Fold the Hive" onClick={onFold}>
            <Icon name="side" />
          </Button>
        )}
      </div>
      {search !== null && (
        <div className={styles.search}>
          <Icon name="search" size={14} />
          <input
            // biome-ignore lint/a11y/noAutofocus: the reader has just asked for this field
            autoFocus
            type="search"
            aria-label="Search agents by name, type, group or project"
            placeholder="Name, type, group, project"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              searches.current?.focus();
              setSearch(null);
            }}
          />
        </div>
      )}
      {order.unseen > 0 && (
        <button type="button" className={styles.unseen} onClick={order.catchUp}>
          {order.unseen} new
        </button>
      )}
      {agents !== undefined && agents.length > 0 && <Comb agents={agents} onReveal={reveal} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move between the buttons inside */}
      <div
        className="scroll"
        id="hive-cards"
        ref={scroller}
        onKeyDown={tabStop.onKeyDown}
        {...order.handlers}
        onFocus={(event) => {
          order.handlers.onFocus(event);
          tabStop.onFocus(event);
        }}
      >
        {agents === undefined && failure !== null ? (
          <ErrorState what="The Hive" error={failure} onRetry={() => void query.refetch()} />
        ) : agents === undefined ? (
          <HiveSkeleton />
        ) : rows.length === 0 ? (
          <Empty
            title={
              search
                ? "No such agent"
                : all?.length === 0
                  ? "No agent yet"
                  : status !== undefined
                    ? "No agent in this state"
                    : "No agent here"
            }
            step={
              search === null && status !== undefined && (all?.length ?? 0) > 0 ? (
                <button type="button" className="link" onClick={() => set({ status: undefined })}>
                  Show every state
                </button>
              ) : search === null && (all?.length ?? 0) > 0 ? (
                <button
                  type="button"
                  className="link"
                  onClick={() => set({ environment: undefined, project: undefined, group: undefined })}
                >
                  Show all {all?.length}
                </button>
              ) : undefined
            }
          >
            {search
              ? "None of these agents has all of these words."
              : all?.length === 0
                ? "One stands here as soon as it reports."
                : status !== undefined
                  ? "The page is narrowed to a state that none of them is in."
                  : "No agent carries these labels."}
          </Empty>
        ) : (
          <ul className={styles.list} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <li key={item.key} style={{ transform: `translateY(${item.start}px)`, height: item.size }}>
                  {row.kind === "head" ? (
                    <div className={styles.section}>
                      <h3>{row.title}</h3>
                      <span>{row.count}</span>
                    </div>
                  ) : (
                    <AgentCardView
                      agent={row.agent}
                      selected={row.agent.agent_id === selected}
                      tabStop={row.key === tabStop.keyIn(virtual.getVirtualItems())}
                      workingSince={workingSince(row.agent)}
                      onSelect={select}
                      onOpen={open}
                    />
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </aside>
  );
}
