import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { spdxIdOf } from './licences.ts';
import type { AssetKind, Confidence, ScanResult } from './model.ts';

/** One asset as the bill of materials needs it: a detection of a scan has this shape, and so does an inventory item. */
export type BomItem = {
  key: string;
  kind: AssetKind;
  title: string;
  details: Readonly<Record<string, string>>;
  /** Where it was seen; `rule` names the detection rule. */
  places: readonly { path: string; line: number | null; rule: string }[];
  confidence: Confidence | null;
  /** Name of the system it belongs to. */
  system: string | null;
  /** Keys of the items it uses. */
  uses: readonly string[];
};

export type BomSubject = {
  /** Name of what the bill is about: a repository or an organization. */
  name: string;
  /** Stable id of it; the references in the bill follow from it. */
  key: string;
  version: string | null;
  /** Address without credentials. */
  repository: string | null;
};

type Part = { [member: string]: JsonValue };

const OCCURRENCES_MAX = 50;
const TOOL = 'assay';

/** The result of a scan as a CycloneDX 1.6 bill of materials. `version` is that of this product, `at` the time of the bill. */
export function toCycloneDx(result: ScanResult, options: { version: string; at: string }): Part {
  const repository = result.facts.find((fact) => fact.kind === 'repository');
  const titles = new Map(result.systems.map((system) => [system.key, system.title]));
  const items = result.detections.map((detection) => ({ ...detection, system: titles.get(detection.system) ?? null }));
  const subject = {
    name: result.source.title,
    key: result.source.key,
    version: repository?.body.commit ?? null,
    repository: repository?.body.remote ?? null,
  };
  return billOfMaterials(subject, items, options);
}

/**
 * A CycloneDX 1.6 ML-BOM as JSON. The same items make the same bill: references come from keys, the serial number from the
 * content, and only `metadata.timestamp` tells when it was written. Source: ECMA-424.
 */
export function billOfMaterials(
  subject: BomSubject,
  items: readonly BomItem[],
  options: { version: string; at: string },
): Part {
  const root = refOf('application', subject.key);
  const sorted = [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const known = new Set(sorted.map((item) => item.key));
  const refs = new Map(sorted.map((item) => [item.key, refOf(item.kind, `${subject.key} ${item.key}`)]));
  const isService = (item: BomItem) => item.kind === 'third_party_ai_service' || item.kind === 'inference_api';
  const components = sorted.filter((item) => !isService(item)).map((item) => component(item, refs));
  const services = sorted.filter(isService).map((item) => service(item, refs));
  const dependencies = [
    { ref: root, dependsOn: [...refs.values()].sort() },
    ...sorted.map((item) => ({
      ref: refs.get(item.key) ?? '',
      dependsOn: item.uses
        .filter((key) => known.has(key))
        .map((key) => refs.get(key) ?? '')
        .sort(),
    })),
  ];
  const about: Part = {
    type: 'application',
    'bom-ref': root,
    name: subject.name || 'unnamed',
    ...(subject.version === null ? {} : { version: subject.version }),
    ...(subject.repository === null
      ? {}
      : { externalReferences: [{ type: 'vcs', url: encodeURI(subject.repository) }] }),
  };
  const content: Part = { components, services, dependencies };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(canonicalJson({ about, content }))}`,
    version: 1,
    metadata: {
      timestamp: options.at,
      lifecycles: [{ phase: 'pre-build' }],
      tools: { components: [{ type: 'application', name: TOOL, version: options.version }] },
      component: about,
    },
    ...content,
  };
}

function component(item: BomItem, refs: ReadonlyMap<string, string>): Part {
  const { details } = item;
  const hashes = hashesOf(details);
  const licences = licencesOf(details.licence);
  const provider = details.provider ?? details.hub;
  return {
    type: typeOf(item.kind),
    'bom-ref': refs.get(item.key) ?? '',
    name: item.title || item.key,
    ...(details.revision ? { version: details.revision } : {}),
    ...(provider ? { supplier: { name: provider } } : {}),
    ...(hashes.length > 0 ? { hashes } : {}),
    ...(licences.length > 0 ? { licenses: licences } : {}),
    ...(item.kind === 'model' ? modelParts(item, refs) : {}),
    ...(DATA_TYPES[item.kind]
      ? { data: [{ type: DATA_TYPES[item.kind] ?? 'other', name: item.title || item.key }] }
      : {}),
    evidence: { occurrences: occurrencesOf(item) },
    properties: propertiesOf(item),
  };
}

function service(item: BomItem, refs: ReadonlyMap<string, string>): Part {
  const { details } = item;
  const isOutside = item.kind === 'third_party_ai_service';
  const endpoints = isOutside
    ? (details.host ?? '')
        .split(', ')
        .filter((host) => /^[A-Za-z0-9.-]+$/.test(host))
        .map((host) => `https://${host}`)
    : details.route
      ? details.route.split(', ').map((route) => encodeURI(route))
      : [];
  return {
    'bom-ref': refs.get(item.key) ?? '',
    name: item.title || item.key,
    ...(details.provider ? { provider: { name: details.provider } } : {}),
    ...(endpoints.length > 0 ? { endpoints } : {}),
    // Data sent to an outside service leaves the company.
    'x-trust-boundary': isOutside,
    properties: propertiesOf(item),
  };
}

