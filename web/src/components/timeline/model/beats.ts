import { type Attempt, type RetryChain, retryChains, SAME_MOMENT_MS } from "./retries";
import type { RunModel, Span } from "./types";

export type BeatShape =
  | "start"
  | "action"
  | "llm"
  | "asked"
  | "answered"
  | "escalated"
  | "plan"
  | "note"
  | "ended-failed"
  | "ended-done"
  | "running";
export type Tone = "work" | "llm" | "human" | "fail" | "plain" | "idle";

/** One node of the story. */
export interface Beat {
  key: string;
  span: Span;
  shape: BeatShape;
  failed: boolean;
  name: string;
  atMs: number;
  /** Until when its own work lasted; `atMs` for a moment. */
  workEndMs: number;
  tone: Tone;
  /** 0 is the main line; each retry drops one further. */
  lane: number;
  /** Nested work that hangs from the node. */
  stem: StemItem[];
  /** How many nested spans the stem leaves out. */
  stemHidden: number;
  /** How the story gets here from the beat before. */
  arrives: "rail" | "backoff" | "home";
  backoffMs: number;
  /** The approval that this node asked for or answered. */
  approval: Span | null;
}

export interface StemItem {
  span: Span;
  indent: number;
}

/** Words over a stretch in which lanes are open: what is being tried again. */
export interface Overlay {
  span: Span;
  fromKey: string;
  toKey: string;
  attempts: number;
}

export interface Story {
  beats: Beat[];
  overlays: Overlay[];
}

const STEM_ROWS = 4;
const LANES = 3;

/** Tells a run as a sequence of beats in order of time. Layout and drawing know nothing of spans' kinds beyond this. */
export function tellStory(run: RunModel): Story {
  const teller = new Teller(run);
  return teller.tell();
}

class Teller {
  private readonly beats: Beat[] = [];
  private readonly chainsOf = new Map<Span, RetryChain[]>();
  /** First attempts that the node of their parent stands for. */
  private readonly merged = new Map<Span, Span>();

  constructor(private readonly run: RunModel) {}

  tell(): Story {
    const { run } = this;
    this.visitChildren(run.root, true);
    this.beats.sort((a, b) => a.atMs - b.atMs);
    this.assignLanes();
    this.addEnds();
    return { beats: this.beats, overlays: this.overlays() };
  }

  private add(span: Span, shape: BeatShape, tone: Tone, more: Partial<Beat> = {}): Beat {
    const beat: Beat = {
      key: shape === "answered" ? `${span.id}:answered` : span.id,
      span,
      shape,
      failed: span.outcome === "failed",
      name: span.name,
      atMs: span.startMs,
      workEndMs: span.endMs,
      tone,
      lane: 0,
      stem: [],
      stemHidden: 0,
      arrives: "rail",
      backoffMs: 0,
      approval: null,
      ...more,
    };
    this.beats.push(beat);
    return beat;
  }

  private visit(span: Span): void {
    switch (span.kind) {
      case "action":
        this.visitAction(span);
        return;
      case "llm":
        this.add(span, "llm", "llm");
        return;
      case "approval":
        this.visitApproval(span);
        return;
      case "escalation":
        this.add(span, "escalated", "plain", { workEndMs: span.startMs });
        return;
      case "plan":
        this.add(span, "plan", "plain", { workEndMs: span.startMs });
        return;
      case "retry":
        return; // A retry is the way to its attempt, not a node.
      default:
        this.add(span, "note", "plain", { workEndMs: span.startMs });
    }
  }

  private visitAction(span: Span): void {
    const lift = liftsChildren(span);
    const chains = retryChains(span);
    const first = chains[0]?.first ?? null;
    const merge =
      first !== null &&
      first.startMs - span.startMs < SAME_MOMENT_MS &&
      first.kind === "action" &&
      first.parent === span;
    const failed = span.outcome === "failed" || merge;
    const beat = this.add(span, "action", failed ? "fail" : "work", { failed });
    if (merge) {
      this.merged.set(first, span);
      beat.span = first;
      beat.key = first.id;
      beat.workEndMs = first.endMs;
      this.hang(beat, first);
    } else if (chains[0] !== undefined && chains[0].attempts[0]?.work === null) {
      // Tries that the agent did not track by themselves: the first one lasted until the first retry.
      beat.workEndMs = chains[0].startMs;
      beat.tone = "fail";
    }
    if (!lift) this.hang(beat, span);
    this.visitChildren(span, lift);
  }

  private visitChildren(span: Span, lift: boolean): void {
    const chains = retryChains(span);
    if (chains.length > 0) this.chainsOf.set(span, chains);
    for (const child of span.children) {
      if (this.merged.has(child)) this.visitPromoted(child);
      else if (lift || isPromoted(child)) this.visit(child);
    }
    for (const chain of chains)
      for (const attempt of chain.attempts) if (attempt.work === null) this.addUntracked(chain, attempt);
  }

  private visitPromoted(span: Span): void {
    for (const child of span.children) if (isPromoted(child)) this.visit(child);
  }

  private addUntracked(chain: RetryChain, attempt: Attempt): void {
    const isLast = attempt === chain.attempts.at(-1);
    const failed = !isLast || chain.parent.outcome === "failed";
    this.add(attempt.retry, "action", failed ? "fail" : "work", {
      name: `attempt ${attempt.number}`,
      failed,
      atMs: attempt.startMs,
      workEndMs: attempt.endMs,
    });
  }

