import { formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { branchesOf } from "./branches";
import { type Group, groupSteps, LEVEL_PX, levelsOf, type PlacedGroup, placeGroups } from "./groups";
import { fitted, NAME_CHARACTER_PX, SMALL_CHARACTER_PX, shortModel, twoLines, widthOf } from "./names";
import { turnCount } from "./repeats";
import { sumWords } from "./row-sum";
import type { RetryStretch, Step, StepShape, Story, Tone } from "./steps";
import type { Span } from "./types";

/** A stretch of a connector in one look. */
export interface Segment {
  tone: Tone;
  x1: number;
  x2: number;
}

export interface PlacedStep {
  step: Step;
  x: number;
  y: number;
  lines: string[];
  nameAbove: boolean;
  /** For a failed try: why, in a word or two. */
  reason: string | null;
  model: string | null;
  modelWidth: number;
  modelY: number;
  /** Figures under it, a line each: tokens of a call; of a row of like work what it comes to. */
  figures: readonly string[];
  stem: { item: Step["stem"][number]; y: number; label: string }[];
  stemFromY: number;
  /** Steps inside of it stand behind it: what it came to is told by the frame around them. */
  leads: boolean;
  /** What it is inside of, where branches that go on at once stand between it and that. */
  branch: string | null;
}

export interface PlacedLink {
  from: PlacedStep;
  to: PlacedStep;
  arrives: Step["arrives"];
  elapsedMs: number;
  segments: Segment[];
  /** Where the rail of the earlier node's work ends: a back-off starts there. */
  railEnd: number;
  /** For a way home: where it turns up. */
  homeX: number;
  labelX: number;
  longest: boolean;
  /** The tone that most of the time went to. */
  tone: Tone;
  backoffMs: number;
}

export interface PlacedBracket {
  span: Span;
  x1: number;
  x2: number;
  y: number;
  quote: string | null;
  who: string | null;
}

export interface PlacedOverlay {
  stretch: RetryStretch;
  x1: number;
  x2: number;
  y: number;
}

export interface PlacedClock {
  x: number;
  atMs: number;
  anchor: "start" | "middle" | "end";
}

export interface StoryLayout {
  width: number;
  height: number;
  steps: PlacedStep[];
  links: PlacedLink[];
  groups: PlacedGroup[];
  brackets: PlacedBracket[];
  stretches: PlacedOverlay[];
  clocks: PlacedClock[];
  /** The widest link, in pixels: how far outside the window something may begin that reaches into it. */
  reach: number;
}

/** Half of a node's width along the rail, by shape. */
const HALF: Record<StepShape, number> = {
  start: 7,
  action: 15,
  llm_call: 14.5,
  approval_asked: 18.5,
  approval_answered: 18.5,
  escalated: 14,
  plan: 9,
  note: 7,
  failed: 15,
  completed: 15,
  running: 9,
  repeats: 18,
};
const MARGIN = 14;
const LINE_Y = 66;
const LANE_GAP = 72;
const LINK_BASE = 28;
const LINK_BASE_MOMENT = 11;
const STRETCH = 7.2;
const STRETCH_LIMIT = 230;
const NAME_CHARACTERS = 12;
const NAME_ROOM_LIMIT = NAME_CHARACTERS * NAME_CHARACTER_PX;
/** A reason stands under one node between two: it may take more room than a name. */
const REASON_ROOM_LIMIT = 96;
const REASON_CHARACTERS = 20;
/** What stays free between the sums of a row of like work and the words beside them. */
const FIGURES_GAP_PX = 10;
const STEM_ROW = 18;
/** The room between two nodes from both of which work hangs. */
const STEMS_APART = 122;
/** The name of what a step is inside of, above its node. */
const BRANCH_CHARACTERS = 14;
/** How far to the right a stem's words usually go. */
const STEM_REACH = 150;
/** Shorter stretches than this go without words. */
const ELAPSED_TOLD_MS = 10;
/** What stays free beside them: the ring around a selected node reaches so far. */
const ELAPSED_GAP_PX = 10;
const SMALLEST_SCALE = 0.25;
const GREATEST_SCALE = 1.6;
/** Above this many nodes the story scrolls anyway: no use in looking for a scale that fits. */
const FIT_LIMIT = 400;

/** The length of a connector: grows with the square root of the time it stands for, so that hours fit beside seconds. */
export function connectorLength(elapsedMs: number, worked: boolean, scale: number): number {
  const stretch = Math.min(STRETCH_LIMIT, STRETCH * Math.sqrt(Math.max(0, elapsedMs) / 1000));
  return (worked ? LINK_BASE : LINK_BASE_MOMENT) + scale * stretch;
}

/** Lays the story out from left to right: pure, in CSS pixels, deterministic. `width` is the room there is without scrolling. */
export function layOutStory(story: Story, width: number): StoryLayout {
  const { steps } = story;
  const branches = branchesOf(steps).map((span) => (span === null ? null : fitted(span.name, BRANCH_CHARACTERS)));
  const xs = fittingPositions(steps, width, branches);
  const groups = groupSteps(steps);
  const lineY = LINE_Y + LEVEL_PX * levelsOf(groups);
  const laneY = lanePositions(steps, lineY);
  const leading = leadersOf(groups);
  const placed = steps.map((step, index) =>
    placeStep(step, xs[index] as number, laneY[step.lane] as number, leading.has(index), branches[index] ?? null),
  );
  fitStems(placed);
  const links = placeLinks(placed);
  const byKey = new Map(placed.map((each) => [each.step.key, each]));
  const brackets = placeBrackets(placed, byKey);
  const last = placed.at(-1);
  const contentWidth = (last?.x ?? 0) + HALF[last?.step.shape ?? "start"] + MARGIN;
  return {
    width: Math.max(contentWidth, width),
    height: Math.max(184, bottomOf(placed, brackets) + 14),
    steps: placed,
    links,
    groups: placeGroups(groups, placed),
    brackets,
    stretches: placeOverlays(story.stretches, byKey),
    clocks: placeClocks(placed, links, lineY),
    reach: links.reduce((most, link) => Math.max(most, link.to.x - link.from.x), 0) + 160,
  };
}

/** Where the nodes stand: with room for the words over each connector, unless only without it nothing scrolls. */
function fittingPositions(steps: Step[], width: number, branches: readonly (string | null)[]): number[] {
  const at = (scale: number, told: boolean) => positions(steps, scale, told, branches);
  const end = (scale: number, told: boolean) => (at(scale, told).at(-1) ?? 0) + 15 + MARGIN;
  const fits = width > 0 && steps.length <= FIT_LIMIT && end(SMALLEST_SCALE, false) <= width;
  if (!fits) return at(1, true);
  const told = end(SMALLEST_SCALE, true) <= width;
  if (end(GREATEST_SCALE, told) <= width) return at(GREATEST_SCALE, told);
  let low = SMALLEST_SCALE;
  let high = GREATEST_SCALE;
  for (let step = 0; step < 10; step += 1) {
    const middle = (low + high) / 2;
    if (end(middle, told) <= width) low = middle;
    else high = middle;
  }
  return at(low, told);
}

/** The call that a node's words are about: of a row of like work only where a turn is one call. */
function modelOf({ span, repeats }: Step): Span["llm"] {
  return repeats === null || repeats.of.period === 1 ? span.llm : null;
}

/** Tokens in and out of a call, with a mark where figures were not understood; of a row of like work what all of it comes to. */
export function figuresOf({ span: { llm }, repeats }: Step): readonly string[] {
  if (repeats !== null) return sumWords(repeats.of);
  if (llm === null || (llm.tokensIn === null && llm.tokensOut === null && llm.malformed.length === 0)) return [];
  return [`${formatTokens(llm.tokensIn)} → ${formatTokens(llm.tokensOut)}${llm.malformed.length > 0 ? " ⚠" : ""}`];
}

/** The horizontal room that a node's words ask for. */
function nameRoom(step: Step): number {
  if (step.shape === "start" || step.shape === "plan" || step.shape === "note" || step.shape === "escalated") return 30;
  const longest = Math.max(...twoLines(step.name, NAME_CHARACTERS).map(widthOf));
  const reason = step.lane > 0 && step.failed ? widthOf(reasonOf(step) ?? "") * SMALL_CHARACTER_PX : 0;
  const llm = modelOf(step);
  const model = llm === null ? 0 : widthOf(shortModel(llm.model)) * SMALL_CHARACTER_PX + 12;
  const sums =
    step.repeats === null ? [] : figuresOf(step).map((line) => line.length * SMALL_CHARACTER_PX + FIGURES_GAP_PX);
  return (
    Math.max(
      Math.min(REASON_ROOM_LIMIT, reason),
      ...sums,
      Math.min(NAME_ROOM_LIMIT, Math.max(longest * NAME_CHARACTER_PX, model)),
    ) + 4
  );
}

/** The word or two that a failed try shows under its name. */
function reasonOf(step: Step): string | null {
  const reason = step.span.exception?.type ?? step.span.exception?.message ?? null;
  return reason === null ? null : fitted(reason, REASON_CHARACTERS);
}

/** Where the way home turns up: under a node whose name stands above it, else left of the words below it. */
function homewardRoom(step: Step): number {
  return isNamedAbove(step.shape) ? 24 : Math.max(24, nameRoom(step) / 2 + 12);
}

function isNamedAbove(shape: StepShape): boolean {
  return shape === "escalated" || shape === "plan";
}

function curveRoom(backoffMs: number): number {
  return 26 + Math.min(24, 2.4 * Math.sqrt(backoffMs / 1000));
}

/** The room that the words over a connector ask for. */
function elapsedRoom(elapsedMs: number): number {
  return elapsedMs < ELAPSED_TOLD_MS ? 0 : formatDuration(elapsedMs).length * SMALL_CHARACTER_PX + ELAPSED_GAP_PX;
}

/** Whether the way from a node shows work of its own (and so needs room for a label). */
function worked(step: Step, elapsedMs: number): boolean {
  return step.workEndMs > step.atMs || elapsedMs > 500;
}

function positions(steps: Step[], scale: number, told: boolean, branches: readonly (string | null)[]): number[] {
  const roomOf = (index: number) =>
    Math.max(
      nameRoom(steps[index] as Step),
      (branches[index] == null ? 0 : widthOf(branches[index]) + 5) * SMALL_CHARACTER_PX,
    );
  const xs: number[] = [];
  let x = MARGIN;
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    if (before === undefined) {
      x += HALF[step.shape];
    } else {
      const elapsedMs = step.atMs - before.atMs;
      const halves = HALF[before.shape] + HALF[step.shape];
      if (step.arrives === "backoff") {
        const workMs = Math.max(0, Math.min(before.workEndMs, step.atMs) - before.atMs);
        x +=
          halves +
          Math.max(connectorLength(workMs, true, scale), told ? elapsedRoom(workMs) : 0) +
          curveRoom(step.backoffMs);
      } else {
        const stretched = connectorLength(elapsedMs, worked(before, elapsedMs), scale);
        const length = Math.max(stretched, told && worked(before, elapsedMs) ? elapsedRoom(elapsedMs) : 0);
        const homeward = step.arrives === "home" ? homewardRoom(step) : 0;
        const stems = before.stem.length > 0 && step.stem.length > 0 && step.lane === before.lane ? STEMS_APART : 0;
        x += Math.max(halves + length + homeward, (roomOf(index - 1) + roomOf(index)) / 2, stems);
      }
    }
    xs.push(x);
  }
  return xs;
}

