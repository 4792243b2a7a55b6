import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { counted } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatClock } from "~/format/time";
import { layOutStory, type PlacedStep, type StoryLayout } from "../model/layout";
import type { Story as Told } from "../model/steps";
import type { Span } from "../model/types";
import { useElementWidth } from "../useElementWidth";
import { describeStep } from "./label";
import { StoryLink } from "./StoryLink";
import { StoryGlyph } from "./StoryNode";
import { StoryWords } from "./StoryWords";
import styles from "./story.module.css";
import { visiblePart } from "./window";

export interface StoryProps {
  told: Told;
  /** The run is under way: a view that stands at its right end stays there. */
  growing: boolean;
  title: string;
  selectedId: string | null;
  onSelect: (span: Span) => void;
  /** Opens and folds a row of like work. */
  onToggle: (key: string) => void;
  /** Tells where the selected node stands within the view, for the notch of the panel below; null when it is out of sight. */
  onNotch?: (x: number | null) => void;
}

/** How far the window moves before what is drawn changes. */
const SCROLL_STEP = 240;
/** Closer to the right end than this counts as being there. */
const END_SLACK = 24;

/** The run as nodes from left to right: time is length, people are rungs, retries are lanes. */
export function Story({ told, growing, title, selectedId, onSelect, onToggle, onNotch }: StoryProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const width = useElementWidth(scroller);
  const layout = useMemo(() => layOutStory(told, width), [told, width]);
  const [scrollStep, setScrollStep] = useState(0);
  const selected = placeOf(layout.steps, selectedId);
  const [active, setActive] = useState<string | null>(null);
  const activeIndex = Math.max(
    0,
    layout.steps.findIndex((placed) => placed.step.key === active),
  );
  const focusNext = useRef(false);

  useFollowEnd(scroller, layout.width, growing);

  const notchX = selected < 0 ? null : (layout.steps[selected]?.x ?? null);
  // The scroll position is the browser's: the notch is told when the selection or the layout moves, and on scroll.
  useEffect(() => {
    const element = scroller.current;
    if (element === null || notchX === null) {
      onNotch?.(null);
      return;
    }
    if (
      element.clientWidth > 0 &&
      (notchX < element.scrollLeft + 40 || notchX > element.scrollLeft + element.clientWidth - 40)
    )
      element.scrollLeft = notchX - element.clientWidth / 2;
    onNotch?.(notchX - element.scrollLeft);
  }, [notchX, onNotch]);

  // The browser's focus follows the arrow keys; the node may be drawn only now.
  useEffect(() => {
    if (!focusNext.current) return;
    const node = scroller.current?.querySelector<SVGGElement>("[data-active]");
    if (node === null || node === undefined) return;
    focusNext.current = false;
    node.focus({ preventScroll: true });
  });

  const onScroll = () => {
    const left = scroller.current?.scrollLeft ?? 0;
    setScrollStep(Math.floor(left / SCROLL_STEP));
    onNotch?.(notchX === null ? null : notchX - left);
  };

  const move = (press: KeyboardEvent) => {
    if (moveInStem(press)) return;
    const step = STEPS[press.key];
    if (step === undefined) return;
    press.preventDefault();
    const next = layout.steps[clamp(activeIndex + step, 0, layout.steps.length - 1)];
    const element = scroller.current;
    if (next === undefined || element === null) return;
    if (next.x < element.scrollLeft + 60) element.scrollLeft = next.x - 60;
    if (next.x > element.scrollLeft + element.clientWidth - 60) element.scrollLeft = next.x - element.clientWidth + 60;
    focusNext.current = true;
    setActive(next.step.key);
  };

  const left = scrollStep * SCROLL_STEP - SCROLL_STEP;
  const part = visiblePart(layout, left, left + width + 3 * SCROLL_STEP);
  return (
    <div ref={scroller} className={styles.story} onScroll={onScroll}>
      <div className={styles.canvas} style={{ width: layout.width, height: layout.height }}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset; a group of buttons is what this is
          <svg
            width={layout.width}
            height={layout.height}
            role="group"
            aria-label={`Story of ${title}, ${counted(layout.steps.length, "step")}`}
            onKeyDown={move}
          >
            <Behind layout={layout} part={part} onSelect={onSelect} />
            {layout.steps.slice(part.from, part.to).map((placed, offset) => (
              <Node
                key={placed.step.key}
                placed={placed}
                active={part.from + offset === activeIndex}
                selected={selects(placed, selectedId)}
                onSelect={(span) => {
                  setActive(placed.step.key);
                  if (placed.step.repeats === null) onSelect(span);
                  else onToggle(placed.step.key);
                }}
              />
            ))}
            {layout.steps.slice(part.from, part.to).map((placed) => (
              <StoryWords
                key={placed.step.key}
                placed={placed}
                selectedId={placed.stem.some(({ item }) => item.span.id === selectedId) ? selectedId : null}
                onSelect={onSelect}
              />
            ))}
          </svg>
        )}
      </div>
    </div>
  );
}

