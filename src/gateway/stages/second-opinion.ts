import { type Call, nowUs } from '../call.ts';
import type { Verdict } from '../decision.ts';
import type { Doubt, Screening } from '../screening/screening.ts';
import type { SecondOpinionRule } from '../snapshot.ts';

/** Most texts of one call that are asked about: each may take as long as a call to a model. */
const ASKED_MAX = 16;

type Opinion = { score: number; version: string };

/** Asks somebody else about the texts in doubt, and takes for attacks those that are called so. */
export async function askSecondOpinion(call: Call, screening: Screening): Promise<void> {
  const rule = call.policy?.policy.secondOpinion;
  if (!rule) return;
  const startedUs = nowUs();
  const doubts = screening.doubts.slice(0, ASKED_MAX);
  let failure =
    screening.doubts.length > ASKED_MAX ? `${screening.doubts.length - ASKED_MAX} texts were not asked about` : null;
  let version = '';
  let highest: number | null = null;
  let characters = 0;
  for (const doubt of doubts) {
    if (screening.blocked || call.left) break;
    try {
      const opinion = await opinionOn(call, rule, doubt);
      version = opinion.version;
      characters += doubt.text.length;
      highest = Math.max(highest ?? 0, opinion.score);
      if (opinion.score >= leastOf(rule)) passOn(call, doubt, screening.condemn(doubt, opinion.score));
    } catch (error) {
      call.parts.log.warn({ err: error, decision: call.id }, 'a second opinion could not be had');
      failure ??= error instanceof Error ? error.message.slice(0, 200) : 'it could not be asked';
    }
  }
  if (failure !== null) screening.fail(`second opinion: ${failure}`);
  const tookUs = nowUs() - startedUs;
  call.checksUs += tookUs;
  call.checks.push({
    detector: 'check:second_opinion',
    direction: 'input',
    action: 'flag',
    outcome: outcomeOf(highest, rule, failure),
    score: highest === null ? null : Math.round(highest * 1e4) / 1e4,
    threshold: leastOf(rule),
    kinds: [],
    spans: [],
    charactersScanned: characters,
    fieldsScanned: doubts.length,
    detectorVersion: version,
    tookUs: Math.round(tookUs),
    reason: failure,
  });
}

function outcomeOf(highest: number | null, rule: SecondOpinionRule, failure: string | null): Verdict['outcome'] {
  if (highest !== null && highest >= leastOf(rule)) return 'flagged';
  return failure === null && highest !== null ? 'clean' : 'not_evaluated';
}

/** A judge answers yes or no. */
function leastOf(rule: SecondOpinionRule): number {
  return rule.by === 'model' ? rule.threshold : 0.5;
}

async function opinionOn(call: Call, rule: SecondOpinionRule, { text, role }: Doubt): Promise<Opinion> {
  const { secondOpinion, opinions } = call.parts;
  if (secondOpinion === null) throw new Error('this gateway has nobody to ask');
  const provider = rule.by === 'judge' ? (call.prepared.providers.get(rule.providerId) ?? null) : null;
  // Turns of a conversation come again with every call.
  const key = opinions.key(call.tenantId ?? '', call.policy?.policy.digest ?? '', role, text);
  const known = opinions.get(key);
  if (known) return known;
  const opinion = await secondOpinion.ask({ text, role, rule, provider });
  opinions.set(key, opinion);
  return opinion;
}

function passOn(call: Call, doubt: Doubt, text: string): void {
  if (text === doubt.text) return;
  call.asked?.texts.fields.find((field) => field.path === doubt.path)?.set(text);
}
