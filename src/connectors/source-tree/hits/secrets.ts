import { isDrawnBody, VENDOR_FORMATS } from '#src/detectors/secrets/vendor-formats.ts';
import { type Finding, keyIn, placeIn } from '../finding.ts';
import type { Hit } from '../rule.ts';
import { isLikelyPlaceholder, looksRandom, maskSecret } from '../secrets/judge-secret.ts';
import type { FileContext } from './context.ts';
import { rank } from './services.ts';

const GENERIC = 'generic-assignment';
/** By id; all starts of a format have the same body. */
const FORMATS = new Map(VENDOR_FORMATS.map((format) => [format.id, format]));
const INSIDE = { file: 'file', 'notebook-source': 'notebook-source', 'notebook-output': 'notebook-output' } as const;

/**
 * One fact for each secret of the text. Tells `onValue` each value, so that the scan can make sure that none of them stands
 * anywhere in its result; the facts hold only what is masked.
 */
export function secretFindings(context: FileContext, hits: Hit[], onValue: (value: string) => void): Finding[] {
  const values = new Set<string>();
  const counts = new Map<string, number>();
  const findings: Finding[] = [];
  const sorted = [...hits].sort((a, b) => rankOf(a) - rankOf(b) || a.line - b.line);
  for (const hit of sorted) {
    const { value = '', detector = 'unknown', prefix = '' } = hit.captures;
    const format = FORMATS.get(detector);
    if (format !== undefined && !isDrawnBody(format, value.slice(prefix.length))) continue;
    if (value === '' || [...values].some((known) => known.includes(value) || value.includes(known))) continue;
    const isPlaceholder = detector !== 'private-key' && isLikelyPlaceholder(value.slice(prefix.length));
    if (detector === GENERIC && (isPlaceholder || isName(context, hit) || !looksRandom(value))) continue;
    values.add(value);
    if (!isPlaceholder) onValue(value);
    const masked = detector === 'private-key' ? value : maskSecret(value, value.startsWith(prefix) ? prefix : '');
    const ordinal = (counts.get(detector) ?? 0) + 1;
    counts.set(detector, ordinal);
    findings.push({
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'secret',
        key: keyIn(
          context.path,
          detector,
          ...(context.document.part === 'notebook-output' ? ['output'] : []),
          String(ordinal),
        ),
        body: {
          place: placeIn(context.path, hit.line),
          detector,
          masked,
          inside: INSIDE[context.document.part],
          likelyPlaceholder: isPlaceholder,
        },
      },
      asset: null,
    });
  }
  return findings;
}

const QUOTING = new Set(['python', 'javascript', 'typescript', 'go', 'java', 'rust']);
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** In a language that quotes its texts, a bare word is the name of something, however random it looks. */
function isName({ document }: FileContext, { captures: { quote, value = '' } }: Hit): boolean {
  return !quote && IDENTIFIER.test(value) && QUOTING.has(document.language);
}

/** Known formats before guesses: the better name wins where both see one value. */
function rankOf(hit: Hit): number {
  return hit.captures.detector === GENERIC ? 9 : rank(hit.rule.confidence);
}