function typeOf(kind: AssetKind): string {
  if (kind === 'model') return 'machine-learning-model';
  if (DATA_TYPES[kind]) return 'data';
  return kind === 'guardrail' ? 'library' : 'application';
}

const DATA_TYPES: Partial<Record<AssetKind, string>> = {
  dataset: 'dataset',
  knowledge_base: 'other',
  prompt: 'configuration',
  eval_suite: 'definition',
};

/** The model card, as far as the tree tells it. */
function modelParts(item: BomItem, refs: ReadonlyMap<string, string>): Part {
  const { details } = item;
  const used = item.uses.filter((key) => key.startsWith('dataset|')).flatMap((key) => refs.get(key) ?? []);
  const stated = details.datasets ? details.datasets.split(', ').map((name) => ({ type: 'dataset', name })) : [];
  const datasets = [...used.map((ref) => ({ ref })), ...stated];
  const parameters: Part = {
    ...(details.task ? { task: details.task } : {}),
    ...(details.architecture ? { modelArchitecture: details.architecture } : {}),
    ...(datasets.length > 0 ? { datasets } : {}),
  };
  const card: Part = {};
  if (Object.keys(parameters).length > 0) card.modelParameters = parameters;
  if (details.baseModels) card.properties = [{ name: 'assay:baseModels', value: details.baseModels }];
  return Object.keys(card).length > 0 ? { modelCard: card } : {};
}

function hashesOf(details: Readonly<Record<string, string>>): Part[] {
  // Details of several files are joined; a hash belongs to one.
  const sha256 = /^[0-9a-f]{64}$/.test(details.sha256 ?? '') ? [{ alg: 'SHA-256', content: details.sha256 ?? '' }] : [];
  const md5 = /^[0-9a-f]{32}$/.test(details.md5 ?? '') ? [{ alg: 'MD5', content: details.md5 ?? '' }] : [];
  return [...sha256, ...md5];
}

/** A license of the SPDX list by its id, any other by its name. */
function licencesOf(licence: string | undefined): Part[] {
  if (!licence) return [];
  return licence.split(', ').map((name) => {
    const id = spdxIdOf(name);
    return { license: id === null ? { name } : { id } };
  });
}

function occurrencesOf(item: BomItem): Part[] {
  return item.places.slice(0, OCCURRENCES_MAX).map(({ path, line, rule }) => ({
    location: path,
    ...(line === null ? {} : { line }),
    additionalContext: rule,
  }));
}

function propertiesOf(item: BomItem): Part[] {
  const properties: Part[] = [{ name: 'assay:kind', value: item.kind }];
  if (item.confidence !== null) properties.push({ name: 'assay:confidence', value: item.confidence });
  if (item.system !== null) properties.push({ name: 'assay:system', value: item.system });
  for (const { path, line, rule } of item.places.slice(0, OCCURRENCES_MAX)) {
    properties.push({ name: 'assay:place', value: line === null ? path : `${path}:${line}` });
    properties.push({ name: 'assay:rule', value: rule });
  }
  for (const [name, value] of Object.entries(item.details).sort(([a], [b]) => (a < b ? -1 : 1)))
    properties.push({ name: `assay:${name}`, value });
  return properties;
}

function refOf(kind: string, key: string): string {
  return `${kind.replaceAll('_', '-')}-${sha256Hex(key).slice(0, 24)}`;
}

/** A version 8 UUID (RFC 9562, made as the vendor likes) of the digest of `text`. */
function uuidOf(text: string): string {
  const hex = sha256Hex(text);
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
