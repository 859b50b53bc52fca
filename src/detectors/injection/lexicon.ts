import { isUnspaced, isWordUnit } from '../text/signs.ts';
import { LANGUAGES, type Language } from './languages.ts';

/** What a word of the lexicon speaks of. */
export const CONCEPTS = [
  'override',
  'instruction',
  'prior',
  'reveal',
  'prompt',
  'secret',
  'role',
  'free',
  'assistant',
  'exfiltrate',
  'quiet',
] as const;
export type Concept = (typeof CONCEPTS)[number];

/** Concepts that matter in documents and tool results, in the languages most of them are written in. */
const DOCUMENT_STEMS: readonly (readonly [Concept, string])[] = [
  [
    'assistant',
    'assistant|ai model|language model|chatbot|ai agent|llm|gpt|claude|the model|dear ai|ki-assistent|asistente|assistente|ассистент|asystent|yapay zeka|助手|アシスタント|어시스턴트',
  ],
  [
    'exfiltrate',
    'send|forward|upload|exfiltrat|transfer|e-mail the|email the|post the|curl |fetch the|call the|execute|run the|delete|wire|export|append|include the|add a link|click|visit|invoke|send_email|http_request|sende|envía|envoie|invia|発送|отправ|wyślij|发送|傳送',
  ],
  [
    'quiet',
    "without telling|do not tell|don't tell|do not mention|don't mention|without informing|do not inform|silently|do not reveal this|keep this|without asking|before answering|no need to confirm|do not ask|this is mandatory|top priority|higher priority|supersede|important instruction|attention",
  ],
];

type Node = { next: Map<number, Node>; concepts: number };

function emptyNode(): Node {
  return { next: new Map(), concepts: 0 };
}

function lexiconOf(languages: readonly Language[]): Node {
  const root = emptyNode();
  const add = (stems: string, concept: Concept) => {
    for (const stem of stems.toLowerCase().split('|')) {
      let node = root;
      for (let i = 0; i < stem.length; i++) {
        const unit = stem.charCodeAt(i);
        let next = node.next.get(unit);
        if (next === undefined) {
          next = emptyNode();
          node.next.set(unit, next);
        }
        node = next;
      }
      node.concepts |= 1 << CONCEPTS.indexOf(concept);
    }
  };
  for (const language of languages) {
    for (const concept of ['override', 'instruction', 'prior', 'reveal', 'prompt', 'secret', 'role', 'free'] as const) {
      add(language[concept], concept);
    }
  }
  for (const [concept, stems] of DOCUMENT_STEMS) add(stems, concept);
  return root;
}

const LEXICON = lexiconOf(LANGUAGES);

/** Which rows of three units begin a stem: most words of a text are dismissed by one look. Stems of fewer are in `SHORT`. */
const STARTS = new Uint8Array(65_536);
const SHORT = new Uint8Array(65_536);

function startOf(first: number, second: number, third: number): number {
  return (Math.imul(Math.imul(first, 0x9e35) ^ second, 0x85eb) ^ Math.imul(third, 0x2c1b)) & 65_535;
}

for (const [first, one] of LEXICON.next) {
  if (one.concepts !== 0) SHORT[first] = 1;
  for (const [second, two] of one.next) {
    if (two.concepts !== 0) SHORT[first] = 1;
    for (const third of two.next.keys()) STARTS[startOf(first, second, third)] = 1;
  }
}

/** Words of one thought stand within this many UTF-16 units. */
const REACH = 70;

/** Features of a text that hold in any language; each is 0 or 1. */
export const GRAMMAR_FEATURES = [
  'override-instruction',
  'override-prior-instruction',
  'override-prior',
  'reveal-prompt',
  'reveal-secret',
  'role-free',
  'free',
  'prompt',
  'role',
  'override-role',
  'override-and-reveal',
  'secret',
  'assistant',
  'exfiltrate',
  'quiet',
  'assistant-exfiltrate',
  'exfiltrate-secret',
  'override-assistant',
  'quiet-exfiltrate',
  'two-free',
  'role-override-far',
] as const;

