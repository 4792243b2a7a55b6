import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const GREATEST_ZOOM = 2_000;

export interface PanZoom {
  zoom: number;
  /** How far the window stands to the right of the axis' beginning, pixels. */
  offset: number;
  panning: boolean;
  fit: () => void;
  /** Puts a place of the whole, from 0 at its beginning to 1 at its end, into the middle of the window. */
  centre: (share: number) => void;
  zoomBy: (factor: number) => void;
}

interface State {
  zoom: number;
  offset: number;
}

function clampOffset(offset: number, zoom: number, width: number): number {
  return Math.max(0, Math.min(offset, width * (zoom - 1)));
}

/** Zoom and pan of a chart that is as wide as its element: Ctrl and the wheel zoom at the pointer, drag and a sideways wheel pan. */
export function usePanZoom(element: RefObject<HTMLElement | null>, width: number): PanZoom {
  const [state, setState] = useState<State>({ zoom: 1, offset: 0 });
  const [panning, setPanning] = useState(false);
  const latestWidth = useRef(width);

  const zoomAt = useCallback((factor: number, at: number) => {
    setState((before) => {
      const zoom = Math.min(GREATEST_ZOOM, Math.max(1, before.zoom * factor));
      const offset = (before.offset + at) * (zoom / before.zoom) - at;
      return { zoom, offset: clampOffset(offset, zoom, latestWidth.current) };
    });
  }, []);

  // The browser's wheel and pointer: React's own wheel handler is passive and could not keep the page from zooming.
  useEffect(() => {
    latestWidth.current = width;
    const target = element.current;
    if (target === null) return;
    const panBy = (distance: number) =>
      setState((before) => ({
        ...before,
        offset: clampOffset(before.offset + distance, before.zoom, latestWidth.current),
      }));
    const onWheel = (wheel: WheelEvent) => {
      if (wheel.ctrlKey || wheel.metaKey) {
        wheel.preventDefault();
        zoomAt(Math.exp(-wheel.deltaY / 240), wheel.clientX - target.getBoundingClientRect().left);
      } else if (wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
        wheel.preventDefault();
        panBy(wheel.deltaX || wheel.deltaY);
      }
    };
    let lastX: number | null = null;
    const onDown = (press: PointerEvent) => {
      if (press.button === 0) lastX = press.clientX;
    };
    const onMove = (move: PointerEvent) => {
      if (lastX === null || move.clientX === lastX) return;
      panBy(lastX - move.clientX);
      lastX = move.clientX;
      setPanning(true);
    };
    const onUp = () => {
      lastX = null;
      setPanning(false);
    };
    target.addEventListener("wheel", onWheel, { passive: false });
    target.addEventListener("pointerdown", onDown);
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    return () => {
      target.removeEventListener("wheel", onWheel);
      target.removeEventListener("pointerdown", onDown);
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
    };
  }, [element, width, zoomAt]);

  return {
    ...state,
    panning,
    fit: useCallback(() => setState({ zoom: 1, offset: 0 }), []),
    centre: useCallback(
      (share: number) =>
        setState(({ zoom }) => {
          const room = latestWidth.current;
          return { zoom, offset: clampOffset(share * room * zoom - room / 2, zoom, room) };
        }),
      [],
    ),
    zoomBy: useCallback((factor: number) => zoomAt(factor, latestWidth.current / 2), [zoomAt]),
  };
}
