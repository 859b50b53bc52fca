/** One word of a text. `start` and `end` are UTF-16 offsets into it. */
export type Word = {
  /** Lower case, without accents and endings: what is compared. */
  stem: string;
  kind: 'word' | 'number' | 'function';
  /** Begins with a capital letter where no sentence begins: a name, most likely. */
  isName: boolean;
  start: number;
  end: number;
};

// Sorted by use in English prose; they carry no claim of their own.
const FUNCTION_WORDS = new Set(
  `a an the and or but if then than that this these those there here it its he him his she her hers they them their theirs we us
  our ours you your yours i me my mine who whom whose which what when where why how as at by for from in into of off on onto out
  over to up with without within about after before between during through under again also just only own same so such too very
  be am is are was were been being do does did doing have has had having will would shall should can could may might must ought
  s t d ll ve re m o y et al de la le el der die das und il un una en que los las del des du`
    .split(/\s+/)
    .filter(Boolean),
);
export const NEGATIONS = new Set(
  `not no never none neither nor cannot without nobody nothing nowhere hardly n't isnt arent wasnt werent dont doesnt didnt hasnt
  havent hadnt wont wouldnt cant couldnt shouldnt mustnt fail fails failed deny denied denies refuse refused refuses`
    .split(/\s+/)
    .filter(Boolean),
);
const NUMBER_WORDS: Record<string, string> = {
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
  thirteen: '13',
  fourteen: '14',
  fifteen: '15',
  sixteen: '16',
  seventeen: '17',
  eighteen: '18',
  nineteen: '19',
  twenty: '20',
  thirty: '30',
  forty: '40',
  fifty: '50',
  sixty: '60',
  seventy: '70',
  eighty: '80',
  ninety: '90',
  hundred: '100',
  thousand: '1000',
  million: '1000000',
  billion: '1000000000',
  first: '1',
  second: '2',
  third: '3',
  fourth: '4',
  fifth: '5',
  sixth: '6',
  seventh: '7',
  eighth: '8',
  ninth: '9',
  tenth: '10',
};
const WORD = /\d+(?:[.,]\d+)*|[\p{L}\p{M}\d]+(?:['’][\p{L}]+)?/gu;
// One character is a word of its own in scripts written without spaces.
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The words of `text` in order. Linear in its length. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let previousEnd = -1;
  for (const match of text.matchAll(WORD)) {
    const start = match.index;
    const end = start + match[0].length;
    if (UNSPACED.test(match[0])) {
      let at = start;
      for (const character of match[0]) {
        words.push({ stem: character, kind: 'word', isName: false, start: at, end: at + character.length });
        at += character.length;
      }
    } else words.push(wordOf(match[0], start, end, startsSentence(text, previousEnd, start)));
    previousEnd = end;
  }
  return words;
}

function startsSentence(text: string, previousEnd: number, start: number): boolean {
  return previousEnd < 0 || /[.!?:;\n"“(]/.test(text.slice(previousEnd, start));
}

function wordOf(shown: string, start: number, end: number, first: boolean): Word {
  const plain = shown.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();
  if (/^\d/.test(plain)) return { stem: numberOf(plain), kind: 'number', isName: false, start, end };
  const word = plain.replace(/'s$/, '');
  const asNumber = Object.hasOwn(NUMBER_WORDS, word) ? NUMBER_WORDS[word] : undefined;
  // "one" and "second" are as often a pronoun or a unit as a number: found, they count; missing, they prove nothing.
  if (asNumber !== undefined && Number(asNumber) > 2)
    return { stem: asNumber, kind: 'number', isName: false, start, end };
  if (FUNCTION_WORDS.has(word) || word.length === 0) return { stem: word, kind: 'function', isName: false, start, end };
  const isName = !first && /^\p{Lu}/u.test(shown);
  return { stem: stemOf(asNumber ?? word), kind: 'word', isName, start, end };
}

/** `1,234.50` and `1234.5` are one number; so are `3rd` and `3`. */
function numberOf(text: string): string {
  const digits = text.replace(/(st|nd|rd|th|s|m|k|bn|km|kg|pm|am)$/, '');
  const whole = digits.replace(/,(?=\d{3}(?:\D|$))/g, '');
  const value = Number(whole);
  return Number.isFinite(value) && whole !== '' ? String(value) : digits;
}

const ENDINGS = /(?:ations?|ities|ity|ings?|edly|ements?|ers?|ies|ied|ed|es|ly|s|e)$/;

/** Strips one ending, so that `opposes` meets `opposed`. Coarse on purpose: it only has to bring forms together. */
export function stemOf(word: string): string {
  if (word.length <= 4) return word.replace(/s$/, '');
  const stem = word.replace(ENDINGS, '');
  return stem.length >= 3 ? stem : word;
}

export function isNegation(stem: string): boolean {
  return NEGATIONS.has(stem) || stem.endsWith("n't") || stem === 'deni' || stem === 'refus' || stem === 'fail';
}
