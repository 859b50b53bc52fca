import type { Known, Place, ShareInterval } from '#src/facts/index.ts';
import type { Verdict } from './define.ts';

/** `train.py line 12`. */
export function where(place: Place): string {
  return place.line === null ? quoted(place.path) : `${quoted(place.path)} line ${place.line}`;
}

/** A name from outside, in backticks: one line, no backtick of its own, at most 120 characters. */
export function quoted(name: string): string {
  const line = name.replaceAll(/[\s`]+/g, ' ').trim();
  return `\`${line.length > 120 ? `${line.slice(0, 119).toWellFormed()}…` : line}\``;
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], shown = 4): string {
  const distinct = [...new Set(names)];
  const head = distinct.slice(0, shown).map(quoted).join(', ');
  return distinct.length > shown ? `${head} and ${distinct.length - shown} more` : head;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The part of a verdict that says where it points. */
export function at(place: Place): { path: string; line: number | null } {
  return { path: place.path, line: place.line };
}

/** `45 of 50 (90 %; 95 % interval 78 to 97 %, exact)`: a share never stands without the cases it rests on. */
export function shareOf(hits: number, n: number, interval: ShareInterval): string {
  if (n === 0) return 'none of 0';
  const percent = (share: number) => (100 * share).toFixed(0);
  const ends = interval ? `; 95 % interval ${percent(interval[0])} to ${percent(interval[1])} %, exact` : '';
  return `${hits} of ${n} (${percent(hits / n)} %${ends})`;
}

type Said = { result: 'pass' | 'fail'; because: string };

/** What a three-valued fact comes to. `unknown` is missing data whatever the rule: no test may pass on it. */
export function fromKnown(
  known: Known,
  say: { yes: Said; no: Said; unknown: string },
): Pick<Verdict, 'result' | 'because' | 'observed'> {
  const said = known === 'unknown' ? { result: 'no_data' as const, because: say.unknown } : say[known];
  return { ...said, observed: known };
}

const OUTSIDE: Record<string, string> = {
  tests: 'among tests',
  examples: 'among examples',
  documentation: 'in documentation',
};

/**
 * A verdict for what, by its path, does not ship: tests, examples and documentation. Vendored code ships.
 * The path is a hint, so a rule about secrets must not use this.
 */
export function outsideProduct(subject: string, place: Place): Verdict | null {
  const words = place.purpose === undefined ? undefined : OUTSIDE[place.purpose];
  if (words === undefined) return null;
  const because = `${where(place)} stands ${words}; this rule is about product code.`;
  return { subject, result: 'not_applicable', because, ...at(place) };
}

/** True for what ships or may ship. */
export function isProduct(place: Place): boolean {
  return place.purpose === undefined || OUTSIDE[place.purpose] === undefined;
}