function leadersOf(groups: readonly Group[]): ReadonlySet<number> {
  return new Set(groups.map(({ from }) => from));
}

/** Lanes part further where something hangs from the nodes above them. */
function lanePositions(steps: Step[], lineY: number): number[] {
  const extra = [0, 0, 0, 0];
  for (const [index, step] of steps.entries()) {
    const inTheWay = step.lane > 0 || steps[index + 1]?.arrives === "backoff";
    if (!inTheWay || step.stem.length === 0) continue;
    extra[step.lane] = Math.max(extra[step.lane] ?? 0, step.stem.length * STEM_ROW + 8);
  }
  const ys = [lineY];
  for (let lane = 1; lane < 4; lane += 1) ys.push((ys[lane - 1] as number) + LANE_GAP + (extra[lane - 1] as number));
  return ys;
}

function placeStep(step: Step, x: number, y: number, leads: boolean, branch: string | null): PlacedStep {
  const nameless = step.shape === "start" || step.shape === "note";
  const nameAbove = isNamedAbove(step.shape);
  const lines = nameless ? [] : nameAbove ? [fitted(step.name, 18)] : twoLines(step.name, NAME_CHARACTERS);
  if (step.repeats !== null) lines.push(turnCount(step.repeats.of));
  const llm = modelOf(step);
  const below = nameAbove || lines.length === 0 ? y + 18 : y + 31 + 13 * (lines.length - 1);
  const model = llm === null ? null : shortModel(llm.model);
  const afterModel = model === null ? below : below + 4 + 16;
  const figures = figuresOf(step);
  const reason = step.lane > 0 && step.failed ? reasonOf(step) : null;
  const stemFromY = afterModel + 13 * figures.length + (reason === null ? 5 : 18);
  const stem = step.stem.map((item, row) => ({ item, y: stemFromY + 16 + row * STEM_ROW, label: item.span.name }));
  return {
    step,
    x,
    y,
    lines,
    nameAbove,
    reason,
    model,
    modelWidth: model === null ? 0 : widthOf(model) * SMALL_CHARACTER_PX + 13,
    modelY: below + 4,
    figures,
    stem,
    stemFromY,
    leads,
    branch,
  };
}

