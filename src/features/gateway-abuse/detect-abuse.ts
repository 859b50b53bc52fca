import { HOUR_MS } from '#src/kernel/time.ts';
import { gammaP } from '#src/statistics/gamma.ts';
import { type CallerState, SPREAD_CALLS_LEAST, spreadOf, sumOf, type Tally } from './caller-state.ts';
import type { AbuseKind, AbuseSeverity } from './model.ts';

/** Goes up with every change of a rule or a number below, so that a finding says what found it. */
export const ABUSE_RULES_VERSION = 2;

export type Abuse = {
  kind: AbuseKind;
  severity: AbuseSeverity;
  title: string;
  /** With the numbers that were seen and those that are usual. */
  reasons: string[];
  numbers: Record<string, number>;
};

export type CallerKind = 'key' | 'tenant';

/** What the state of a caller shows at this moment. Pure: the same state gives the same answer. */
export function detectAbuse(state: CallerState, kind: CallerKind): Abuse[] {
  const hour = sumOf(state.slots);
  const day = sumOf(state.hours);
  return [
    sweep(state, hour, day, kind),
    probing(hour),
    harvest(state, hour, day),
    extraction(hour, day),
    refusals(state, hour),
    kind === 'key' ? sharing(state) : null,
  ].filter((abuse): abuse is Abuse => abuse !== null);
}

/** Before so many hours are known there is no telling what is usual, and higher limits hold. */
const KNOWN_HOURS = 6;
const isKnown = ({ baseline }: CallerState) => baseline.hours >= KNOWN_HOURS;

// Copying a model by its answers takes thousands of questions that have nothing in common (Tramer et al. 2016; Orekondy et
// al., Knockoff Nets, 2019). People who chat do the same more slowly, and what they write is of every length.
const SWEEP = {
  calls: 300,
  novelShare: 0.7,
  times: 4,
  unknownCalls: 1_000,
  spread: 0.5,
  timesAnyLength: 25,
  slowNovel: 6_000,
};

function sweep(state: CallerState, hour: Tally, day: Tally, kind: CallerKind): Abuse | null {
  const factor = kind === 'tenant' ? 2 : 1;
  const usual = Math.max(state.baseline.calls, 1);
  const spread = spreadOf(hour);
  const times = hour.calls / usual;
  const much = isKnown(state)
    ? hour.calls >= SWEEP.calls * factor && times >= SWEEP.times
    : hour.calls >= SWEEP.unknownCalls * factor;
  const uniform = spread < SWEEP.spread || (isKnown(state) && times >= SWEEP.timesAnyLength);
  if (much && uniform && hour.novel >= SWEEP.novelShare * hour.calls)
    return {
      kind: 'volume_sweep',
      severity: hour.calls >= 10 * SWEEP.calls * factor || times >= 10 ? 'high' : 'medium',
      title: `${say(hour.calls)} calls in an hour, nearly all about something new`,
      reasons: [
        isKnown(state)
          ? `${say(hour.calls)} calls within an hour; usual for this ${kind} are ${say(usual)}.`
          : `${say(hour.calls)} calls within an hour from a ${kind} that is known for ${state.baseline.hours} hours only.`,
        `${percent(hour.novel / hour.calls)} of the prompts have nothing in common with those before; ${percent(SWEEP.novelShare)} is the limit.`,
        `Lengths differ by ${percent(spread)} of their mean; people and applications differ by more than ${percent(SWEEP.spread)}.`,
      ],
      numbers: {
        calls: hour.calls,
        usualCalls: round(usual),
        novelShare: round(hour.novel / hour.calls),
        lengthSpread: round(spread),
      },
    };
  return slowSweep(state, day, kind, factor) ?? verySlowSweep(state, kind, factor);
}

// Slower than people type, a sweep still has what people have not: hour after hour, day and night, every prompt is new and
// all are of one length. Only where that is not what the caller has always done: a service that sorts titles does it too.
const PATIENT = { hours: 16, novel: 800, novelShare: 0.9, spread: 0.3, knownHours: 48, timesLess: 2.5 };

