import { createLineMatcher } from '../match/line-matcher.ts';
import { FIXED_START_SECRETS } from '../rules/fixed-start-secrets.ts';
import { SURROUNDED_SECRETS } from '../rules/surrounded-secrets.ts';
import { createDocument } from '../text/document.ts';
import { createLiteralScanner } from '../text/literal-scanner.ts';

const VALUE_CHARS_MIN = 6;
const REPLACED = '…';

/**
 * `value` without any of the secrets: neither those that the scan met nor anything in a known format. The last line of
 * defense, for text that a scanned file put where a name was expected.
 */
export function withoutSecrets<Value>(value: readonly Value[], secrets: ReadonlySet<string>): Value[] {
  const lines = value.map((item) => JSON.stringify(item));
  const found = new Set([...secrets].filter((secret) => secret.length >= VALUE_CHARS_MIN));
  for (const hit of knownFormats().match(
    createDocument({ path: 'result', language: 'text', bytes: Buffer.from(lines.join('\n')) }),
  ).hits)
    if (hit.captures.value !== undefined) found.add(hit.captures.value);
  if (found.size === 0) return [...value];
  const words = [...found].sort((a, b) => b.length - a.length);
  const scanner = createLiteralScanner(words.map((word) => JSON.stringify(word).slice(1, -1)));
  return value.map((item, index) => {
    let isHit = false;
    scanner.scan(Buffer.from(lines[index] ?? ''), () => {
      isHit = true;
      return false;
    });
    return isHit ? (replaceIn(item, words) as Value) : item;
  });
}

let matcher: ReturnType<typeof createLineMatcher> | undefined;

function knownFormats() {
  // Guesses by entropy are left out: a digest is as random as a key.
  matcher ??= createLineMatcher(
    [...FIXED_START_SECRETS, ...SURROUNDED_SECRETS].filter((rule) => rule.id !== 'secret.generic-assignment'),
  );
  return matcher;
}

function replaceIn(value: unknown, words: readonly string[]): unknown {
  if (typeof value === 'string') return words.reduce((text, word) => text.replaceAll(word, REPLACED), value);
  if (Array.isArray(value)) return (value as unknown[]).map((item) => replaceIn(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [replaceIn(name, words), replaceIn(held, words)]),
  );
}
