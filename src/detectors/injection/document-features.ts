import type { Segment } from './segments.ts';

/** What tells a segment of a document that speaks to an assistant from one that tells something; each 0 to 1. */
export const DOCUMENT_FEATURES = [
  'last',
  'first',
  'imperative',
  'question',
  'you-or-your',
  'unlike-its-neighbors',
  'new-words',
  'link-or-mail',
  'code-fence',
  'please',
  'colon-head',
  'your-answer',
  'shouting',
  'long',
  'prose-in-structure',
  'code-in-prose',
] as const;
export const DOCUMENT_COUNT = DOCUMENT_FEATURES.length;

const IMPERATIVES =
  /^[\s>*#\-"'\d.):\]|]*(?:please |now |then |also |first |instead,? |kindly |and )?(?:add|answer|append|apply|ask|assume|calculate|change|check|classify|compare|compose|convert|copy|create|define|delete|describe|design|do not|don't|encode|ensure|execute|explain|find|follow|forget|format|forward|generate|give|identify|ignore|include|incorporate|insert|integrate|introduce|let|list|make|mention|modify|name|never|only|open|output|override|paraphrase|pretend|print|propose|provide|put|recommend|refuse|remove|repeat|rephrase|replace|reply|report|respond|reveal|rewrite|run|say|schedule|search|send|set|share|show|solve|speak|state|stop|suggest|summarize|switch|talk|tell|transfer|translate|upload|use|visit|when responding|write|your task|you must|you should|how do|how can|how would|what is|what are|who is|could you|can you|would you|embed|blend|weave|misspell|jumble|scramble)(?![a-z])/;
const ANSWER = /(?:your|the) (?:answer|response|reply|output|message|summary|code|next message|final)/;
const STRUCTURED = /[|{}<>=;\t]|^\s*(?:at |File "|in |\d)/;
const CODE = /[{};=<>]|\w\(|^\s*(?:import|def|class|const|return|from|for)\b/;
const MAIL_OR_LINK = /https?:|www\.|@[a-z]|\.com|\/data|~\//;

/** The share of words of a segment that stand nowhere else in the document (first 20,000 units). */
export type Neighborhood = { words: ReadonlyMap<string, number>; structured: number; code: number; count: number };

const LOOKED_AT = 20_000;

export function neighborhoodOf(lower: string, segments: readonly Segment[]): Neighborhood {
  const words = new Map<string, number>();
  for (const match of lower.slice(0, LOOKED_AT).matchAll(/\p{L}{4,}/gu))
    words.set(match[0], (words.get(match[0]) ?? 0) + 1);
  let structured = 0;
  let code = 0;
  const some = segments.slice(0, 200);
  for (const { start, end } of some) {
    const text = lower.slice(start, end);
    if (STRUCTURED.test(text)) structured++;
    if (CODE.test(text)) code++;
  }
  return { words, structured: structured / some.length, code: code / some.length, count: segments.length };
}

/** Writes the features of one segment (or two joined) into `out`. */
export function readDocumentFeatures(
  lower: string,
  segment: Segment,
  at: number,
  span: number,
  around: Neighborhood,
  out: Float64Array,
): void {
  const text = lower.slice(segment.start, segment.end);
  const words = text.slice(0, 400).match(/\p{L}{4,}/gu) ?? [];
  const isStructured = STRUCTURED.test(text);
  const isCode = CODE.test(text);
  let fresh = 0;
  for (const word of words) if ((around.words.get(word) ?? 0) <= 1) fresh++;
  out[0] = at + span >= around.count ? 1 : 0;
  out[1] = at === 0 ? 1 : 0;
  out[2] = IMPERATIVES.test(text) ? 1 : 0;
  out[3] = /[?？]\s*$/.test(text) ? 1 : 0;
  out[4] = /(?<![a-z])(?:you|your|yourself)(?![a-z])/.test(text) ? 1 : 0;
  out[5] = isStructured ? 0 : around.structured;
  out[6] = words.length === 0 ? 0 : fresh / words.length;
  out[7] = MAIL_OR_LINK.test(text) ? 1 : 0;
  out[8] = text.includes('```') ? 1 : 0;
  out[9] = text.includes('please') ? 1 : 0;
  out[10] = /^[\s>*#\-"']*[a-z ]{3,30}:/.test(text) ? 1 : 0;
  out[11] = ANSWER.test(text) ? 1 : 0;
  out[12] = /!{1,3}\s*$|\*\*\*|###|={3}/.test(text) ? 1 : 0;
  out[13] = Math.min(1, text.length / 300);
  out[14] = !isStructured && !isCode && words.length >= 4 ? Math.max(around.structured, around.code) : 0;
  out[15] = isCode ? 1 - around.code : 0;
}
