import { keyConfidence, passwordConfidence } from './judge-value.ts';

export type Assigned = { start: number; end: number; confidence: number; kind: 'password' | 'key'; rule: string };

/** One of these is in every text that holds an assignment, in small letters. */
export const ASSIGNMENT_HINTS: readonly string[] =
  'key token secret pass pwd pw credential access private auth kennwort contrase senha wachtwoord hasł haslo 密码 パスワード пароль'.split(
    ' ',
  );
/** A word for a secret, what may follow it in the same name, and what stands between name and value. */
const KEY_WORD =
  /(?:key|token|secret|credential|private|access|auth|authorization)(?:s|id)?(?:[_\- .]{0,2}(?:key|token|secret|value|id|string|header|code|api|access|private)s?){0,3}/gi;
const PASSWORD_WORD =
  /(?:pass(?:word|wd|phrase|wort|e)?|passwort|kennwort|mot de passe|contrase(?:ñ|n)a|senha|wachtwoord|has[lł]o|pwd|pw|密码|パスワード|пароль)(?:[_-]?(?:hash|value|string))?/gi;
const MARKS = '["\'`\\]\\\\]{0,3}';
const BETWEEN = new RegExp(
  String.raw`${MARKS}(?:\s{0,3}(?:=>|::?=|\?=|\.=|\+=|==?|::?|\|\||,|\(|\bis\b|\bset to\b|\bto\b|=\s?>)\s{0,3}|[ \t]{1,3}|-|>\s{0,40})\(?${MARKS}`,
  'y',
);
const VALUE = /[^\s"'`<>,;)\\]{6,400}/y;
const AS_PASSWORD =
  /(?:with|using|use|enter|type|is)\s{1,2}["'`]?(?<value>[^\s"'`]{8,60})["'`]?\s{1,2}(?:as|for)\s(?:the|your|my|a)?\s?(?:\w{1,12} )?(?:password|passphrase|token|secret|api key|key|pin)/gi;

/** Values that stand after (or before) words for keys and passwords. */
export function assignmentsIn(text: string): Assigned[] {
  const found: Assigned[] = [];
  for (const match of text.matchAll(KEY_WORD)) {
    const hit = valueAfter(text, match.index, match[0].length);
    if (hit === null) continue;
    const value = text.slice(hit.start, hit.end);
    const confidence = keyConfidence(value);
    if (confidence > 0) found.push({ start: hit.start, end: hit.end, confidence, kind: 'key', rule: 'assignment.key' });
  }
  for (const match of text.matchAll(PASSWORD_WORD)) {
    // `bypass`, `compass` and `passed` are words; `db_pass` and `dbPassword` are names.
    if (/[a-zA-Z]/.test(text[match.index - 1] ?? ' ') && !/[A-Z]/.test(match[0][0] ?? '') && match[0].length < 8)
      continue;
    const hit = valueAfter(text, match.index, match[0].length);
    if (hit === null) continue;
    const confidence = passwordConfidence(text.slice(hit.start, hit.end), hit.isAssigned);
    if (confidence > 0)
      found.push({ start: hit.start, end: hit.end, confidence, kind: 'password', rule: 'assignment.password' });
  }
  for (const match of text.matchAll(AS_PASSWORD)) {
    const value = match.groups?.value ?? '';
    const start = match.index + match[0].indexOf(value);
    const confidence = Math.max(passwordConfidence(value, false), keyConfidence(value));
    if (confidence > 0)
      found.push({ start, end: start + value.length, confidence, kind: 'password', rule: 'assignment.spoken' });
  }
  return found;
}

function valueAfter(
  text: string,
  at: number,
  length: number,
): { start: number; end: number; isAssigned: boolean } | null {
  BETWEEN.lastIndex = at + length;
  const between = BETWEEN.exec(text);
  if (between === null) return null;
  VALUE.lastIndex = BETWEEN.lastIndex;
  const value = VALUE.exec(text);
  if (value === null) return null;
  const trimmed = value[0].replace(/[.:!?]+$/, '');
  return { start: value.index, end: value.index + trimmed.length, isAssigned: /[=:,(]|is|to/.test(between[0]) };
}