function verySlowSweep(state: CallerState, kind: CallerKind, factor: number): Abuse | null {
  const { spreadHours = 0, lengthSpread = 0 } = state.baseline;
  if (spreadHours < PATIENT.knownHours) return null;
  const even = state.hours.filter(
    ([, tally]) =>
      tally.calls >= SPREAD_CALLS_LEAST &&
      tally.novel >= PATIENT.novelShare * tally.calls &&
      spreadOf(tally) < PATIENT.spread,
  );
  const sum = sumOf(even);
  const spread = spreadOf(sum);
  if (even.length < PATIENT.hours || sum.novel < PATIENT.novel * factor) return null;
  if (lengthSpread < PATIENT.timesLess * spread) return null;
  return {
    kind: 'volume_sweep',
    severity: 'medium',
    title: `${say(sum.novel)} new prompts of one length, over ${even.length} hours of a day`,
    reasons: [
      `In ${even.length} of the last 24 hours at least ${percent(PATIENT.novelShare)} of the prompts of this ${kind} had nothing in common with those before.`,
      `Their lengths differ by ${percent(spread)} of their mean; usual for this ${kind} are ${percent(lengthSpread)}.`,
      `${say(sum.calls)} calls in these hours: too few for the limits by the hour or by the day.`,
    ],
    numbers: {
      evenHours: even.length,
      novel: sum.novel,
      lengthSpread: round(spread),
      usualLengthSpread: round(lengthSpread),
    },
  };
}

function slowSweep(state: CallerState, day: Tally, kind: CallerKind, factor: number): Abuse | null {
  const spread = spreadOf(day);
  if (day.novel < SWEEP.slowNovel * factor || day.novel < 0.9 * day.calls || spread >= 0.3) return null;
  return {
    kind: 'volume_sweep',
    severity: 'medium',
    title: `${say(day.novel)} prompts in a day that have nothing in common`,
    reasons: [
      `${say(day.calls)} calls within 24 hours from this ${kind}, ${percent(day.novel / day.calls)} of them about something new.`,
      `Their lengths differ by only ${percent(spread)} of their mean, hour after hour.`,
      `An hour of this ${kind} usually has ${say(state.baseline.calls)} calls: slow enough to pass every limit by the minute.`,
    ],
    numbers: { callsInDay: day.calls, novelInDay: day.novel, lengthSpread: round(spread) },
  };
}

const PROBING = { calls: 60, share: 0.4, high: 300 };

function probing(hour: Tally): Abuse | null {
  if (hour.probing < PROBING.calls || hour.probing < PROBING.share * hour.calls) return null;
  return {
    kind: 'near_duplicates',
    severity: hour.probing >= PROBING.high ? 'high' : 'medium',
    title: `${say(hour.probing)} prompts in an hour that differ in a word or two`,
    reasons: [
      `${say(hour.probing)} of ${say(hour.calls)} prompts within an hour are one of a crowd that differs in at most 4 of 64 bits of its SimHash.`,
      'The same prompt again does not count, nor does text that grows as it is typed.',
    ],
    numbers: { probing: hour.probing, calls: hour.calls },
  };
}

// Probabilities give away far more of a model than its words: the last layer can be computed from them (Carlini et al.,
// Stealing Part of a Production Language Model, 2024).
const HARVEST = { values: 20_000, calls: 30, times: 5, high: 100_000, day: 300_000 };

function harvest(state: CallerState, hour: Tally, day: Tally): Abuse | null {
  const usual = state.baseline.harvested;
  const unusual = !isKnown(state) || hour.harvested >= HARVEST.times * Math.max(usual, 1);
  const inHour = hour.harvested >= HARVEST.values && hour.harvestCalls >= HARVEST.calls && unusual;
  const inDay = day.harvested >= HARVEST.day && day.harvested >= HARVEST.times * 24 * Math.max(usual, 1);
  if (!inHour && !inDay) return null;
  const [seen, span] = inHour ? [hour, 'an hour'] : [day, 'a day'];
  return {
    kind: 'logprob_harvest',
    severity: seen.harvested >= HARVEST.high ? 'high' : 'medium',
    title: `${say(seen.harvested)} probabilities or alternatives taken in ${span}`,
    reasons: [
      `${say(seen.harvestCalls)} of ${say(seen.calls)} calls within ${span} asked for probabilities of tokens or for several answers.`,
      `They got ${say(seen.harvested)} values (tokens times alternatives); usual are ${say(usual)} an hour.`,
    ],
    numbers: { harvested: seen.harvested, harvestCalls: seen.harvestCalls, usualHarvested: round(usual) },
  };
}

const EXTRACTION = { hour: 5, day: 12, leaks: 3 };

