import type { BundleReport } from '#src/ledger/bundle/bundle-report.ts';
import { type BundleLink, NOT_LINKED } from '#src/ledger/bundle/succession.ts';

/** A verification as a person reads it in a terminal. */
export function bundleReportText(name: string, report: BundleReport): string {
  const { facts, firstProblem } = report;
  const lines = [
    report.ok ? `RIGHT  ${name} is whole and unchanged.` : `WRONG  ${name}`,
    ...(firstProblem ? [`       ${firstProblem.where}: ${firstProblem.sentence} [${firstProblem.rule}]`] : []),
    '',
  ];
  for (const [label, value] of factRows(facts)) lines.push(`${label.padEnd(13)}${value}`);
  if (facts.assurance.length > 0) lines.push('', 'Levels', ...facts.assurance.map(stepLine));
  lines.push('', report.ok ? 'Checked' : 'Found to hold before that');
  for (const { what, detail, count } of report.checked)
    lines.push(`  + ${what}${count === undefined ? '' : ` (${count})`}: ${detail}`);
  if (report.checked.length === 0) lines.push('  nothing');
  lines.push('', 'Not checked');
  for (const { what, why } of report.notChecked) lines.push(`  - ${what}. ${why}`);
  return lines.join('\n');
}

const LINK_WORDS = { joined: 'JOINED ', contradicts: 'WRONG  ', unknown: 'UNKNOWN' } as const;

/** How several bundles belong together. */
export function bundleLinksText(links: readonly BundleLink[]): string {
  if (links.length === 0) return `UNKNOWN  ${NOT_LINKED}`;
  return links.map(({ state, sentence }) => `${LINK_WORDS[state]}  ${sentence}`).join('\n');
}

function stepLine({ level, reached, reason }: BundleReport['facts']['assurance'][number]): string {
  return `  ${reached ? '+' : '-'} ${level.padEnd(13)}${reason}`;
}

function factRows(facts: BundleReport['facts']): [string, string][] {
  const rows: [string, string | null][] = [
    ['Bundle', facts.bundle],
    ['Log', facts.origin],
    [
      'Entries',
      facts.entries === null ? null : `${facts.entries} of ${facts.size ?? 'unknown many'}${rangeText(facts)}`,
    ],
    [
      'Continues',
      facts.continues &&
        `${facts.continues.origin}, ended at ${facts.continues.previous.size} entries (${facts.continues.reason})`,
    ],
    ['Sealed', facts.sealed && `nothing follows this log's last entry (${facts.sealed})`],
    ['Exported', facts.exportedAt],
    ['Latest entry', facts.latestEntryAt],
    ['Level', facts.level && `${facts.level}. ${facts.stillPossible}`],
    ['Log key', facts.key && `${facts.key}`],
    [
      'Fingerprint',
      facts.keyFingerprint && `${facts.keyFingerprint}${facts.keyFromBundle ? '  (from the bundle itself)' : ''}`,
    ],
    ['Witnesses', facts.cosigners.map(({ name, cosignedAt }) => `${name} at ${cosignedAt}`).join(', ')],
    ['Not included', missingText(facts)],
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

function rangeText({ from, to }: BundleReport['facts']): string {
  return from === null || to === null || from === to ? '' : `, complete from ${from} to ${to - 1}`;
}

function missingText({ blobsWithheld, blobsErased }: BundleReport['facts']): string {
  const parts = [];
  if (blobsWithheld > 0) parts.push(`${blobsWithheld} evidence files withheld`);
  if (blobsErased > 0) parts.push(`${blobsErased} erased`);
  return parts.join(', ');
}