/** A stem's words end where the next stem, or a lane below, begins. */
function fitStems(placed: PlacedStep[]): void {
  let nextX = Number.POSITIVE_INFINITY;
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    const each = placed[index] as PlacedStep;
    if (each.stem.length > 0) {
      // Below the words of the neighbours that its own reach under.
      const neighbours = [placed[index + 1], placed[index + 2]].map((next) =>
        next !== undefined && next.y === each.y && next.x - each.x < STEM_REACH ? next.stemFromY + 11 : 0,
      );
      const firstY = Math.max(each.stemFromY + 16, ...neighbours);
      for (const [row, item] of each.stem.entries()) item.y = firstY + row * STEM_ROW;
      for (const row of each.stem) {
        const room = nextX - each.x - 34 - row.item.indent * 12 - 44;
        row.label = fitted(row.item.span.name, Math.max(6, Math.min(26, Math.floor(room / SMALL_CHARACTER_PX))));
      }
      nextX = each.x;
    }
    if (each.step.shape === "approval_asked") nextX = Math.min(nextX, each.x - 8);
  }
}

function placeLinks(placed: PlacedStep[]): PlacedLink[] {
  const links: PlacedLink[] = [];
  // Work that began earlier and may still be going on, and approvals still pending, where a node itself does nothing.
  let cover: Step | null = null;
  let pendingUntilMs = Number.NEGATIVE_INFINITY;
  let longest: PlacedLink | null = null;
  for (let index = 1; index < placed.length; index += 1) {
    const from = placed[index - 1] as PlacedStep;
    const to = placed[index] as PlacedStep;
    const { step } = from;
    if (step.shape === "approval_asked" && step.approval !== null)
      pendingUntilMs = Math.max(pendingUntilMs, step.approval.endMs);
    const elapsedMs = Math.max(0, to.step.atMs - step.atMs);
    const x1 = from.x + HALF[step.shape];
    const backoff = to.step.arrives === "backoff";
    const x2 = backoff ? to.x - HALF[to.step.shape] - curveRoom(to.step.backoffMs) : to.x - HALF[to.step.shape];
    const workMs =
      step.shape === "approval_asked" ? 0 : Math.max(0, Math.min(step.workEndMs, to.step.atMs) - step.atMs);
    const restTone: Tone =
      pendingUntilMs >= to.step.atMs && step.atMs < pendingUntilMs
        ? "human"
        : coverTone(cover, to.step.atMs, elapsedMs - workMs);
    const share = elapsedMs === 0 ? 0 : workMs / elapsedMs;
    const segments: Segment[] = [];
    const workTone = workToneOf(from);
    if (backoff || share > 0.92) segments.push({ tone: backoff && step.failed ? "failure" : workTone, x1, x2 });
    else if (share < 0.04) segments.push({ tone: restTone, x1, x2 });
    else {
      const split = x1 + Math.max(8, (x2 - x1) * share);
      segments.push({ tone: workTone, x1, x2: split }, { tone: restTone, x1: split, x2 });
    }
    const link: PlacedLink = {
      from,
      to,
      arrives: to.step.arrives,
      elapsedMs: backoff ? workMs : elapsedMs,
      segments,
      railEnd: x2,
      homeX: isNamedAbove(to.step.shape) ? to.x : to.x - nameRoom(to.step) / 2 - 6,
      labelX: (x1 + x2) / 2,
      longest: false,
      tone: share >= 0.5 ? workTone : restTone,
      backoffMs: to.step.backoffMs,
    };
    links.push(link);
    if (longest === null || link.elapsedMs > longest.elapsedMs) longest = link;
    if (step.shape === "action" && (cover === null || step.workEndMs > cover.workEndMs)) cover = step;
  }
  if (longest !== null && links.length > 2 && longest.elapsedMs >= 1000) longest.longest = true;
  return links;
}

