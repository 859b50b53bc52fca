/** A sentence of an answer that can be true or false. Offsets are UTF-16 units of the answer. */
export type Claim = { text: string; start: number; end: number };

// A point after one of these ends no sentence.
const ABBREVIATION =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|e\.g|i\.e|inc|ltd|co|corp|no|fig|approx|u\.s|u\.k|[a-z])$/i;
const END = /[.!?。！？]+["”’')\]]*(?=\s|$|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])|\n+/gu;

/**
 * Splits an answer into its claims: sentences and list lines that state something. Questions and bare greetings state
 * nothing. At most `max` claims; what follows is in `rest`.
 */
export function claimsOf(answer: string, max: number): { claims: Claim[]; rest: number } {
  const claims: Claim[] = [];
  let rest = 0;
  let from = 0;
  const add = (end: number) => {
    const raw = answer.slice(from, end);
    const lead =
      raw.length - raw.trimStart().length + (/^\s*(?:[-*•]|\d+[.)])\s+/.exec(raw)?.[0].trimStart().length ?? 0);
    const text = raw.slice(lead).trim();
    if (states(text)) {
      if (claims.length < max) claims.push({ text, start: from + lead, end: from + lead + text.length });
      else rest++;
    }
    from = end;
  };
  for (const match of answer.matchAll(END)) {
    const end = match.index + match[0].length;
    if (match[0].startsWith('.') && ABBREVIATION.test(answer.slice(Math.max(0, match.index - 8), match.index)))
      continue;
    add(end);
  }
  add(answer.length);
  return { claims, rest };
}

function states(text: string): boolean {
  if (!/[\p{L}\p{N}]/u.test(text)) return false;
  if (/[?？]["”’')\]]*$/.test(text)) return false;
  return !/^(?:hi|hello|hey|thanks|thank you|sure|okay|ok|yes|no|of course|certainly|great question|you're welcome)[\s,.!]*$/i.test(
    text,
  );
}
