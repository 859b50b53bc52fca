import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { rank } from '../hits/services.ts';
import { type Confidence, type Detection, SIGHTINGS_MAX, type Sighting } from '../model.ts';
import { purposeOf } from '../purpose.ts';
import type { Systems } from './systems.ts';

const PURPOSES = ['product', 'examples', 'tests', 'documentation', 'vendored'] as const;
const DETAILS_MAX = 300;

/** A detection with the files it stands in, before it knows what it uses. */
export type Draft = { detection: Detection; files: Set<string> };

/** Joins the sightings of one identity in one system into one detection. `findings` come in path order. */
export function draftDetections(findings: readonly Finding[], systems: Systems): Draft[] {
  const groups = groupBy(
    findings.filter(({ asset }) => asset !== null),
    (finding) => keyOf(finding, systems),
  );
  return [...groups]
    .map(([key, group]) => draftOf(key, group, systems))
    .sort((a, b) => (a.detection.key < b.detection.key ? -1 : 1));
}

function keyOf(finding: Finding, systems: Systems): string {
  const { asset } = finding;
  return `${asset?.kind}|${systems.of(pathOf(finding))}|${asset?.identity}`;
}

export function pathOf(finding: Finding): string {
  const { body } = finding.fact;
  return 'place' in body ? body.place.path : '';
}

function draftOf(key: string, group: Finding[], systems: Systems): Draft {
  const sorted = [...group].sort(
    (a, b) => purposeRank(a) - purposeRank(b) || compare(pathOf(a), pathOf(b)) || (a.line ?? 0) - (b.line ?? 0),
  );
  const first = sorted[0] as Finding;
  const { asset } = first;
  if (!asset) throw new Error('a detection needs an asset');
  const purpose = purposeOf(pathOf(first));
  const places = placesOf(sorted);
  return {
    files: new Set(sorted.map(pathOf)),
    detection: {
      kind: asset.kind,
      key,
      title: asset.title,
      path: pathOf(first),
      line: first.line,
      confidence: confidenceOf(sorted, purpose === 'product'),
      rule: first.rule.id,
      factKey: first.fact.key,
      factKind: first.fact.kind,
      uses: [],
      usesBecause: [],
      system: systems.of(pathOf(first)),
      purpose,
      details: mergedDetails(sorted),
      places: places.slice(0, SIGHTINGS_MAX),
      placesCount: places.length,
    },
  };
}

function placesOf(findings: readonly Finding[]): Sighting[] {
  const seen = new Set<string>();
  return findings.flatMap((finding): Sighting[] => {
    const sighting = { path: pathOf(finding), line: finding.line, rule: finding.rule.id, factKey: finding.fact.key };
    const identity = `${sighting.path}:${sighting.line}`;
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [sighting];
  });
}

/** The surest sighting counts; what stands only in tests, examples and vendored code is one step less sure to be an asset. */
function confidenceOf(findings: readonly Finding[], isProduct: boolean): Confidence {
  const best = findings
    .map((finding) => finding.confidence ?? finding.rule.confidence)
    .reduce<Confidence>((found, each) => (rank(each) < rank(found) ? each : found), 'low');
  if (isProduct) return best;
  return best === 'high' ? 'medium' : 'low';
}

/** Details of all sightings: a list where they differ. */
function mergedDetails(findings: readonly Finding[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const { asset } of findings)
    for (const [name, value] of Object.entries(asset?.details ?? {})) {
      const known = values.get(name) ?? new Set<string>();
      for (const part of name === 'models' || name === 'keyNames' ? value.split(', ') : [value]) known.add(part);
      values.set(name, known);
    }
  const details: Record<string, string> = {};
  for (const [name, known] of [...values].sort(([a], [b]) => compare(a, b))) {
    const text = [...known].sort().join(', ');
    details[name] = text.length <= DETAILS_MAX ? text : `${text.slice(0, DETAILS_MAX - 1).toWellFormed()}…`;
  }
  if (findings.length > 1 && details.format !== undefined) details.files = String(findings.length);
  return details;
}

function purposeRank(finding: Finding): number {
  return PURPOSES.indexOf(purposeOf(pathOf(finding)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
