import type { Decision } from '#src/gateway/decision.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { type CallerState, newCaller, note } from './caller-state.ts';
import { type Abuse, type CallerKind, detectAbuse, isNews } from './detect-abuse.ts';

export type Caller = { kind: CallerKind; id: string };

export type NewFinding = Abuse & {
  caller: Caller;
  tenantId: string | null;
  occurredAt: number;
  /** Some of the calls that made it. */
  decisionIds: string[];
};

const SLOT_MS = 5 * 60_000;
const EXAMPLES = 10;

export function callerKey({ kind, id }: Caller): string {
  return `${kind}:${id}`;
}

/** The callers a decision counts for: its key, and its tenant for what is spread over many keys. */
export function callersOf(decision: Decision): Caller[] {
  const callers: Caller[] = [];
  if (decision.keyId !== null) callers.push({ kind: 'key', id: decision.keyId });
  if (decision.tenantId !== null) callers.push({ kind: 'tenant', id: decision.tenantId });
  return callers;
}

/**
 * Takes decisions in, in the order they came, and returns what they show that was not told yet. `states` holds the state of
 * every caller in them that is known, by `callerKey`, and is changed in place; new ones are added.
 */
export function watchDecisions(decisions: readonly Decision[], states: Map<string, CallerState>): NewFinding[] {
  const found: NewFinding[] = [];
  const slots = new Map<string, number>();
  const examples = new Map<string, string[]>();
  const touched = new Map<string, { caller: Caller; tenantId: string | null }>();
  const judge = (key: string) => {
    const state = states.get(key);
    const of = touched.get(key);
    if (!state || !of) return;
    for (const abuse of detectAbuse(state, of.caller.kind)) {
      if (!isNews(state, abuse) || isToldOfKey(states, of, abuse)) continue;
      found.push({ ...abuse, ...of, occurredAt: state.lastAt, decisionIds: examples.get(key) ?? [] });
      if (of.caller.kind === 'key' && of.tenantId !== null) tellTenant(states, of.tenantId, abuse, state.lastAt);
    }
  };
  for (const decision of decisions) {
    for (const caller of callersOf(decision)) {
      const key = callerKey(caller);
      let state = states.get(key);
      if (!state) {
        state = newCaller(decision.occurredAt);
        states.set(key, state);
      }
      touched.set(key, { caller, tenantId: decision.tenantId });
      // Judged whenever five minutes are over, so that a long batch shows what a short one would have.
      const slot = Math.floor(decision.occurredAt / SLOT_MS);
      if ((slots.get(key) ?? slot) < slot) judge(key);
      slots.set(key, slot);
      note(state, decision);
      keepExample(examples, key, decision);
    }
  }
  // Keys first: what one key does is told of the key and not of its tenant.
  for (const kind of ['key', 'tenant'] as const)
    for (const [key, { caller }] of touched) if (caller.kind === kind) judge(key);
  return found;
}

// The tenant's state remembers what was told of one of its keys, under a name of its own.
const ofKey = (kind: string) => `key ${kind}`;

function tellTenant(states: Map<string, CallerState>, tenantId: string, abuse: Abuse, at: number): void {
  const tenant = states.get(callerKey({ kind: 'tenant', id: tenantId }));
  if (tenant) tenant.told[ofKey(abuse.kind)] = { at, severity: abuse.severity };
}

function isToldOfKey(states: Map<string, CallerState>, of: { caller: Caller }, abuse: Abuse): boolean {
  if (of.caller.kind !== 'tenant') return false;
  const state = states.get(callerKey(of.caller));
  const told = state?.told[ofKey(abuse.kind)];
  return state !== undefined && told !== undefined && state.lastAt - told.at < 25 * HOUR_MS;
}

/** The newest calls, those that were stopped or found fault with before others. */
function keepExample(examples: Map<string, string[]>, key: string, decision: Decision): void {
  let held = examples.get(key);
  if (!held) {
    held = [];
    examples.set(key, held);
  }
  held.push(decision.id);
  if (held.length > EXAMPLES) held.shift();
}