/** The colour of what ran: an action that failed by what is inside of it did its own work till then. */
function workToneOf({ step, leads }: PlacedStep): Tone {
  if (step.tone === "human") return "plain";
  return step.tone === "failure" && leads && step.span.children.length > 0 ? "work" : step.tone;
}

function coverTone(cover: Step | null, untilMs: number, restMs: number): Tone {
  if (cover !== null && cover.workEndMs >= untilMs) return cover.tone === "failure" ? "work" : cover.tone;
  return restMs > 1000 ? "idle" : "plain";
}

function placeBrackets(placed: PlacedStep[], byKey: Map<string, PlacedStep>): PlacedBracket[] {
  const brackets: PlacedBracket[] = [];
  for (const each of placed) {
    const approval = each.step.approval;
    if (each.step.shape !== "approval_asked" || approval === null) continue;
    const answered = byKey.get(`${approval.id}:answered`);
    const x2 = answered !== undefined && answered.y === each.y ? answered.x : null;
    if (x2 === null || x2 - each.x < 84) continue;
    const room = Math.floor((x2 - each.x + 64) / SMALL_CHARACTER_PX);
    const asked = approval.human?.askedOf;
    const answeredBy = approval.human?.answeredBy;
    const who = [
      asked ? `${asked} asked` : null,
      answeredBy ? `${answeredBy} ${approval.outcome === "failed" ? "rejected" : "approved"}` : null,
    ]
      .filter((part) => part !== null)
      .join(", ");
    brackets.push({
      span: approval,
      x1: each.x,
      x2,
      y: each.y + 52,
      quote: approval.summary === null ? null : `“${fitted(approval.summary, Math.max(12, room))}”`,
      who: who === "" ? null : fitted(who, Math.max(14, room)),
    });
  }
  return brackets;
}

