import type { Detection, ScanResult } from '#src/connectors/source-tree/index.ts';
import { ASSET_KINDS, type AssetKind } from '#src/features/inventory/model.ts';
import type { Finding } from '#src/features/scans/index.ts';
import type { ScanSummary } from '#src/features/scans/model.ts';

const COLUMNS_MIN = 80;
const COLUMNS_MAX = 140;
const PLURALS: Record<AssetKind, string> = {
  model: 'Models',
  training_pipeline: 'Training pipelines',
  dataset: 'Datasets',
  prompt: 'Prompts',
  inference_api: 'Inference APIs',
  agent: 'Agents',
  agent_tool: 'Agent tools',
  eval_suite: 'Evaluation suites',
  knowledge_base: 'Retrieval indexes',
  third_party_ai_service: 'Third-party AI services',
  guardrail: 'Guardrails',
};

/** A scan as a person reads it in a terminal: the inventory by kind with place and rule, then what fails. */
export function scanText(result: ScanResult, findings: readonly Finding[], columns: number | undefined): string {
  const width = Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, columns ?? COLUMNS_MIN));
  const lines = [...headLines(result), ''];
  if (result.detections.length === 0) lines.push('No AI assets were found.', '');
  const table = columnsOf(result.detections, width);
  for (const kind of Object.keys(ASSET_KINDS) as AssetKind[]) {
    const found = result.detections.filter((detection) => detection.kind === kind);
    if (found.length === 0) continue;
    lines.push(`${PLURALS[kind]} (${found.length})`, ...found.map((each) => detectionLine(each, table)), '');
  }
  lines.push(...findingLines(findings, width));
  return lines.join('\n').trimEnd();
}

function headLines(result: ScanResult): string[] {
  const { stats, detections, systems } = result;
  const amount = (count: number, one: string, many = `${one}s`) =>
    `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
  const head = [
    `${clean(result.source.title)}: ${amount(stats.files, 'file')}, ${sizeText(stats.bytes)}, ${(result.durationMs / 1000).toFixed(1)} s`,
    `${amount(detections.length, 'AI asset')} in ${amount(systems.length, 'possible system')}`,
  ];
  if (!stats.complete)
    head.push(`INCOMPLETE: ${stats.incompleteBecause.map(clean).join('; ')}. What is missing here may still be there.`);
  if (stats.skippedCount > 0) {
    const [first] = stats.skipped;
    const example = first ? `, such as ${clean(first.path)} (${clean(first.why)})` : '';
    head.push(`${amount(stats.skippedCount, 'file')} not read${example}`);
  }
  return head;
}

type Columns = { title: number; place: number; rule: number };

const CONFIDENCE_COLUMNS = 6;
const RULE_COLUMNS_MAX = 24;
// Two before the title, one between the columns.
const GAPS = 5;

/** Titles and rules get what the longest of them needs, within reason; places get the rest. */
function columnsOf(detections: readonly Detection[], width: number): Columns {
  const longest = (texts: string[]) => Math.max(0, ...texts.map((text) => [...text].length));
  const rule = Math.min(RULE_COLUMNS_MAX, longest(detections.map((each) => each.rule)));
  const rest = width - GAPS - CONFIDENCE_COLUMNS - rule;
  const title = Math.min(Math.floor(rest * 0.5), longest(detections.map((each) => clean(each.title))));
  return { title, place: rest - title, rule };
}

/** `  title path:line confidence rule`; titles are cut at their end, paths at their beginning. */
function detectionLine(detection: Detection, { title, place, rule }: Columns): string {
  const line = detection.line === null ? '' : `:${detection.line}`;
  const more = detection.placesCount > 1 ? ` +${detection.placesCount - 1}` : '';
  return [
    ` `,
    fitEnd(clean(detection.title), title),
    fitStart(`${clean(detection.path)}${line}${more}`, place),
    detection.confidence.padEnd(CONFIDENCE_COLUMNS),
    fitEnd(detection.rule, rule).trimEnd(),
  ].join(' ');
}

const INDENT = 12;
const PLACES_SHOWN = 5;

function findingLines(findings: readonly Finding[], width: number): string[] {
  if (findings.length === 0) return ['No control test over the source tree fails.'];
  const lines = [`Findings (${findings.length})`];
  for (const finding of findings) {
    const count = finding.failing.length;
    const shown = finding.failing.slice(0, PLACES_SHOWN);
    lines.push(
      ...wrap(`${finding.title} (${count})`, width - INDENT).map(
        (line, i) => `${(i === 0 ? `  ${finding.severity}` : '').padEnd(INDENT)}${line}`,
      ),
      ...shown.flatMap(({ because }) =>
        wrap(clean(because), width - INDENT).map((line) => `${' '.repeat(INDENT)}${line}`),
      ),
      ...(count > shown.length
        ? [`${' '.repeat(INDENT)}and ${(count - shown.length).toLocaleString('en-US')} more; --json lists them all`]
        : []),
    );
  }
  return lines;
}

/** What recording changed, in the words of the web app. */
export function recordedText(
  summary: ScanSummary,
  evidence: { id: string; ledgerIndex: number | null },
  titleOf: (testId: string) => string,
): string {
  const { items, tests, facts } = summary;
  const place =
    evidence.ledgerIndex === null ? 'waiting for the ledger' : `entry ${evidence.ledgerIndex} of the ledger`;
  const lines = [
    summary.unchanged
      ? 'Recorded: unchanged. The source says the same as last time.'
      : `Recorded: ${items.proposed} new, ${items.returned} back, ${items.gone} gone of ${items.found} items; ${facts.added + facts.changed + facts.removed} facts changed.`,
    `Evidence ${evidence.id}, ${place}.`,
    `Control tests: ${tests.fail} fail, ${tests.noData} without data, ${tests.error} broken, ${tests.pass} pass, ${tests.notApplicable} do not apply.`,
  ];
  for (const { id, from } of summary.changedTests.filter((change) => change.to === 'fail').slice(0, 10))
    lines.push(`  now fails: ${clean(titleOf(id))}${from === null ? '' : ` (was ${from.replaceAll('_', ' ')})`}`);
  if (items.proposed > 0) lines.push('Next: confirm or reject the new items under Inventory.');
  return lines.join('\n');
}

function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Text from a source tree without anything a terminal would act on. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** Lines of whole words; a word that is too long for a line is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if ([...longer].length <= width) line = longer;
    else {
      if (line !== '') lines.push(line);
      line = fitEnd(word, width).trimEnd();
    }
  }
  return line === '' ? lines : [...lines, line];
}

function fitEnd(text: string, width: number): string {
  const letters = [...text];
  return letters.length > width ? `${letters.slice(0, width - 1).join('')}…` : text.padEnd(width);
}

function fitStart(text: string, width: number): string {
  const letters = [...text];
  return letters.length > width ? `…${letters.slice(letters.length - width + 1).join('')}` : text.padEnd(width);
}
