import { type FactOf, type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { pinOfRevision } from '../pins.ts';
import type { Hit } from '../rule.ts';
import type { FileContext } from './context.ts';

type Origin = FactOf<'dataset-reference'>['body']['origin'];
const ORIGINS: readonly Origin[] = ['hub', 'bucket', 'url', 'dvc', 'lfs', 'database', 'library'];
// Builders of `load_dataset` that read files on this machine.
const LOCAL_BUILDERS = new Set([
  'csv',
  'json',
  'parquet',
  'text',
  'arrow',
  'imagefolder',
  'audiofolder',
  'pandas',
  'webdataset',
  'sql',
  'xml',
  'generator',
]);

/** One fact for each dataset a file names. */
export function datasetFindings(context: FileContext, hits: Hit[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const hit of hits) {
    const origin = ORIGINS.find((known) => known === hit.captures.origin) ?? 'url';
    const datasetId = cleanId(origin, hit.captures.datasetId ?? '');
    if (datasetId === null) continue;
    const identity = `${origin}:${datasetId}`;
    const finding = findingOf(context.path, hit, origin, datasetId, identity);
    const known = seen.get(identity);
    // The loosest reference counts: one pinned use does not hold another one still.
    if (!known || (isFloating(finding) && !isFloating(known))) seen.set(identity, finding);
  }
  return [...seen.values()];
}

function findingOf(path: string, hit: Hit, origin: Origin, datasetId: string, identity: string): Finding {
  const revision = hit.captures.revision ?? null;
  const pin = origin === 'library' ? 'tag' : pinOfRevision(revision);
  return {
    rule: hit.rule,
    line: hit.line,
    fact: {
      kind: 'dataset-reference',
      key: keyIn(path, identity),
      body: {
        place: placeIn(path, hit.line),
        origin,
        datasetId,
        revision: revision === null ? null : shown(revision),
        pin,
        licence: null,
        through: shown(hit.captures.through ?? hit.rule.title),
      },
    },
    asset: {
      kind: 'dataset',
      identity,
      title: datasetId,
      details: { origin, pin, ...(revision === null ? {} : { revision: shown(revision) }) },
    },
  };
}

function isFloating(finding: Finding): boolean {
  return finding.fact.kind === 'dataset-reference' && finding.fact.body.pin === 'floating';
}

/** The id without credentials and query; null where it names nothing outside this machine. */
function cleanId(origin: Origin, id: string): string | null {
  if (id === '') return null;
  if (origin === 'url') {
    try {
      const url = new URL(id);
      return shown(`${url.protocol}//${url.host}${url.pathname}`);
    } catch {
      // An address with variables in it; what stands before them still names the source.
      return /^https?:\/\/[\w.-]+\/[^?#{}$@\s]*/.test(id)
        ? shown((/^https?:\/\/[\w.-]+\/[^?#{}$@\s]*/.exec(id) ?? [''])[0])
        : null;
    }
  }
  if (origin === 'bucket')
    return shown(
      id.replace(/^(\w+:\/\/)[^/@]{1,200}@/, (match, scheme: string) =>
        scheme === 'abfss://' || scheme === 'wasbs://' ? match : scheme,
      ),
    );
  if (origin !== 'hub') return shown(id);
  if (
    LOCAL_BUILDERS.has(id) ||
    /^(?:\.|\/|~|data\/|datasets\/|path\/)|[{}<>$\\]|\.(?:csv|jsonl?|parquet|py|txt)$/.test(id)
  )
    return null;
  return shown(id);
}