export const GRAMMAR_COUNT = GRAMMAR_FEATURES.length;

export type Grammar = { features: Uint8Array; start: number; end: number };

const bit = (concept: Concept) => CONCEPTS.indexOf(concept);
const OVERRIDE = bit('override');
const INSTRUCTION = bit('instruction');
const PRIOR = bit('prior');
const REVEAL = bit('reveal');
const PROMPT = bit('prompt');
const SECRET = bit('secret');
const ROLE = bit('role');
const FREE = bit('free');
const ASSISTANT = bit('assistant');
const EXFILTRATE = bit('exfiltrate');
const QUIET = bit('quiet');

/**
 * Reads which concepts stand in a text (in small letters) and near each other. Looks at the start of words only, and in
 * scripts without spaces at every sign; no stem is longer than 40 units, so the cost is linear.
 */
export function readGrammar(lower: string): Grammar {
  const last = new Int32Array(CONCEPTS.length).fill(-1_000_000);
  const features = new Uint8Array(GRAMMAR_COUNT);
  let first = -1;
  let end = 0;
  let isInside = false;
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    const isWord = isWordUnit(unit);
    const isStart = isWord && (!isInside || isUnspaced(unit));
    isInside = isWord;
    if (!isStart) continue;
    if (SHORT[unit] === 0 && STARTS[startOf(unit, lower.charCodeAt(i + 1), lower.charCodeAt(i + 2))] === 0) continue;
    const found = conceptsAt(lower, i);
    if (found === 0) continue;
    if (first < 0) first = i;
    end = i + 1;
    for (let concept = 0; concept < CONCEPTS.length; concept++) {
      if ((found & (1 << concept)) !== 0) last[concept] = i;
    }
    combine(features, last, i, found);
  }
  if ((last[REVEAL] ?? -1) >= 0 && (features[0] === 1 || features[2] === 1)) features[10] = 1;
  return { features, start: Math.max(0, first), end };
}

function conceptsAt(lower: string, at: number): number {
  let node = LEXICON;
  let concepts = 0;
  for (let k = at; k < lower.length; k++) {
    const next = node.next.get(lower.charCodeAt(k));
    if (next === undefined) break;
    node = next;
    concepts |= node.concepts;
  }
  return concepts;
}

function combine(features: Uint8Array, last: Int32Array, at: number, found: number): void {
  const near = (concept: number) => at - (last[concept] ?? -1_000_000) <= REACH;
  const has = (concept: number) => (found & (1 << concept)) !== 0;
  if (near(OVERRIDE)) {
    if (near(INSTRUCTION) && (has(OVERRIDE) || has(INSTRUCTION))) features[0] = 1;
    if (near(INSTRUCTION) && near(PRIOR)) features[1] = 1;
    if (near(PRIOR)) features[2] = 1;
    if (near(ROLE)) features[9] = 1;
    if (near(ASSISTANT)) features[17] = 1;
  }
  if (near(REVEAL) && near(PROMPT)) features[3] = 1;
  if (near(REVEAL) && near(SECRET)) features[4] = 1;
  if (near(ROLE) && near(FREE)) features[5] = 1;
  if (has(FREE)) {
    if (features[6] === 1) features[19] = 1;
    features[6] = 1;
  }
  if (has(PROMPT)) features[7] = 1;
  if (has(ROLE)) features[8] = 1;
  if (has(SECRET)) features[11] = 1;
  if (has(ASSISTANT)) features[12] = 1;
  if (has(EXFILTRATE)) features[13] = 1;
  if (has(QUIET)) features[14] = 1;
  if (near(ASSISTANT) && near(EXFILTRATE)) features[15] = 1;
  if (near(EXFILTRATE) && near(SECRET)) features[16] = 1;
  if (near(QUIET) && near(EXFILTRATE)) features[18] = 1;
  if ((last[ROLE] ?? -1) >= 0 && (last[OVERRIDE] ?? -1) >= 0) features[20] = 1;
}
