import type { Decision } from '#src/gateway/decision.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { distance, markOf, type PromptMark } from './simhash.ts';

/** What is counted of the calls of one caller in one stretch of time. */
export type Tally = {
  calls: number;
  /** Calls whose prompt is unlike everything the caller asked lately. */
  novel: number;
  /** Calls whose prompt is one of a crowd of slightly different ones. */
  probing: number;
  /** Calls that asked for probabilities or several answers, and how many values they got: tokens times alternatives. */
  harvestCalls: number;
  harvested: number;
  /** Calls a check stopped because of what they said. */
  blocked: number;
  /** Calls that tried to get at instructions; answers that held some. */
  extraction: number;
  leaked: number;
  canary: number;
  modelRefused: number;
  /** Sum and sum of squares of the prompts' lengths in characters. */
  characters: number;
  charactersSquared: number;
};

/** What an hour of the caller is usually like: means that follow slowly, so that an attack does not become its own normal. */
export type Baseline = {
  /** Hours that were closed since the caller was first seen, quiet ones included. */
  hours: number;
  calls: number;
  harvested: number;
  blockedShare: number;
  refusedShare: number;
  /** Different callers' addresses within a day. */
  addresses: number;
  /** Standard deviation over mean of the prompts' lengths in an hour; absent until hours with enough calls are known. */
  lengthSpread?: number;
  /** How many hours `lengthSpread` rests on. */
  spreadHours?: number;
};

export type CallerState = {
  firstAt: number;
  lastAt: number;
  /** Stretches of five minutes of the last hour, oldest first. */
  slots: [slot: number, tally: Tally][];
  /** The last 24 hours, oldest first. */
  hours: [hour: number, tally: Tally][];
  recent: PromptMark[];
  /** When each caller digest was last seen, in hours since 1970. */
  addresses: Record<string, number>;
  baseline: Baseline;
  /** What was found lately, so that it is told once and not with every call. */
  told: Record<string, { at: number; severity: string }>;
};

const SLOT_MS = 5 * 60_000;
const SLOTS = 12;
const HOURS = 24;
const RECENT_MAX = 256;
const ADDRESSES_MAX = 400;
/** Closer than this is the same text with a word changed; further than `NOVEL_BITS` has nothing in common. */
const CLOSE_BITS = 4;
const NOVEL_BITS = 16;
/** So many close ones make a crowd. What is typed letter by letter has few: each is close to its neighbors alone. */
const CROWD = 24;

export function emptyTally(): Tally {
  return {
    calls: 0,
    novel: 0,
    probing: 0,
    harvestCalls: 0,
    harvested: 0,
    blocked: 0,
    extraction: 0,
    leaked: 0,
    canary: 0,
    modelRefused: 0,
    characters: 0,
    charactersSquared: 0,
  };
}

export function newCaller(atMs: number): CallerState {
  return {
    firstAt: atMs,
    lastAt: atMs,
    slots: [],
    hours: [],
    recent: [],
    addresses: {},
    baseline: { hours: 0, calls: 0, harvested: 0, blockedShare: 0, refusedShare: 0, addresses: 0 },
    told: {},
  };
}

/** Takes one decision in, in place. Decisions that come more than an hour late count for the day only. */
export function note(state: CallerState, decision: Decision): void {
  const at = decision.occurredAt;
  if (at > state.lastAt) advance(state, at);
  const tally = tallyOf(state, decision);
  addTo(state.slots, Math.floor(at / SLOT_MS), tally, SLOTS);
  addTo(state.hours, Math.floor(at / HOUR_MS), tally, HOURS);
  if (decision.callerDigest !== null) {
    state.addresses[decision.callerDigest] = Math.floor(at / HOUR_MS);
    if (Object.keys(state.addresses).length > ADDRESSES_MAX) forgetOldest(state.addresses);
  }
}

/** Moves the state's time on: closes the hours that are over and lets go of what is old. */
export function advance(state: CallerState, atMs: number): void {
  const hour = Math.floor(atMs / HOUR_MS);
  const last = Math.floor(state.lastAt / HOUR_MS);
  // After a long silence the quiet hours are counted, and not one by one.
  for (let closed = Math.max(last, hour - 24 * 14); closed < hour; closed++) closeHour(state, closed);
  state.lastAt = atMs;
  state.slots = state.slots.filter(([slot]) => slot > Math.floor(atMs / SLOT_MS) - SLOTS);
  state.hours = state.hours.filter(([each]) => each > hour - HOURS);
  for (const [digest, seen] of Object.entries(state.addresses))
    if (seen <= hour - HOURS) delete state.addresses[digest];
}

