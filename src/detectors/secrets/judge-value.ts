// Whether a value that stands where a secret stands is one, or what a manual puts there.

/** Shannon entropy in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const PLACEHOLDER_WORDS =
  /example|sample|your[_-]?|placeholder|change[_-]?(?:me|it)|dummy|fake|redacted|replace|insert|todo|(?:secret|key|token|password)[_-]?here|not[_-]?a[_-]?real|mock|invalid|foobar|lorem|xxxx|\*\*\*|\.\.\.|____|<[^>]{0,40}>|process\.env|os\.environ|getenv|config\[/i;
const EXACT =
  /^(?:p[a@]ss(?:w[o0]rd|wd|phrase)?\d{0,3}!?|secret|token|key|test|admin|root|user(?:name)?|null|none|true|false|undefined|string|required|optional|default|value|public|private|hidden|empty|bearer|basic|changeit|hunter2|abc123|letmein)$/i;
const VARIABLE = /^[<[{(%]|^\$\{?[A-Za-z_][\w.]*\}?$|\$\{|\{\{|%\(|[>})\]]$|^@[A-Za-z_.]+@?$|^[A-Za-z_]+\(/;

/** The share of a value that counts or recites the alphabet, such as `abcdef123456`. */
function recitedShare(value: string): number {
  let recited = 0;
  let run = 1;
  for (let i = 1; i <= value.length; i++) {
    const step = i < value.length ? value.charCodeAt(i) - value.charCodeAt(i - 1) : 99;
    if (step === 1 || step === -1 || step === 0) run++;
    else {
      if (run >= 4) recited += run;
      run = 1;
    }
  }
  return recited / value.length;
}

/** True when `value` looks like what documentation puts where a secret belongs. */
export function isLikelyPlaceholder(value: string): boolean {
  return (
    PLACEHOLDER_WORDS.test(value) ||
    EXACT.test(value) ||
    VARIABLE.test(value) ||
    entropyOf(value) < 1.9 ||
    recitedShare(value) >= 0.5
  );
}

const PLAIN_WORDS = /^[\p{L}]+(?:[-_.:/ ][\p{L}]+)*\d{0,2}$/u;
const DOTTED_NAME = /^[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+\(?\)?$/;
const PLACE =
  /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|https?:|[a-z]+:\/\/)|\.(?:json|ya?ml|pem|txt|py|ts|js|env|key|crt|html?|md|php|com|org|net)$/;
const VERSION_OR_DATE = /^v?\d+(?:[.:-]\d+){1,5}$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** How many of small letters, capitals, digits and signs occur. */
function kindsOf(value: string): number {
  return [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
}

/** Changes between letters and digits or from small to capital letters: names have few of them, keys many. */
function changesOf(value: string): number {
  return value.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0;
}

function isName(value: string): boolean {
  return (
    (PLAIN_WORDS.test(value) && changesOf(value) < 3) ||
    DOTTED_NAME.test(value) ||
    PLACE.test(value) ||
    VERSION_OR_DATE.test(value)
  );
}

/** How sure we are, from 0 to 1, that `value`, which stands after a word for key or token, was drawn at random. */
export function keyConfidence(value: string): number {
  if (value.length < 10) return 0;
  if (UUID.test(value)) return 0.6;
  const entropy = entropyOf(value);
  if (/^[A-Za-z]+$/.test(value)) {
    // Letters only: random when capitals stand where no word has them, or when it is long and has hardly any vowel pattern.
    const odd = value.match(/[a-z][A-Z]|[^aeiouyAEIOUY]{5}/g)?.length ?? 0;
    return value.length >= 20 && odd >= 4 && entropy >= 3.7 ? 0.65 : 0;
  }
  if (isName(value)) return 0;
  if (/^[0-9a-f]+$/i.test(value) || /^[0-9a-f-]+$/i.test(value)) {
    return value.length >= 16 && entropy >= 2.8 && /\d/.test(value) ? (value.length >= 32 ? 0.8 : 0.6) : 0;
  }
  if (!/\d/.test(value) || changesOf(value) < 2) return 0;
  if (value.length >= 20 && entropy >= 3.2) return 0.8;
  if (value.length >= 12) return entropy >= 2.9 && kindsOf(value) >= 2 ? 0.6 : 0;
  return changesOf(value) >= 4 && entropy >= 2.9 ? 0.5 : 0;
}

/** How sure we are that `value`, which stands after a word for password, is one. `isAssigned`: after `=` or `:`. */
export function passwordConfidence(value: string, isAssigned: boolean): number {
  if (value.length < 6 || value.length > 120 || isName(value) || UUID.test(value)) return 0;
  if (/[({[\]}<>]/.test(value)) return 0;
  const kinds = kindsOf(value);
  if (kinds >= 3 && value.length >= 8) return isAssigned ? 0.8 : 0.7;
  if (kinds >= 3 || (kinds === 2 && /\d/.test(value) && value.length >= 8 && changesOf(value) >= 1))
    return isAssigned ? 0.6 : 0.5;
  return 0;
}