function placeOverlays(stretches: RetryStretch[], byKey: Map<string, PlacedStep>): PlacedOverlay[] {
  const placed: PlacedOverlay[] = [];
  for (const stretch of stretches) {
    const from = byKey.get(stretch.fromKey);
    const to = byKey.get(stretch.toKey);
    if (from === undefined || to === undefined || from.y !== to.y) continue;
    placed.push({ stretch, x1: from.x + HALF[from.step.shape], x2: to.x - HALF[to.step.shape] - 2, y: from.y });
  }
  return placed;
}

/** `00:49:17`, and what stays free between two of them. */
const CLOCK_PX = 8 * SMALL_CHARACTER_PX;
const CLOCK_GAP_PX = 12;

/** Wall clocks over the start, the end, and wherever the longest gaps and people's answers are: as many as fit. */
function placeClocks(placed: PlacedStep[], links: PlacedLink[], lineY: number): PlacedClock[] {
  const first = placed[0];
  const last = placed.at(-1);
  if (first === undefined || last === undefined) return [];
  const clocks: PlacedClock[] = [{ x: first.x - 7, atMs: first.step.atMs, anchor: "start" }];
  const roomForBoth = last.x + 15 - (first.x - 7) > 2 * CLOCK_PX + CLOCK_GAP_PX;
  const end: PlacedClock = roomForBoth
    ? { x: last.x + 15, atMs: last.step.atMs, anchor: "end" }
    : { x: first.x - 7 + CLOCK_PX + CLOCK_GAP_PX, atMs: last.step.atMs, anchor: "start" };
  let busyUntil = first.x + 56;
  for (const link of links) {
    for (const at of link.longest ? [link.from, link.to] : [link.to]) {
      const wanted = link.longest || at.step.shape === "approval_answered" || at.step.shape === "approval_asked";
      const rhythm = at.x - busyUntil > 420;
      if (!(wanted || rhythm) || at.x - 26 < busyUntil || at.x + 26 > last.x - 48 || at.nameAbove || at.y !== lineY)
        continue;
      clocks.push({ x: at.x, atMs: at.step.atMs, anchor: "middle" });
      busyUntil = at.x + 30;
    }
  }
  clocks.push(end);
  return clocks;
}

function bottomOf(placed: PlacedStep[], brackets: PlacedBracket[]): number {
  let bottom = 0;
  for (const each of placed) {
    const rows = each.stem.length + (each.step.stemHidden > 0 ? 1 : 0);
    const stemBottom = rows === 0 ? each.stemFromY : (each.stem[0]?.y ?? each.stemFromY) + rows * STEM_ROW - 10;
    bottom = Math.max(bottom, stemBottom + (each.step.failed && each.step.lane > 0 ? 12 : 0));
  }
  for (const bracket of brackets) bottom = Math.max(bottom, bracket.y + 40);
  return bottom;
}