function extraction(hour: Tally, day: Tally): Abuse | null {
  if (day.canary > 0)
    return {
      kind: 'prompt_extraction',
      severity: 'critical',
      title: 'A planted value came up under another tenant',
      reasons: [
        `${say(day.canary)} calls within 24 hours held a canary that was planted for somebody else.`,
        'That is data of one tenant in the traffic of another: treat it as an incident.',
      ],
      numbers: { canary: day.canary },
    };
  const leaks = hour.leaked >= EXTRACTION.leaks;
  if (!leaks && hour.extraction < EXTRACTION.hour && day.extraction < EXTRACTION.day) return null;
  return {
    kind: 'prompt_extraction',
    severity: 'high',
    title: leaks
      ? `${say(hour.leaked)} answers in an hour held parts of the instructions`
      : `${say(Math.max(hour.extraction, day.extraction))} attempts to get at the instructions`,
    reasons: [
      `${say(hour.extraction)} prompts within an hour and ${say(day.extraction)} within a day asked for the instructions; the limits are ${EXTRACTION.hour} and ${EXTRACTION.day}.`,
      `${say(hour.leaked)} answers within an hour held parts of them; the limit is ${EXTRACTION.leaks}.`,
    ],
    numbers: { extractionInHour: hour.extraction, extractionInDay: day.extraction, leakedInHour: hour.leaked },
  };
}

// Checks are wrong now and then, so a busy caller has refusals, too. Counted is what that cannot explain.
const REFUSALS = { blocked: 10, falseShare: 0.02, chance: 1e-5, refused: 20, refusedShare: 0.3 };

function refusals(state: CallerState, hour: Tally): Abuse | null {
  const { baseline } = state;
  const expected = hour.calls * Math.max(REFUSALS.falseShare, 3 * baseline.blockedShare);
  const chance = hour.blocked === 0 ? 1 : gammaP(hour.blocked, Math.max(expected, 1e-9));
  if (hour.blocked >= REFUSALS.blocked && chance < REFUSALS.chance)
    return {
      kind: 'repeated_refusals',
      severity: 'high',
      title: `${say(hour.blocked)} calls in an hour were stopped for what they said`,
      reasons: [
        `${say(hour.blocked)} of ${say(hour.calls)} calls within an hour were stopped by a check of their content.`,
        `Errors of the checks and what is usual here would explain ${say(expected)}.`,
      ],
      numbers: { blocked: hour.blocked, calls: hour.calls, expected: round(expected) },
    };
  const share = hour.calls === 0 ? 0 : hour.modelRefused / hour.calls;
  if (hour.modelRefused < REFUSALS.refused || share < Math.max(REFUSALS.refusedShare, 3 * baseline.refusedShare))
    return null;
  return {
    kind: 'repeated_refusals',
    severity: 'medium',
    title: `The model refused ${say(hour.modelRefused)} calls in an hour`,
    reasons: [
      `The model itself refused ${say(hour.modelRefused)} of ${say(hour.calls)} calls within an hour (${percent(share)}); usual are ${percent(baseline.refusedShare)}.`,
    ],
    numbers: { modelRefused: hour.modelRefused, calls: hour.calls, share: round(share) },
  };
}

const SHARING = { addresses: 12, times: 4, unknown: 40, knownHours: 12 };

function sharing(state: CallerState): Abuse | null {
  const addresses = Object.keys(state.addresses).length;
  const usual = state.baseline.addresses;
  const limit =
    state.baseline.hours >= SHARING.knownHours
      ? Math.max(SHARING.addresses, Math.ceil(SHARING.times * usual))
      : SHARING.unknown;
  if (addresses < limit) return null;
  return {
    kind: 'key_sharing',
    severity: addresses >= 2 * limit ? 'high' : 'medium',
    title: `One key from ${say(addresses)} addresses in a day`,
    reasons: [
      `${say(addresses)} different addresses used this key within 24 hours; usual are ${say(usual)}, and ${say(limit)} is the limit.`,
    ],
    numbers: { addresses, usualAddresses: round(usual), limit },
  };
}

const RANK: Record<AbuseSeverity, number> = { medium: 0, high: 1, critical: 2 };
const TELL_AGAIN_MS = HOUR_MS;

/** Whether to tell it now: it is new, it got worse, or it still goes on an hour later. Marks it as told. */
export function isNews(state: CallerState, abuse: Abuse): boolean {
  const told = state.told[abuse.kind];
  const worse = told !== undefined && RANK[abuse.severity] > (RANK[told.severity as AbuseSeverity] ?? 0);
  if (told && !worse && state.lastAt - told.at < TELL_AGAIN_MS) return false;
  state.told[abuse.kind] = { at: state.lastAt, severity: abuse.severity };
  return true;
}

function say(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
