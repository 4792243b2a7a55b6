import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useColumns } from "~/components/frame/columns";
import { VIEWS } from "~/components/frame/views";
import { lazily } from "~/components/ui/lazily";
import { sharedSearch, useView, type ViewSearch } from "~/view/url";
import { NotLoaded } from "./NotLoaded";
import { closePalette, isPaletteOpen, openPalette, typeAhead, usePaletteOpen } from "./palette-state";

const Palette = lazily(() => import("./Palette").then((module) => module.Palette), NotLoaded);
const Keys = lazily(() => import("./Keys").then((module) => module.Keys), NotLoaded);

/** How long `g` waits for its second key. */
const SEQUENCE_MS = 1_200;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

/** The keys that work everywhere, the palette and the list of keys. */
export function Shortcuts() {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ViewSearch;
  const { view, set } = useView();
  const columns = useColumns();
  const paletteOpen = usePaletteOpen();
  const [keysOpen, setKeysOpen] = useState(false);
  const goAt = useRef(0);

  // The keyboard of the document.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (isPaletteOpen()) {
        if (event.key === "Escape") closePalette();
        else typeAhead(event.key);
        event.preventDefault();
        return;
      }
      if (keysOpen && event.key === "Escape") {
        setKeysOpen(false);
        event.preventDefault();
        return;
      }
      const going = Date.now() - goAt.current < SEQUENCE_MS;
      goAt.current = event.key === "g" ? Date.now() : 0;
      const place = going ? VIEWS.find((each) => each.key === event.key) : undefined;
      if (place !== undefined) void navigate({ to: place.to, search: sharedSearch(search) } as never);
      else if (event.key === "/") openPalette();
      else if (event.key === "?") setKeysOpen(true);
      else if (event.key === "[") columns.foldHive(!columns.hiveFolded);
      else if (event.key === "]") columns.foldStream(!columns.streamFolded);
      // A popover that is open takes the Escape for itself.
      else if (event.key === "Escape" && document.querySelector(":popover-open") === null) {
        if (view.task !== undefined)
          set({ task: undefined, owner: undefined, run: undefined, node: undefined, tab: undefined });
        else if (view.agent !== undefined) set({ agent: undefined });
        else return;
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, search, set, view.agent, view.task, columns, keysOpen]);

  return (
    <>
      {paletteOpen && <Palette />}
      {keysOpen && <Keys onClose={() => setKeysOpen(false)} />}
    </>
  );
}
