import type { ScanResult } from '#src/connectors/source-tree/model.ts';
import type { ControlTest } from '#src/control-tests/define.ts';
import { type FactKindName, SOURCE_TREE_KINDS } from '#src/facts/index.ts';
import type { NewEvidence } from '#src/features/evidence/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';

/**
 * What a scan found, as the bytes that are kept as evidence: canonical JSON without the times of the scan, so that the
 * same tree gives the same bytes and the same digest.
 */
export function scanContent(result: ScanResult): Uint8Array {
  const { source, stats, systems, detections, facts } = result;
  const sorted = [...facts].sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key));
  const kinds = SOURCE_TREE_KINDS;
  const text = canonicalJson({ format: 'assay-scan/1', source, kinds, stats, systems, detections, facts: sorted });
  return new TextEncoder().encode(text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How the evidence of a scan is described: for people, for the auditor's checks and for the leaf. */
export function describeScan(
  result: ScanResult,
  tests: readonly ControlTest[],
): Omit<NewEvidence, 'id' | 'recordedAt' | 'collector' | 'content'> {
  const { stats, source } = result;
  const repository = result.facts.find((fact) => fact.kind === 'repository');
  const kinds = new Set<FactKindName>(SOURCE_TREE_KINDS);
  const fed = tests.filter((test) => test.uses.some((kind) => kinds.has(kind)));
  const observedAt = new Date(result.finishedAt);
  const commit = repository?.kind === 'repository' ? repository.body.commit : null;
  return {
    kind: 'scan',
    title: `Scan of ${source.title}`,
    source,
    query: `assay scan of ${source.title}${commit ? ` at commit ${commit}` : ''}, rules of this version, limits as listed`,
    // Only a scan that read everything also proves what is not there.
    grade: stats.complete ? 'A' : 'B',
    occurredAt: observedAt,
    observedAt,
    completeness: completenessOf(result, commit),
    controls: [...new Set(fed.flatMap((test) => test.controls))].sort(),
    tests: fed.map((test) => test.id).sort(),
    leaf: {
      complete: stats.complete,
      files: stats.files,
      facts: result.facts.length,
      detections: result.detections.length,
      ...(commit && { commit }),
    },
  };
}

function completenessOf(result: ScanResult, commit: string | null): { what: string; value: string }[] {
  const { stats } = result;
  return [
    { what: 'Everything was read', value: stats.complete ? 'yes' : `no: ${stats.incompleteBecause.join(' ')}` },
    { what: 'Commit', value: commit ?? 'not under version control' },
    { what: 'Files read', value: String(stats.files) },
    { what: 'Bytes read', value: String(stats.bytes) },
    { what: 'Files skipped', value: String(stats.skippedCount) },
    { what: 'Files left out by ignore rules', value: String(stats.ignored.files) },
    { what: 'Facts', value: String(result.facts.length) },
    { what: 'AI assets found', value: String(result.detections.length) },
  ];
}

/** A title as the beginning of a file name. */
export function fileStem(title: string): string {
  return (
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'source'
  );
}
