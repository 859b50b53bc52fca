// Trains the injection model and writes src/detectors/injection/weights.gen.ts. The same data gives the same bytes.
// Usage: tsx scripts/train-injection-model.ts [folder of the shared guardrail data] [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, weightsFile } from '#src/detectors/training/weights-file.ts';

const TARGET = 'src/detectors/injection/weights.gen.ts';
const FILES = ['injection_direct', 'injection_indirect', 'hard_negatives', 'benign'];

const args = process.argv.slice(2);
const folder = args.find((arg) => !arg.startsWith('--')) ?? '../shared/data/guardrails';
const lines = FILES.map((name) =>
  readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n'),
);
const startedAt = performance.now();
const model = buildModel(lines, JSON.parse(readFileSync(join(folder, 'licences.json'), 'utf8')));
const text = weightsFile(model);
console.log(
  `trained in ${Math.round((performance.now() - startedAt) / 1000)} s, data ${model.head.dataSha256}, weights ${model.head.weightsSha256}`,
);
if (!args.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error(`${TARGET} does not match what the data gives. Run: npx tsx scripts/train-injection-model.ts`);
  process.exitCode = 1;
}
