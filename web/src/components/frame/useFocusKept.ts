import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { byKeyboard } from "~/components/ui/by-keyboard";

const STOPS = "a[href], button, input, select, textarea, summary, [tabindex]";

/** An element around what has the focus, and which of its children leads there. */
interface Place {
  element: HTMLElement;
  child: number;
}

function placesOf(target: Element): Place[] {
  const places: Place[] = [];
  for (let inner = target; inner.parentElement !== null && inner.parentElement !== document.body; ) {
    const element = inner.parentElement;
    places.push({ element, child: Array.prototype.indexOf.call(element.children, inner) });
    inner = element;
  }
  return places;
}

function isStop(element: HTMLElement): boolean {
  return element.tabIndex >= 0 && !element.matches(":disabled") && element.checkVisibility();
}

/** What is at the same place by now: what follows there, else what came before. */
function stopIn({ element, child }: Place): HTMLElement | undefined {
  const at = element.children[Math.min(child, element.children.length - 1)];
  const stops = [...element.querySelectorAll<HTMLElement>(STOPS)].filter(isStop);
  const follows = (stop: HTMLElement) =>
    at !== undefined &&
    (at.contains(stop) || (at.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
  return stops.find(follows) ?? stops.at(-1);
}

/** The nearest thing to what had the focus: in the smallest part around it that is still there. */
function nearest(places: readonly Place[]): HTMLElement | undefined {
  for (const place of places) {
    if (!place.element.isConnected) continue;
    // A part that takes the focus itself is read from its beginning: another page, another story.
    if (place.element.hasAttribute("tabindex")) return place.element;
    const stop = place.element.hasAttribute("data-frame") ? undefined : stopIn(place);
    if (stop !== undefined) return stop;
  }
  return document.getElementById("centre") ?? undefined;
}

/**
 * The keyboard's focus is never nowhere: where what had it is gone (closed, folded, no longer in the list), what stands in its place
 * has it, and another page has it as a whole. Who acts with the pointer is left alone.
 */
export function useFocusKept(): void {
  // The document's focus. The browser tells nobody that what had it was taken out of the page.
  useEffect(() => {
    let had: Element | null = null;
    let places: Place[] = [];
    const gone = new MutationObserver(() => {
      if (had === null || had.isConnected) return;
      had = null;
      if (byKeyboard() && document.activeElement === document.body) nearest(places)?.focus({ preventScroll: true });
    });
    const note = () => {
      const target = document.activeElement;
      if (target === null || target === document.body || target === had || !byKeyboard()) return;
      had = target;
      places = placesOf(target);
      gone.observe(document.body, { childList: true, subtree: true });
    };
    // A pointer looks after itself: nothing is watched for it.
    const onPointer = () => {
      had = null;
      gone.disconnect();
    };
    document.addEventListener("focusin", note);
    // What a pointer went to may be worked with by keyboard.
    document.addEventListener("keydown", note, { capture: true });
    document.addEventListener("pointerdown", onPointer);
    return () => {
      document.removeEventListener("focusin", note);
      document.removeEventListener("keydown", note, { capture: true });
      document.removeEventListener("pointerdown", onPointer);
      gone.disconnect();
    };
  }, []);

  const path = useLocation({ select: (location) => location.pathname });
  // The document's focus: on the view that was gone to, unless it has put it somewhere itself.
  useEffect(() => {
    const centre = document.getElementById("centre");
    if (path !== "" && byKeyboard() && centre?.contains(document.activeElement) === false)
      centre.focus({ preventScroll: true });
  }, [path]);
}
