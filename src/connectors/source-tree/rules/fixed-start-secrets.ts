import { ALPHABETS, VENDOR_FORMATS, type VendorFormat } from '#src/detectors/secrets/vendor-formats.ts';
import type { DetectionRule } from '../rule.ts';
import { secretFormat } from './secret-format.ts';
import { madeUp } from './secret-samples.ts';

/** Shorter starts lead to a rule at every other word of a source tree. */
const SHORTEST_START = 3;

const ESCAPED = /[.*+?^${}()|[\]\\]/g;

/** One rule for each format that the gateway knows by its start; the examples follow from the format. */
export const FIXED_START_SECRETS: readonly DetectionRule[] = formatsById().map(([first, formats]) => {
  const prefixes = formats.map(({ prefix }) => prefix);
  const starts = prefixes.map((prefix) => prefix.replace(ESCAPED, '\\$&')).join('|');
  const body = `[${ALPHABETS[first.alphabet]}]{${first.least},${first.most}}`;
  const sample = sampleOf(first);
  return secretFormat({
    detector: first.id,
    title: first.title,
    literals: prefixes,
    pattern: new RegExp(`(?<![A-Za-z0-9_-])(?<value>(?<prefix>${starts})${body})(?![A-Za-z0-9_-])`),
    prefix: first.prefix,
    positive: [
      { path: 'app/config.py', text: `import os\nKEY = "${sample}"\n`, line: 2 },
      { path: '.env', text: `KEY=${sample}\n`, line: 1 },
      { path: 'README.md', text: `Run with \`${sample}\`.\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'app/config.py', text: `KEY = "${sample.slice(0, first.prefix.length + 4)}"\n` },
      { path: 'app/config.py', text: `KEY = "x${sample}"\n` },
    ],
  });
});

function formatsById(): [VendorFormat, VendorFormat[]][] {
  const byId = new Map<string, [VendorFormat, VendorFormat[]]>();
  for (const format of VENDOR_FORMATS) {
    if (format.prefix.length < SHORTEST_START) continue;
    const known = byId.get(format.id);
    if (known) known[1].push(format);
    else byId.set(format.id, [format, [format]]);
  }
  return [...byId.values()];
}

function sampleOf({ prefix, alphabet, least }: VendorFormat): string {
  const signs = ALPHABETS[alphabet]
    .replace(/([A-Za-z0-9])-([A-Za-z0-9])/g, (_all, from: string, to: string) =>
      Array.from({ length: to.charCodeAt(0) - from.charCodeAt(0) + 1 }, (_, i) =>
        String.fromCharCode(from.charCodeAt(0) + i),
      ).join(''),
    )
    .replace(/[^A-Za-z0-9]/g, '');
  // A body of letters only is left to words.
  return `${madeUp(prefix, signs, 1)}7${madeUp(prefix, signs, least).slice(prefix.length + 2)}`;
}
