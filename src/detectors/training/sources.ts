import { attackRows } from './attacks.ts';
import { detourRows } from './detours.ts';
import { documentRows } from './documents.ts';
import { englishRows } from './english.ts';
import { harmlessRows } from './harmless.ts';
import { multilingualRows } from './languages.ts';
import { personaRows } from './personas.ts';
import { phraseRows } from './phrases.ts';
import { proseRows } from './prose.ts';
import { pick, seededRandom } from './random.ts';
import type { TrainingRow } from './row.ts';
import { tongueDocuments, tongueRows } from './tongues.ts';

const SEED = 7;
const DOCUMENTS = 1000;

/** Everything that is generated here; the same on every machine. */
export function ownRows(): TrainingRow[] {
  const random = seededRandom(SEED);
  return [
    ...englishRows(random),
    ...multilingualRows(random),
    ...documentRows(random, DOCUMENTS),
    ...attackRows(random),
    ...harmlessRows(random),
    ...phraseRows(random),
    ...personaRows(random),
    ...detourRows(random),
    ...proseRows(random),
    ...tongueRows(random),
    ...tongueDocuments(random),
  ];
}

export type License = { licence: string; ship: boolean };

/** Rows of a file of the shared data. */
export function readRows(lines: readonly string[]): TrainingRow[] {
  return lines.map((line) => {
    const row: Record<string, unknown> = JSON.parse(line);
    return {
      text: String(row.text),
      label: row.label === 1 ? 1 : 0,
      source: String(row.source),
      category: String(row.category),
      lang: String(row.lang),
      ...(typeof row.attack === 'string' ? { attack: row.attack } : {}),
    };
  });
}

/** Rows of a file whose source is marked fit to ship. Throws RangeError for a source without an entry. */
export function shippableRows(lines: readonly string[], licenses: Readonly<Record<string, License>>): TrainingRow[] {
  return readRows(lines).filter(({ source }) => {
    const license = licenses[source];
    if (license === undefined) throw new RangeError(`source ${source} has no entry in licences.json`);
    return license.ship;
  });
}

const PARAGRAPHS = 3;

/** Paragraphs of documents that only talk about attacks, put together as clean documents: to mention is not to order. */
export function asDocuments(rows: readonly TrainingRow[]): TrainingRow[] {
  const paragraphs = rows.filter((row) => row.category === 'hard_security_text' || row.category === 'benign_document');
  const documents: TrainingRow[] = [];
  for (let i = 0; i + PARAGRAPHS <= paragraphs.length; i += PARAGRAPHS) {
    const some = paragraphs.slice(i, i + PARAGRAPHS);
    documents.push({
      text: some.map((row) => row.text).join('\n'),
      label: 0,
      source: some[0]?.source ?? '',
      category: 'clean_doc',
      lang: some[0]?.lang ?? '',
    });
  }
  return documents;
}

const TYPO_SHARE = 0.12;

/** Copies of some prompts with two letters swapped in most long words, as hurried people and evaders write. */
export function withTypos(rows: readonly TrainingRow[]): TrainingRow[] {
  const random = seededRandom(SEED + 1);
  const copies: TrainingRow[] = [];
  for (const row of rows) {
    if (row.attack !== undefined || random() >= TYPO_SHARE || row.text.length > 2000) continue;
    const text = row.text.replace(/[A-Za-z]{5,}/g, (word) => {
      if (random() < 0.3) return word;
      const at = 1 + Math.floor(random() * (word.length - 3));
      return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
    });
    copies.push({ ...row, text });
  }
  return copies;
}

const TASK_DOCUMENTS = 900;
const LONGEST_TASK = 160;

const SENTENCE_END = /(?<=[.!?。])\s+|\n+/;

/**
 * Documents with an ordinary request put between two of their sentences: harmless when a person asks, out of place where
 * nobody did. Such an attack has no word that gives it away.
 */
export function withTasks(rows: readonly TrainingRow[]): TrainingRow[] {
  const random = seededRandom(SEED + 2);
  const tasks = new Map<string, string[]>();
  for (const row of rows) {
    if (row.label === 1 || row.text.length > LONGEST_TASK || row.text.includes('\n')) continue;
    // Only what asks for a piece of work: other harmless sentences are what documents say anyway.
    if (row.category !== 'benign_instructions') continue;
    const some = tasks.get(row.lang) ?? [];
    some.push(row.text.trim());
    tasks.set(row.lang, some);
  }
  const hosts = rows.filter(
    (row) => row.label === 0 && /^(?:benign_document|indirect_clean_doc|tool_output_clean)$/.test(row.category),
  );
  const documents: TrainingRow[] = [];
  if (hosts.length === 0) return documents;
  for (let i = 0; i < TASK_DOCUMENTS; i++) {
    const host = pick(random, hosts);
    const some = tasks.get(host.lang) ?? tasks.get('en') ?? [];
    if (some.length === 0) continue;
    const attack = pick(random, some);
    const sentences = host.text.split(SENTENCE_END);
    const at = Math.floor(random() * (sentences.length + 1));
    const joiner = host.text.includes('\n') ? '\n' : ' ';
    documents.push({
      ...host,
      text: [...sentences.slice(0, at), attack, ...sentences.slice(at)].join(joiner),
      label: 1,
      category: 'indirect_task',
      attack,
    });
  }
  return documents;
}

/** The rows with everything that is derived from them, in the order of training. */
export function augmented(rows: readonly TrainingRow[]): TrainingRow[] {
  return [...rows, ...withTypos(rows), ...asDocuments(rows), ...withTasks(rows)];
}
