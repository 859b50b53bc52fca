import { compileLeak } from '#src/detectors/prompt-leak/detect-leak.ts';
import { type Asked, type Call, nowUs, type Refusal } from '../call.ts';
import { KnownTurns } from '../screening/known-turns.ts';
import type { Screen } from '../screening/screen.ts';
import { Screening, type TextFindings } from '../screening/screening.ts';
import type { TextField } from '../wire/text-fields.ts';
import { withholdProbabilities } from './probabilities.ts';
import { askSecondOpinion } from './second-opinion.ts';

const LEAK_MAX_UNITS = 65_536;

/** Judges every text of the request, in order, and takes out what the policy says; rules of the policy come last. */
export function screenRequest(call: Call): Refusal | null | Promise<Refusal | null> {
  const { policy, asked } = call;
  if (policy === null || asked === null) throw new Error('no policy');
  const screening = screeningFor(call, policy.input);
  call.input = screening;
  const startedUs = nowUs();
  const finish = (): Refusal | null | Promise<Refusal | null> => {
    call.checksUs += nowUs() - startedUs;
    if (screening.doubts.length === 0 || screening.blocked) return concluded(call, asked, screening);
    return askSecondOpinion(call, screening).then(() => concluded(call, asked, screening));
  };
  if (asked.body === null) return finish();
  const { fields } = asked.texts;
  const known = new KnownTurns(call.parts.turns, screening.scope, fields);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as TextField;
    try {
      const found = known.at(i) ?? screening.judge(field.text, field.role);
      if (found instanceof Promise) return screenRest(screening, fields, i, found, known).then(finish);
      take(screening, field, found);
      known.judged(i, found);
    } catch (error) {
      failed(call, screening, error);
    }
    if (screening.blocked) break;
  }
  known.remember();
  return finish();
}

function take(screening: Screening, field: TextField, found: TextFindings): void {
  const text = screening.take(field, field.text, field.role, found);
  if (text === field.text) return;
  field.set(text);
  field.passed = text;
}

async function screenRest(
  screening: Screening,
  fields: readonly TextField[],
  from: number,
  first: Promise<TextFindings>,
  known: KnownTurns,
): Promise<void> {
  for (let i = from; i < fields.length && !screening.blocked; i++) {
    const field = fields[i] as TextField;
    try {
      const found = await (i === from ? first : (known.at(i) ?? screening.judge(field.text, field.role)));
      take(screening, field, found);
      known.judged(i, found);
    } catch (error) {
      screening.fail(error instanceof Error ? error.message.slice(0, 200) : 'a check failed');
    }
  }
  known.remember();
}

function failed(call: Call, screening: Screening, error: unknown): void {
  call.parts.log.error({ err: error, decision: call.id }, 'a check of a request could not be made');
  screening.fail('the check ended with an error');
}

export function screeningFor(call: Call, screen: Screen): Screening {
  const { parts, policy, tenantId } = call;
  const isInput = screen.direction === 'input';
  return new Screening({
    screen,
    tenantId: tenantId ?? '',
    policyDigest: policy?.policy.digest ?? '',
    salt: parts.salt,
    // Answers do not come again; only what callers send is remembered.
    memo: isInput ? parts.memo : null,
    canaries: tenantId === null ? [] : call.prepared.canariesForeignTo(tenantId),
    leak: !isInput && screen.leak !== null ? leakOf(call) : null,
    detectorVersion: policy?.detectorVersion ?? '',
  });
}

function leakOf(call: Call): ReturnType<typeof compileLeak> | null {
  const prompt = (call.asked?.texts.fields ?? [])
    .filter((field) => field.role === 'system' && /^(?:messages|input|system|instructions)/.test(field.path))
    .map((field) => field.text)
    .join('\n');
  return prompt === '' ? null : compileLeak({ prompt: prompt.slice(0, LEAK_MAX_UNITS) });
}

