import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { sessionQuery } from "~/api/queries";
import { NARROW, useMedia } from "~/appearance/media";
import { openPalette } from "~/components/palette/palette-state";
import { Icon } from "~/components/ui/Icon";
import { Logo } from "~/components/ui/Logo";
import { formatAtLeast } from "~/format/count";
import { ConnectionLight } from "./ConnectionLight";
import { ModeBadge } from "./ModeBadge";
import { RangeSelect, ScopeSelectors } from "./ScopeSelectors";
import { ThemeSwitch } from "./ThemeSwitch";
import styles from "./TopBar.module.css";
import { useNavNotes } from "./useNavNotes";
import { ViewLink } from "./ViewLink";
import { VIEWS } from "./views";

/** Opens the command palette, which also searches agents and tasks. */
function Find() {
  return (
    <button type="button" className={styles.find} aria-label="Search and commands" onClick={openPalette}>
      <Icon name="search" size={14} />
      <span className={styles.findWord}>Search</span>
      <kbd>Ctrl K</kbd>
    </button>
  );
}

/** Logo, workspace, views, scope, search, connection, theme. While the board is empty there is no scope to choose. */
export function TopBar({ first = false }: { first?: boolean }) {
  const narrow = useMedia(NARROW);
  const notes = useNavNotes();
  const session = useQuery(sessionQuery()).data;
  const nav = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  const places = VIEWS.map(({ to }) => notes[to]?.count ?? notes[to]).join();
  // The bar's scroll position, where it has no room for all views: the one that is open stays in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view is another place to scroll to, and counts that come move all places
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [path, narrow, places]);
  return (
    <header className={styles.bar}>
      <ViewLink view={VIEWS[0]} className={styles.brand}>
        <Logo />
        <span className={styles.name}>HiveBoard</span>
      </ViewLink>
      <span className={styles.workspace}>
        <span className="ell" title={session?.workspace.name}>
          {session?.workspace.name}
        </span>
        <ModeBadge />
      </span>
      {narrow ? (
        <span className="grow" />
      ) : (
        <nav ref={nav} className={styles.nav} aria-label="Views">
          {VIEWS.map((each) => {
            const note = notes[each.to];
            if (note === null) return null;
            return (
              <ViewLink key={each.to} view={each}>
                {each.label}
                {note !== undefined && note.count > 0 && (
                  <span className={styles.badge} data-hot={note.hot || undefined}>
                    {formatAtLeast(note.count, note.more)}
                    <span className="sr-only"> {note.word}</span>
                  </span>
                )}
              </ViewLink>
            );
          })}
        </nav>
      )}
      {narrow && <ConnectionLight />}
      {first ? <span className="grow" /> : narrow ? <RangeSelect /> : <ScopeSelectors />}
      <Find />
      {!narrow && <ConnectionLight />}
      <ThemeSwitch />
    </header>
  );
}