const STEPS: Record<string, number | undefined> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Up and down along a stem: from its node into it, and back. Says whether the key was meant for one. */
function moveInStem(press: KeyboardEvent): boolean {
  if (press.key !== "ArrowDown" && press.key !== "ArrowUp") return false;
  const here = press.target instanceof Element ? press.target.closest<SVGGElement>("[data-key], [data-stem-of]") : null;
  const key = here?.dataset.stemOf ?? here?.dataset.key;
  const drawing = here?.ownerSVGElement;
  if (here === null || key === undefined || drawing === null || drawing === undefined) return false;
  const items = [...drawing.querySelectorAll<SVGGElement>(`[data-stem-of="${CSS.escape(key)}"]`)];
  const at = items.indexOf(here) + (press.key === "ArrowDown" ? 1 : -1);
  const next = at === -1 ? drawing.querySelector<SVGGElement>(`[data-key="${CSS.escape(key)}"]`) : items[at];
  if (here.dataset.stemOf === undefined && press.key === "ArrowUp") return false;
  if (next === null || next === undefined) return here.dataset.stemOf !== undefined;
  press.preventDefault();
  next.focus({ preventScroll: true });
  return true;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function selects({ step }: PlacedStep, selectedId: string | null): boolean {
  return selectedId !== null && step.span.id === selectedId && step.shape !== "start" && step.repeats === null;
}

/** The node that is selected, or the one that it hangs from; −1 where it stands nowhere in the story. */
export function placeOf(steps: readonly PlacedStep[], selectedId: string | null): number {
  if (selectedId === null) return -1;
  const own = steps.findIndex((placed) => selects(placed, selectedId));
  if (own >= 0) return own;
  const hangs = steps.findIndex(({ stem }) => stem.some(({ item }) => item.span.id === selectedId));
  // Of a long stem only the first items are drawn: it is inside of the last node that holds it.
  return hangs >= 0 ? hangs : steps.findLastIndex(({ step }) => holds(step.span, selectedId));
}

function holds(span: Span, id: string): boolean {
  return span.children.some((child) => child.id === id || holds(child, id));
}

/** Keeps the right end of a growing story in view for a reader who was there. */
function useFollowEnd(scroller: React.RefObject<HTMLDivElement | null>, width: number, open: boolean): void {
  const widthBefore = useRef(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = widthBefore.current;
    widthBefore.current = width;
    if (element === null || !open || width === before) return;
    const wasAtEnd = before === 0 || element.scrollLeft + element.clientWidth >= before - END_SLACK;
    if (wasAtEnd) element.scrollLeft = width;
  }, [scroller, width, open]);
}

/** Whether a node stands for more than its own work: a first try that stands for its action is work itself. */
function hasInside({ step }: PlacedStep): boolean {
  return step.span.children.length > 0;
}

interface NodeProps {
  placed: PlacedStep;
  active: boolean;
  selected: boolean;
  onSelect: (span: Span) => void;
}

