import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalog } from '#src/catalog/load.ts';
import { controlOf } from './verdict-control.ts';

const known = new Set(loadCatalog(resolve(import.meta.dirname, '../../../catalog')).controls.map(({ id }) => id));

test.each([
  ['injection_user', 'input', 'GRD-01'],
  ['cel:any', 'input', 'GRD-01'],
  ['secret', 'output', 'GRD-02'],
  ['canary', 'output', 'TEN-03'],
  ['check:json_schema', 'output', 'GRD-07'],
  ['check:tool_calls', 'output', 'AGT-02'],
  ['check:tool_approval', 'output', 'AGT-03'],
  ['check:grounding', 'output', 'GRD-08'],
  ['check:probabilities', 'input', 'API-05'],
] as const)('%s of %s carries out a control of the catalog', (detector, direction, control) => {
  expect(controlOf({ detector, direction })).toBe(control);
  expect(known.has(control)).toBe(true);
});