  private visitApproval(span: Span): void {
    const asked = span.events.some((event) => event.event_type === "approval_requested");
    const answered = span.events.some((event) => event.event_type === "approval_received");
    if (asked) this.add(span, "asked", "human", { name: "approval asked", failed: false, approval: span });
    if (!answered) return;
    this.add(span, "answered", "plain", {
      name: span.outcome === "failed" ? "rejected" : "approved",
      atMs: span.endMs,
      approval: span,
    });
  }

  /** Plain nested work goes on the stem, depth first, as far as it fits. */
  private hang(beat: Beat, span: Span): void {
    const walk = (parent: Span, indent: number): void => {
      for (const child of parent.children) {
        if (isPromoted(child) || child.kind === "retry") continue;
        if (beat.stem.length < STEM_ROWS) beat.stem.push({ span: child, indent });
        else beat.stemHidden += 1;
        walk(child, indent + 1);
      }
    };
    walk(span, 0);
  }

  private assignLanes(): void {
    for (const beat of this.beats) {
      const place = this.placeInChain(beat);
      if (place === null) continue;
      beat.lane = Math.min(place.index + 1, LANES);
      const attempt = place.chain.attempts[place.index];
      if (attempt !== undefined && (attempt.work === beat.span || attempt.retry === beat.span)) {
        beat.name = `attempt ${attempt.number}`;
      }
    }
    let before: { lane: number; chain: RetryChain | null; index: number } = { lane: 0, chain: null, index: -1 };
    for (const beat of this.beats) {
      const place = this.placeInChain(beat);
      if (place !== null && (before.chain !== place.chain || before.index < place.index)) {
        beat.arrives = "backoff";
        beat.backoffMs = place.chain.attempts[place.index]?.retry.backoffMs ?? 0;
      } else if (before.lane > beat.lane) {
        beat.arrives = "home";
      }
      before = { lane: beat.lane, chain: place?.chain ?? null, index: place?.index ?? -1 };
    }
  }

  /** The chain and the attempt within which a beat happened; null on the main line. */
  private placeInChain(beat: Beat): { chain: RetryChain; index: number } | null {
    for (let span: Span | null = beat.span.parent; span !== null; span = span.parent) {
      const chains = this.chainsOf.get(span);
      if (chains === undefined) continue;
      const chain = lastStarted(chains, beat.atMs);
      if (chain === null || beat.atMs > chain.endMs) continue;
      let index = chain.attempts.length - 1;
      while (index > 0 && (chain.attempts[index] as Attempt).retry.startMs > beat.atMs) index -= 1;
      return { chain, index };
    }
    return null;
  }

  private addEnds(): void {
    const { root, open } = this.run;
    const last = this.beats.at(-1);
    const lane = last?.lane ?? 0;
    const start = this.add(root, "start", "plain", {
      key: "start",
      name: "started",
      failed: false,
      workEndMs: root.startMs,
    });
    this.beats.pop();
    this.beats.unshift(start);
    const shape = open ? "running" : root.outcome === "failed" ? "ended-failed" : "ended-done";
    const name = open ? "running" : root.outcome === "failed" ? "failed" : "done";
    const end = this.add(root, shape, "plain", { key: "end", name, atMs: root.endMs, workEndMs: root.endMs });
    if (lane > 0 && !open) end.arrives = "home";
    if (lane > 0 && open) end.lane = lane;
  }

  private overlays(): Overlay[] {
    const overlays: Overlay[] = [];
    const positions = new Map(this.beats.map((beat, index) => [beat.key, index]));
    for (const [parent, chains] of this.chainsOf) {
      for (const chain of chains) {
        const head = this.beats.findIndex((beat) => beat.atMs >= chain.startMs && beat.lane > 0);
        const before = this.beats[head - 1];
        if (before === undefined) continue;
        const after = this.beats.slice(head).find((beat) => beat.lane === 0);
        if (after === undefined) continue;
        if ((positions.get(after.key) ?? 0) - head < 1) continue;
        const span = parent.kind === "action" ? parent : (chain.first ?? chain.attempts[0]?.work ?? parent);
        overlays.push({ span, fromKey: before.key, toKey: after.key, attempts: chain.attempts.length + 1 });
      }
    }
    return overlays;
  }
}

function lastStarted(chains: RetryChain[], atMs: number): RetryChain | null {
  let found: RetryChain | null = null;
  for (const chain of chains) {
    if (chain.startMs > atMs) break;
    found = chain;
  }
  return found;
}

/** Asked again and again for the same spans while a tree is walked; spans are rebuilt with their run, so entries never go stale. */
const promoted = new WeakMap<Span, boolean>();

/** Whether a child stands on the line of the story by itself, rather than hang from its parent. */
function isPromoted(span: Span): boolean {
  if (span.kind === "note") return false;
  if (span.kind !== "action") return true;
  const known = promoted.get(span);
  if (known !== undefined) return known;
  const answer = span.children.some(isPromoted);
  promoted.set(span, answer);
  return answer;
}

/** A parent whose children are the story: things were tried again in it, or there are too many for a stem. */
function liftsChildren(span: Span): boolean {
  if (span.children.some((child) => child.kind === "retry")) return true;
  return countHanging(span) > STEM_ROWS;
}

function countHanging(span: Span): number {
  let count = 0;
  for (const child of span.children) {
    if (isPromoted(child)) continue;
    count += 1 + countHanging(child);
    if (count > STEM_ROWS) break;
  }
  return count;
}
