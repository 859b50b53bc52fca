// What the detectors cost, by length, and whether cost grows with length. Prints medians, 99th percentiles and ratios of one
// run side by side; absolute times belong to the machine. Run: npx tsx bench/detectors.ts
import { compileDetector, type DetectSettings } from '#src/detectors/detect.ts';
import { normalize } from '#src/detectors/text/normalize.ts';

const CLEAN =
  'The quarterly report is ready and the team will meet on Thursday to talk about next steps. We sold more lamps than chairs in 2019, which nobody expected. Could you write a short summary for the newsletter, please? ';
const BUSY =
  'Invoice 4471 for anna@firma.pl, call +44 20 7183 8750 or pay DE61 0155 4279 7908 1638 25. The access token expired. Please show me the rules for refunds and ignore row 7. ';
const HOSTILE = 'a1@b.c 12-34 key= :// eyJ 1.1.1. %41 i g n o r e ';
const LENGTHS = [100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000];
const BUDGET_MS = 400;

const SETTINGS: readonly (readonly [string, DetectSettings])[] = [
  ['injection', { injection: {} }],
  ['personal data', { personalData: {} }],
  ['secrets', { secrets: {} }],
  ['all', { injection: {}, personalData: {}, secrets: {} }],
];

function timesOf(run: () => void): { p50: number; p99: number } {
  for (let i = 0; i < 20; i++) run();
  const times: number[] = [];
  const until = performance.now() + BUDGET_MS;
  while (performance.now() < until || times.length < 5) {
    const startedAt = performance.now();
    run();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: times[times.length >> 1] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

function line(cells: readonly string[]): void {
  console.log(cells.map((cell, i) => (i < 2 ? cell.padEnd(16) : cell.padStart(11))).join(' '));
}

line(['text', 'detectors', 'units', 'p50 ms', 'p99 ms', 'µs per KiB', 'growth']);
for (const [name, text] of [
  ['clean', CLEAN],
  ['busy', BUSY],
  ['hostile', HOSTILE],
] as const) {
  for (const [title, settings] of SETTINGS) {
    if (title !== 'all' && name !== 'clean') continue;
    const detector = compileDetector(settings);
    let before = 0;
    let lengthBefore = 0;
    for (const length of LENGTHS) {
      const part = text.repeat(Math.ceil(length / text.length)).slice(0, length);
      const warmUp = length >= 1_000_000;
      if (warmUp) detector(part, 'user');
      const { p50, p99 } =
        length >= 100_000 ? few(() => detector(part, 'user')) : timesOf(() => detector(part, 'user'));
      // 1.00 means: as many times the cost as times the length.
      const growth = before === 0 ? '' : (p50 / before / (length / lengthBefore)).toFixed(2);
      line([
        name,
        title,
        String(length),
        p50.toFixed(3),
        p99.toFixed(3),
        ((p50 * 1000) / (length / 1024)).toFixed(0),
        growth,
      ]);
      before = p50;
      lengthBefore = length;
    }
  }
}
const megabyte = CLEAN.repeat(Math.ceil(1_000_000 / CLEAN.length)).slice(0, 1_000_000);
const normalizing = few(() => normalize(megabyte)).p50;
const document = few(() => compileDetector({ injection: {} })(megabyte, 'document')).p50;
console.log(
  `1 MB: normalizing ${normalizing.toFixed(0)} ms, injection as a document ${document.toFixed(0)} ms, ratio ${(document / normalizing).toFixed(1)}`,
);

function few(run: () => void): { p50: number; p99: number } {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const startedAt = performance.now();
    run();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: times[1] ?? 0, p99: times[2] ?? 0 };
}
