import { beforeAll, describe, expect, test } from 'vitest';
import { ABSENT, agrees, monitoringCasesPresent, monitoringFile } from '../../tests/support/monitoring-cases.ts';
import { categoricalDrift, readCategoricalSample } from './categorical-drift.ts';
import { rocAuc } from './discrimination.ts';
import { evaluateIsotonic, fitIsotonic } from './isotonic.ts';
import { nannymlDrift } from './numeric-drift.ts';
import { expectedRocAuc } from './performance-estimate.ts';
import { kolmogorovSmirnov, wasserstein1 } from './two-sample.ts';

// The quick start of NannyML on ma_reference.csv and ma_analysis.csv: what it published, and what it computes.

type Series = { values: number[]; upper_threshold: number | null; alerts: boolean[] };
type Published = {
  published: { alert_counts_jensen_shannon_all_chunks: Record<string, number> };
  chunk_size: number;
  computed: {
    cbpe: { estimated_roc_auc: number; realized_roc_auc: number; upper_threshold: number; lower_threshold: number }[];
    drift: Record<string, Record<string, Series>>;
  };
};
type Rows = Map<string, string[]>;

function readRows(name: string): Rows {
  const [header = '', ...lines] = monitoringFile(`datasets/${name}`).trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const columns = names.map((): string[] => []);
  for (const line of lines) for (const [k, cell] of line.split(',').entries()) columns[k]?.push(cell);
  return new Map(names.map((column, k) => [column, columns[k] as string[]]));
}

describe.skipIf(!monitoringCasesPresent)(`NannyML (${monitoringCasesPresent ? 'present' : ABSENT})`, () => {
  let given: Published;
  let reference: Rows;
  let chunks: Rows[];

  beforeAll(() => {
    given = JSON.parse(monitoringFile('cases/nannyml_ma.json'));
    reference = readRows('ma_reference.csv.gz');
    chunks = [reference, readRows('ma_analysis.csv.gz')].flatMap((rows) => {
      const total = rows.get('id')?.length ?? 0;
      return Array.from({ length: Math.ceil(total / given.chunk_size) }, (_, k) => {
        const [from, to] = [k * given.chunk_size, (k + 1) * given.chunk_size];
        return new Map([...rows].map(([column, cells]) => [column, cells.slice(from, to)]));
      });
    });
  });

  const column = (rows: Rows, name: string) => rows.get(name) ?? [];
  const numbers = (rows: Rows, name: string) => Float64Array.from(column(rows, name).filter(Boolean), Number);
  const present = (rows: Rows, name: string) => column(rows, name).map((cell) => (cell === '' ? null : cell));

  function check(name: string, method: string, values: readonly number[], relative: number): void {
    const expected = given.computed.drift[name]?.[method];
    expect(values.length).toBe(expected?.values.length);
    values.forEach((value, k) => {
      expect(
        agrees(value, expected?.values[k], relative),
        `${name} ${method} ${k}: ${value}, ${expected?.values[k]}`,
      ).toBe(true);
    });
  }

  test('drift of a number', () => {
    const r = numbers(reference, 'AGEP').sort();
    const found = chunks.map((chunk) => {
      const c = numbers(chunk, 'AGEP').sort();
      return { ...nannymlDrift(r, c), d: kolmogorovSmirnov(r, c).d, w1: wasserstein1(r, c) };
    });
    check(
      'AGEP',
      'jensen_shannon',
      found.map(({ jensenShannon }) => jensenShannon),
      1e-6,
    );
    check(
      'AGEP',
      'hellinger',
      found.map(({ hellinger }) => hellinger),
      1e-6,
    );
    check(
      'AGEP',
      'kolmogorov_smirnov',
      found.map(({ d }) => d),
      1e-9,
    );
    check(
      'AGEP',
      'wasserstein',
      found.map(({ w1 }) => w1),
      1e-3,
    );
  });

  test.each(['SCHL', 'MAR', 'RELP', 'ANC', 'DREM', 'SEX', 'CIT'])('drift of categories: %s', (name) => {
    const r = readCategoricalSample(present(reference, name));
    const found = chunks.map((chunk) => categoricalDrift(r, readCategoricalSample(present(chunk, name))).measures);
    const of = (read: (measures: NonNullable<(typeof found)[number]>) => number) =>
      found.map((measures) => (measures ? read(measures) : Number.NaN));
    check(
      name,
      'jensen_shannon',
      of((one) => one.jensenShannon),
      1e-6,
    );
    check(
      name,
      'hellinger',
      of((one) => one.hellinger),
      1e-6,
    );
    check(
      name,
      'l_infinity',
      of((one) => one.largestDifference),
      1e-6,
    );
    check(
      name,
      'chi2',
      of((one) => (one.chiSquareYates ?? one.chiSquare).statistic),
      1e-6,
    );
  });

  test('the alerts it published: values above the mean and three deviations of the chunks of the reference', () => {
    const chunksOfReference = Math.ceil(column(reference, 'id').length / given.chunk_size);
    const names = Object.keys(given.published.alert_counts_jensen_shannon_all_chunks);
    const counted = names.map((name) => {
      const isNumber = name === 'AGEP';
      const r = readCategoricalSample(present(reference, name));
      const values = chunks.map((chunk) =>
        isNumber
          ? nannymlDrift(numbers(reference, name), numbers(chunk, name)).jensenShannon
          : (categoricalDrift(r, readCategoricalSample(present(chunk, name))).measures?.jensenShannon ?? Number.NaN),
      );
      const known = values.slice(0, chunksOfReference);
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
      const limit = mean + 3 * deviation;
      expect(agrees(limit, given.computed.drift[name]?.jensen_shannon?.upper_threshold, 1e-6), name).toBe(true);
      return [name, values.filter((value) => value > limit).length];
    });
    expect(Object.fromEntries(counted)).toEqual(given.published.alert_counts_jensen_shannon_all_chunks);
  });

  test('the area under the curve before labels arrive, and the one that came true', () => {
    const scoresOf = (rows: Rows) => numbers(rows, 'predicted_probability');
    const calibration = fitIsotonic(scoresOf(reference), numbers(reference, 'employed'));
    chunks.forEach((chunk, k) => {
      const scores = scoresOf(chunk);
      const calibrated = scores.map((score) => evaluateIsotonic(calibration, score));
      const expected = given.computed.cbpe[k];
      const estimated = expectedRocAuc(calibrated, scores) ?? Number.NaN;
      expect(Math.abs(estimated - (expected?.estimated_roc_auc ?? 0)), `chunk ${k}`).toBeLessThan(1e-6);
      const realized = rocAuc(numbers(chunk, 'employed'), scores)?.auc ?? Number.NaN;
      expect(Math.abs(realized - (expected?.realized_roc_auc ?? 0)), `chunk ${k}, realized`).toBeLessThan(1e-6);
    });
  });
});
