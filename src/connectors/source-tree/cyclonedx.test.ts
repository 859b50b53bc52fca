import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { billOfMaterials, toCycloneDx } from './cyclonedx.ts';
import type { ScanResult } from './model.ts';
import { SAMPLE_COMPANY } from './sample-company.ts';
import { scanTree } from './scan.ts';
import { temporaryTree } from './temporary-tree.ts';

const SCHEMAS = join(fileURLToPath(new URL('.', import.meta.url)), '../../../../shared/data/schemas/cyclonedx');
const OPTIONS = { version: '0.1.0', at: '2026-11-23T10:00:00.000Z' };

const tree = temporaryTree(SAMPLE_COMPANY);
let result: ScanResult;
beforeAll(async () => {
  result = await scanTree(tree.root, { now: () => 0 });
});
afterAll(() => tree.remove());

type Bill = {
  serialNumber: string;
  metadata: { component: { 'bom-ref': string } };
  components: {
    type: string;
    name: string;
    'bom-ref': string;
    hashes?: { alg: string; content: string }[];
    licenses?: { license: { id?: string; name?: string } }[];
    modelCard?: { modelParameters?: { task?: string } };
    properties: { name: string; value: string }[];
  }[];
  services: { name: string; 'bom-ref': string; endpoints?: string[]; properties: { name: string; value: string }[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

function systemOf(service: Bill['services'][number]): string | undefined {
  return service.properties.find(({ name }) => name === 'assay:system')?.value;
}

function bill(): Bill {
  return toCycloneDx(result, OPTIONS) as unknown as Bill;
}

describe.skipIf(!existsSync(SCHEMAS))(
  'against the official CycloneDX 1.6 schema (skipped where the schemas are absent)',
  () => {
    let validate: ValidateFunction;
    beforeAll(() => {
      const read = (name: string) => JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')) as object;
      // The schema states titles and enums of titles that strict mode does not know.
      const ajv = new Ajv({
        strict: false,
        allErrors: true,
        schemas: [read('spdx.schema.json'), read('jsf-0.82.schema.json'), read('cryptography-defs.schema.json')],
      });
      addFormats(ajv);
      // An IRI reference is a URI reference that may hold any letter; what we write is encoded already.
      ajv.addFormat('iri-reference', /^[^\s<>"{}|\\^`]*$/);
      ajv.addFormat('idn-email', /^[^\s@]+@[^\s@]+$/);
      validate = ajv.compile(read('bom-1.6.schema.json'));
    });

    test('the bill of a whole company is valid', () => {
      expect(validate(toCycloneDx(result, OPTIONS)) || validate.errors).toBe(true);
    });

    test('the bill of nothing is valid', () => {
      const empty = billOfMaterials({ name: 'empty', key: 'empty', version: null, repository: null }, [], OPTIONS);
      expect(validate(empty) || validate.errors).toBe(true);
    });

    test('strange names, routes and licenses stay valid', () => {
      const strange = billOfMaterials(
        { name: '', key: 'k', version: null, repository: 'https://example.org/a b' },
        [
          {
            key: 'inference_api|.|x',
            kind: 'inference_api',
            title: '/chat/{id} <x>',
            details: { route: '/chat/{id} <x>' },
            places: [],
            confidence: 'low',
            system: null,
            uses: ['nowhere'],
          },
          {
            key: 'model|.|m',
            kind: 'model',
            title: '',
            details: { licence: 'llama3.1, apache-2.0', sha256: 'no digest' },
            places: [{ path: 'a', line: null, rule: 'r' }],
            confidence: null,
            system: 's',
            uses: [],
          },
        ],
        OPTIONS,
      );
      expect(validate(strange) || validate.errors).toBe(true);
    });

    test('a wrong bill is refused, so the check can fail', () => {
      expect(validate({ ...toCycloneDx(result, OPTIONS), specVersion: 1.6, components: [{ type: 'weights' }] })).toBe(
        false,
      );
    });
  },
);

test('weights become model components with hash, license and card', () => {
  const model = bill().components.find((component) => component.name === 'ticket.gguf');
  expect(model).toMatchObject({
    type: 'machine-learning-model',
    licenses: [{ license: { id: 'MIT' } }],
    modelCard: { modelParameters: { task: 'text-generation' } },
  });
  expect(model?.hashes?.[0]?.content).toMatch(/^[0-9a-f]{64}$/);
  expect(model?.properties).toContainEqual({ name: 'assay:place', value: 'models/ticket.gguf' });
});

test('outside services and endpoints become services, and name where they were seen', () => {
  const { services } = bill();
  const openai = services.find((service) => service.name === 'openai' && systemOf(service) === 'chat');
  expect(openai?.properties).toContainEqual({ name: 'assay:place', value: 'chat/app/llm.py:2' });
  expect(openai?.properties).toContainEqual({ name: 'assay:rule', value: 'service.openai.sdk' });
  expect(services.map((service) => service.name)).toContain('/chat');
});

test('every reference is unique and every dependency leads to one', () => {
  const { components, services, dependencies, metadata } = bill();
  const refs = [
    metadata.component['bom-ref'],
    ...components.map((each) => each['bom-ref']),
    ...services.map((each) => each['bom-ref']),
  ];
  expect(new Set(refs).size).toBe(refs.length);
  for (const { ref, dependsOn } of dependencies) for (const each of [ref, ...dependsOn]) expect(refs).toContain(each);
});

test('the endpoint depends on the service that answers it', () => {
  const { services, dependencies } = bill();
  const refOf = (name: string) =>
    services.find((service) => service.name === name && systemOf(service) === 'chat')?.['bom-ref'];
  expect(dependencies.find(({ ref }) => ref === refOf('/chat'))?.dependsOn).toContain(refOf('openai'));
});

test('the serial number follows from the content and from nothing else', () => {
  const first = toCycloneDx(result, OPTIONS);
  expect(toCycloneDx(result, { ...OPTIONS, at: '2027-01-01T00:00:00.000Z' }).serialNumber).toBe(first.serialNumber);
  const changed = { ...result, detections: result.detections.slice(1) };
  expect(toCycloneDx(changed, OPTIONS).serialNumber).not.toBe(first.serialNumber);
  expect(first.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