function Node({ placed, active, selected, onSelect }: NodeProps) {
  const words = describeStep(placed.step);
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
    <g
      className={styles.button}
      transform={`translate(${placed.x} ${placed.y})`}
      role="button"
      tabIndex={active ? 0 : -1}
      aria-label={words}
      {...(placed.step.repeats === null
        ? { "aria-pressed": selected }
        : { "aria-expanded": !placed.step.repeats.folded })}
      data-active={active || undefined}
      data-key={placed.step.key}
      onClick={() => onSelect(placed.step.span)}
      onKeyDown={(press) => {
        if (press.key !== "Enter" && press.key !== " ") return;
        press.preventDefault();
        onSelect(placed.step.span);
      }}
    >
      <title>{words}</title>
      <StoryGlyph step={placed.step} selected={selected} leads={placed.leads && hasInside(placed)} />
    </g>
  );
}

interface BehindProps {
  layout: StoryLayout;
  part: { from: number; to: number };
  onSelect: (span: Span) => void;
}

/** What lies behind the nodes: connectors, clocks, brackets under approvals, words over open lanes. */
function Behind({ layout, part, onSelect }: BehindProps) {
  const leftX = layout.steps[part.from]?.x ?? 0;
  const rightX = layout.steps[part.to - 1]?.x ?? 0;
  const inSight = (x1: number, x2: number) => x2 >= leftX - 200 && x1 <= rightX + 200;
  return (
    <>
      {layout.groups
        .filter(({ x1, x2 }) => inSight(x1, x2))
        .map(({ span, x1, x2, top, bottom, label }) => (
          <g key={span.id} className={styles.group} data-failed={span.outcome === "failed" || undefined}>
            <rect x={x1} y={top} width={x2 - x1} height={bottom - top} rx="10" />
            <text x={x1 + 9} y={top + 13}>
              {label}
              {span.outcome === "failed" && (
                <tspan className={styles.groupFailed} dx="5">
                  failed
                </tspan>
              )}
            </text>
          </g>
        ))}
      {layout.stretches
        .filter(({ x1, x2 }) => inSight(x1, x2))
        .map(({ stretch, x1, x2, y }) => (
          <g key={stretch.fromKey}>
            <path className={styles.rail} data-tone="passed" d={`M${x1} ${y}H${x2}`} />
            {x2 - x1 > 300 && (
              // biome-ignore lint/a11y/useSemanticElements: SVG has no button element
              <text
                className={styles.overlay}
                role="button"
                tabIndex={-1}
                x={x1 + (x2 - x1) * 0.58}
                y={y - 9}
                onClick={() => onSelect(stretch.span)}
                onKeyDown={(press) => press.key === "Enter" && onSelect(stretch.span)}
              >
                {stretch.span.name} {formatDuration(stretch.span.endMs - stretch.span.startMs)}, {stretch.attempts}{" "}
                attempts
              </text>
            )}
          </g>
        ))}
      {layout.links.slice(Math.max(0, part.from - 1), part.to).map((link) => (
        <StoryLink key={link.to.step.key} link={link} />
      ))}
      {layout.clocks
        .filter(({ x }) => inSight(x, x))
        .map((clock) => (
          <text key={clock.x} className={styles.clock} data-anchor={clock.anchor} x={clock.x} y={24}>
            {formatClock(clock.atMs, clock.atMs)}
          </text>
        ))}
      {layout.brackets
        .filter(({ x1, x2 }) => inSight(x1, x2))
        .map((bracket) => {
          const middle = (bracket.x1 + bracket.x2) / 2;
          return (
            <g key={bracket.span.id}>
              <path
                className={styles.rail}
                data-tone="bracket"
                d={`M${bracket.x1} ${bracket.y}v5q0 4 4 4H${bracket.x2 - 4}q4 0 4-4v-5`}
              />
              {bracket.quote !== null && (
                <text className={styles.quote} x={middle} y={bracket.y + 24}>
                  {bracket.quote}
                </text>
              )}
              {bracket.who !== null && (
                <text className={styles.token} x={middle} y={bracket.y + (bracket.quote === null ? 24 : 39)}>
                  {bracket.who}
                </text>
              )}
            </g>
          );
        })}
    </>
  );
}
