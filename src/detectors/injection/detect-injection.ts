import type { Finding } from '../finding.ts';
import { HintIndex } from '../text/hints.ts';
import { type MappedText, toOriginal } from '../text/mapped-text.ts';
import { type NormalizedText, normalize } from '../text/normalize.ts';
import { repairSpelling } from '../text/spelling.ts';
import { type Model, sigmoid } from './model.ts';
import { type Scored, scoreDocument, scorePrompt } from './score.ts';
import { SIGNATURES, SIGNATURES_VERSION } from './signatures.ts';

/**
 * Who a text comes from. `user`: asks for something, is judged whole. `document` and `tool`: are read, not obeyed; any
 * sentence that gives orders counts. `system` and `assistant`: the operator's own words and the model's, never judged here.
 */
export type Role = 'user' | 'document' | 'tool' | 'system' | 'assistant';

export type InjectionOptions = {
  /** Log-odds above which a user text is reported. Default set on held-out rows, see docs/guides/detectors.md. */
  promptThreshold?: number;
  documentThreshold?: number;
  /** Kinds of signatures to leave out. */
  without?: readonly string[];
};

export type InjectionDetector = (text: string | NormalizedText, role: Role) => { findings: Finding[]; score: number };

export const PROMPT_THRESHOLD = 0.65;
export const DOCUMENT_THRESHOLD = -0.3;
/** A text that hides this many invisible characters among letters hides something. */
const HIDDEN_MANY = 12;
const DECODED_BONUS = 0.5;

export function compileInjection(model: Model, options: InjectionOptions = {}): InjectionDetector {
  const without = new Set(options.without ?? []);
  const signatures = SIGNATURES.filter((one) => !without.has(one.kind));
  const hints = new HintIndex(signatures.map((one) => one.hints));
  return (source, role) => {
    if (role === 'system' || role === 'assistant') return { findings: [], score: Number.NEGATIVE_INFINITY };
    const forms = typeof source === 'string' ? normalize(source) : source;
    const isRead = role === 'document' || role === 'tool';
    const threshold = isRead
      ? (options.documentThreshold ?? DOCUMENT_THRESHOLD)
      : (options.promptThreshold ?? PROMPT_THRESHOLD);
    const worst = worstOf(model, forms, isRead);
    const findings: Finding[] = [];
    if (worst.score > threshold) {
      findings.push({
        detector: 'injection',
        kind: isRead ? 'indirect_injection' : 'direct_injection',
        ...toOriginal(worst.mapped, worst.start, worst.end),
        confidence: sigmoid(worst.score - threshold),
        rule: `injection.model@${model.head.version}`,
        because: `the ${isRead ? 'sentence' : 'text'} reads like an attempt to change what the assistant does${worst.how}`,
      });
    }
    for (const mapped of distinctForms(forms)) findings.push(...signatureFindings(mapped, signatures, hints));
    if (
      forms.hidden.tags >= 4 ||
      (forms.hidden.invisible >= HIDDEN_MANY && forms.hidden.invisible * 8 > forms.clean.text.length)
    ) {
      findings.push({
        detector: 'injection',
        kind: 'hidden_text',
        start: 0,
        end: forms.original.text.length,
        confidence: forms.hidden.tags >= 4 ? 0.95 : 0.7,
        rule: `injection.hidden-characters@${SIGNATURES_VERSION}`,
        because: 'holds characters that no person can see',
      });
    }
    return { findings: dedupe(findings), score: worst.score - threshold };
  };
}

type Worst = Scored & { mapped: MappedText; how: string };

function worstOf(model: Model, forms: NormalizedText, isRead: boolean): Worst {
  const score = isRead ? scoreDocument : scorePrompt;
  let worst: Worst = { ...score(model, forms.plain.text), mapped: forms.plain, how: '' };
  if (forms.plain.text !== forms.original.text && forms.original.text.length <= forms.plain.text.length * 2) {
    const raw = score(model, forms.original.text);
    if (raw.score > worst.score) worst = { ...raw, mapped: forms.original, how: '' };
  }
  const repaired = repairSpelling(forms.plain);
  if (repaired !== null) {
    const spelled = score(model, repaired.text);
    if (spelled.score > worst.score) worst = { ...spelled, mapped: repaired, how: ' (after repairing its spelling)' };
  }
  for (const view of forms.decoded) {
    // Whoever encodes an order hides it; the decoded text is a request of its own, wherever it stood.
    const decoded = scorePrompt(model, view.mapped.text);
    const sum = decoded.score + DECODED_BONUS;
    if (sum > worst.score)
      worst = { ...decoded, score: sum, mapped: view.mapped, how: ` (after decoding ${view.how})` };
  }
  return worst;
}

function distinctForms(forms: NormalizedText): MappedText[] {
  const list = [forms.clean];
  if (forms.plain.text !== forms.clean.text) list.push(forms.plain);
  for (const view of forms.decoded) list.push(view.mapped);
  return list;
}

const MOST_OF_ONE = 20;

function signatureFindings(mapped: MappedText, signatures: typeof SIGNATURES, hints: HintIndex): Finding[] {
  const findings: Finding[] = [];
  const present = hints.find(mapped.text.toLowerCase());
  for (const [number, signature] of signatures.entries()) {
    if (present[number] === 0) continue;
    let count = 0;
    for (const match of mapped.text.matchAll(signature.pattern)) {
      if (++count > MOST_OF_ONE) break;
      findings.push({
        detector: 'injection',
        kind: signature.kind,
        ...toOriginal(mapped, match.index, match.index + match[0].length),
        confidence: signature.confidence,
        rule: `injection.${signature.id}@${SIGNATURES_VERSION}`,
        because: signature.because,
      });
    }
  }
  return findings;
}

function dedupe(findings: Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((one) => {
    const key = `${one.rule} ${one.start} ${one.end}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