function concluded(call: Call, asked: Asked, screening: Screening): Refusal | null {
  const { texts } = asked;
  if (texts.unread > 0) noteUnread(call, `${texts.unread} images, sounds or files were not looked into`);
  if (texts.tokenLists > 0) {
    screening.fail('the prompt is given as token numbers');
    noteUnread(call, `${texts.tokenLists} prompts are token numbers and were not read`);
  }
  if (screening.canaryLeak) {
    const refusal = canaryRefusal(call, screening);
    if (refusal) return refusal;
  }
  if (screening.blocked) {
    const { detector } = screening.blocked.detector;
    return {
      code: 'content_blocked',
      message: `The policy of this gateway does not let this request through (${detector}).`,
    };
  }
  const withheld = asked.body === null ? null : withholdProbabilities(call, asked.body);
  if (withheld) return withheld;
  const ruled = applyRules(call, asked, screening);
  if (ruled) return ruled;
  if (screening.failure !== null) {
    if (call.policy?.policy.onFailure === 'closed')
      return {
        code: 'check_failed',
        message: 'A check of the request could not be made, and the policy lets nothing unchecked through.',
      };
    call.failOpen = true;
  }
  return null;
}

function noteUnread(call: Call, reason: string): void {
  call.checks.push({
    detector: 'check:unread_parts',
    direction: 'input',
    action: 'observe',
    outcome: 'not_evaluated',
    score: null,
    threshold: null,
    kinds: [],
    spans: [],
    charactersScanned: 0,
    fieldsScanned: 0,
    detectorVersion: '1',
    tookUs: 0,
    reason,
  });
}

/** A planted value of another tenant was seen. Unless the policy only watches for them, the call ends here. */
export function canaryRefusal(call: Call, screening: Screening): Refusal | null {
  const rule = screening.screen.detectors.find((one) => one.detector === 'canary');
  if (rule && rule.action !== 'block' && rule.action !== 'redact') return null;
  call.parts.log.error({ decision: call.id, tenant: call.tenantId }, 'data of another tenant was seen in a call');
  return { code: 'canary_leak', message: 'The call holds data that belongs to somebody else.' };
}

function applyRules(call: Call, asked: Asked, screening: Screening): Refusal | null {
  const { policy, caller, endpoint } = call;
  if (policy === null || policy.rules.length === 0) return null;
  const found = screening.notes.filter((one) => one.isFound);
  const facts = {
    request: {
      endpoint: endpoint?.name ?? 'other',
      model: asked.model ?? '',
      stream: asked.stream,
      maxTokens: asked.maxTokens ?? 0,
      turns: asked.turns,
      characters: asked.characters,
      tools: asked.tools,
      unreadParts: asked.texts.unread + asked.texts.tokenLists,
    },
    caller: { tenant: caller?.tenant.id ?? '', key: caller?.keyId ?? '', scopes: [...(caller?.scopes ?? [])] },
    found: {
      detectors: [...new Set(found.map((one) => one.detector.detector))],
      kinds: [...new Set(found.flatMap((one) => one.kinds))],
      injectionScore: Math.max(
        0,
        ...screening.notes.flatMap((one) => (one.detector.detector.startsWith('injection') ? [one.score ?? 0] : [])),
      ),
    },
  };
  let refusal: Refusal | null = null;
  for (const rule of policy.rules) {
    const startedUs = nowUs();
    let applies = false;
    let reason: string | null = null;
    try {
      applies = rule.applies(facts);
    } catch {
      reason = 'the rule could not be evaluated';
      screening.fail(`rule ${rule.id} could not be evaluated`);
    }
    call.checks.push({
      detector: `cel:${rule.id}`,
      direction: 'input',
      action: rule.action,
      outcome: reason !== null ? 'not_evaluated' : !applies ? 'clean' : rule.action === 'block' ? 'blocked' : 'flagged',
      score: null,
      threshold: null,
      kinds: [],
      spans: [],
      charactersScanned: 0,
      fieldsScanned: 0,
      detectorVersion: '1',
      tookUs: Math.round(nowUs() - startedUs),
      reason,
    });
    if (applies && rule.action === 'block')
      refusal ??= {
        code: 'rule_blocked',
        message: rule.message || `The policy's rule ${rule.id} refuses this request.`,
      };
  }
  return refusal;
}