function tallyOf(state: CallerState, decision: Decision): Tally {
  const tally = emptyTally();
  const { signals, verdicts, refusal, tokens } = decision;
  tally.calls = 1;
  const alternatives = Math.max(signals.topLogprobs, signals.logprobsAsked ? 1 : 0);
  if (alternatives > 0 || signals.nAsked > 1) {
    tally.harvestCalls = 1;
    tally.harvested = Math.round(tokens.output * Math.max(1, alternatives));
  }
  if (refusal !== null && CONTENT_REFUSALS.has(refusal.code)) tally.blocked = 1;
  if (signals.refusedByModel) tally.modelRefused = 1;
  for (const verdict of verdicts) {
    if (verdict.outcome === 'clean' || verdict.outcome === 'not_evaluated') continue;
    if (verdict.kinds.includes('prompt_extraction')) tally.extraction = 1;
    if (verdict.detector === 'prompt_leak') tally.leaked = 1;
    if (verdict.detector === 'canary') tally.canary = 1;
  }
  if (signals.promptCharacters > 0) {
    tally.characters = signals.promptCharacters;
    tally.charactersSquared = signals.promptCharacters ** 2;
  }
  const mark = markOf(signals.promptSimhash, signals.promptCharacters);
  if (mark) compare(state, mark, tally);
  return tally;
}

const CONTENT_REFUSALS = new Set([
  'content_blocked',
  'rule_blocked',
  'output_blocked',
  'canary_leak',
  'tool_not_allowed',
  'tool_arguments_invalid',
]);

function compare(state: CallerState, mark: PromptMark, tally: Tally): void {
  let nearest = 64;
  let close = 0;
  for (const other of state.recent) {
    const bits = distance(mark, other);
    if (bits < nearest) nearest = bits;
    // The very same prompt again is a retry or a check that the service answers.
    if (bits > 0 && bits <= CLOSE_BITS && Math.abs(other.characters - mark.characters) <= 0.05 * mark.characters)
      close++;
  }
  if (nearest >= NOVEL_BITS) tally.novel = 1;
  if (close >= CROWD) tally.probing = 1;
  if (nearest === 0) return;
  state.recent.push(mark);
  if (state.recent.length > RECENT_MAX) state.recent.shift();
}

function addTo(list: [number, Tally][], number: number, tally: Tally, kept: number): void {
  const newest = list.at(-1)?.[0] ?? number;
  if (number <= newest - kept) return;
  let held = list.findLast(([each]) => each === number)?.[1];
  if (!held) {
    held = emptyTally();
    const place = list.findLastIndex(([each]) => each < number) + 1;
    list.splice(place, 0, [number, held]);
  }
  for (const member of Object.keys(tally) as (keyof Tally)[]) held[member] += tally[member];
}

export function sumOf(list: readonly [number, Tally][]): Tally {
  const sum = emptyTally();
  for (const [, tally] of list) for (const member of Object.keys(sum) as (keyof Tally)[]) sum[member] += tally[member];
  return sum;
}

/** Standard deviation over mean of the prompts' lengths. */
export function spreadOf({ calls, characters, charactersSquared }: Tally): number {
  if (calls === 0 || characters === 0) return Number.POSITIVE_INFINITY;
  const mean = characters / calls;
  return Math.sqrt(Math.max(0, charactersSquared / calls - mean * mean)) / mean;
}

/** Follows over about two days; the first hours count more, so that a new caller soon has a normal. */
const FOLLOW = 0.02;
/** An hour moves the mean at most to this many times what it was, plus what anybody may do. */
const GROWTH = 2;
/** Fewer calls than this say little of how much lengths differ. */
export const SPREAD_CALLS_LEAST = 20;
/** Nobody's normal is to be stopped more often than this. */
const BLOCKED_SHARE_MAX = 0.05;

function closeHour(state: CallerState, hour: number): void {
  const tally = state.hours.find(([each]) => each === hour)?.[1] ?? emptyTally();
  const { baseline } = state;
  const weight = Math.max(FOLLOW, 1 / (baseline.hours + 1));
  const follow = (mean: number, value: number, free: number) =>
    mean + weight * (Math.min(value, baseline.hours < 6 ? value : GROWTH * mean + free) - mean);
  baseline.calls = follow(baseline.calls, tally.calls, 100);
  baseline.harvested = follow(baseline.harvested, tally.harvested, 2_000);
  baseline.addresses = follow(baseline.addresses, Object.keys(state.addresses).length, 2);
  if (tally.calls > 0) {
    baseline.blockedShare = follow(
      baseline.blockedShare,
      Math.min(tally.blocked / tally.calls, BLOCKED_SHARE_MAX),
      0.005,
    );
    baseline.refusedShare = follow(baseline.refusedShare, tally.modelRefused / tally.calls, 0.01);
  }
  if (tally.calls >= SPREAD_CALLS_LEAST) {
    const known = baseline.spreadHours ?? 0;
    const before = baseline.lengthSpread ?? 0;
    baseline.lengthSpread = before + Math.max(FOLLOW, 1 / (known + 1)) * (spreadOf(tally) - before);
    baseline.spreadHours = known + 1;
  }
  baseline.hours++;
}

function forgetOldest(addresses: Record<string, number>): void {
  let oldest: string | undefined;
  for (const [digest, seen] of Object.entries(addresses))
    if (oldest === undefined || seen < (addresses[oldest] ?? 0)) oldest = digest;
  if (oldest !== undefined) delete addresses[oldest];
}
