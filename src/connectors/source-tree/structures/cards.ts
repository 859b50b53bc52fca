import { type Finding, placeIn, shown } from '../finding.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';
import { frontMatterOf, listOf } from './front-matter.ts';
import { type Reader, textOf } from './reader.ts';

const SECTIONS: readonly [string, RegExp][] = [
  ['training-data', /^#{1,6}\s.{0,60}\b(?:training data|training dataset|training procedure|dataset)/im],
  ['limitations', /^#{1,6}\s.{0,60}\b(?:limitation|bias|risk|caveat|out-of-scope)/im],
  ['intended-use', /^#{1,6}\s.{0,60}\b(?:intended use|uses?\b|direct use|use cases?)/im],
  ['evaluation', /^#{1,6}\s.{0,60}\b(?:evaluation|results|metrics|performance|benchmark)/im],
];
const MODEL_FIELDS = [
  'library_name',
  'pipeline_tag',
  'base_model',
  'model-index',
  'model_name',
  'widget',
  'model_type',
  'quantized_by',
  'inference',
];
const DATASET_FIELDS = [
  'task_categories',
  'dataset_info',
  'size_categories',
  'annotations_creators',
  'source_datasets',
  'configs',
  'task_ids',
  'pretty_name',
];

/** A model card: a README with the fields of one, or a file called so. */
export const readModelCard: Reader = (file) => {
  const text = file.document.text();
  const fields = frontMatterOf(text);
  const isNamed = /^model[-_]?card/i.test(nameOf(file.path));
  const isCard = fields !== null && MODEL_FIELDS.some((field) => fields[field] !== undefined) && !isDatasetCard(fields);
  if (!isNamed && !isCard) return [];
  const title = /^#[ \t]+(.{1,200})$/m.exec(text)?.[1];
  const index = Array.isArray(fields?.['model-index'])
    ? (fields['model-index'][0] as { name?: unknown } | undefined)
    : undefined;
  const task = textOf(fields?.pipeline_tag);
  return [
    {
      rule: file.rule,
      line: 1,
      fact: {
        kind: 'model-card',
        key: file.path,
        body: {
          place: placeIn(file.path, 1),
          modelId: nullable(textOf(fields?.model_name) ?? textOf(index?.name) ?? title ?? null),
          licence: nullable(licenceOf(fields)),
          sections: sectionsOf(text),
          baseModels: listOf(fields?.base_model).slice(0, 20).map(shown),
          datasets: listOf(fields?.datasets).slice(0, 50).map(shown),
          task: nullable(task),
        },
      },
      asset: null,
    },
  ];
};

function sectionsOf(text: string): string[] {
  return SECTIONS.filter(([, heading]) => heading.test(text)).map(([name]) => name);
}

function isDatasetCard(fields: Record<string, unknown>): boolean {
  return DATASET_FIELDS.some((field) => fields[field] !== undefined);
}

/** A dataset card: states the license of the data beside it. */
export const readDatasetCard: Reader = (file) => {
  const text = file.document.text();
  const fields = frontMatterOf(text);
  const isNamed = /^data(?:set)?[-_]?card/i.test(nameOf(file.path));
  if (!isNamed && !(fields && isDatasetCard(fields))) return [];
  const name = shown(textOf(fields?.pretty_name) ?? (nameOf(folderOf(file.path)) || 'dataset'));
  const licence = licenceOf(fields);
  return [
    {
      rule: file.rule,
      line: 1,
      fact: {
        kind: 'dataset-card',
        key: file.path,
        body: { place: placeIn(file.path, 1), datasetId: name, licence: nullable(licence), sections: sectionsOf(text) },
      },
      asset: {
        kind: 'dataset',
        identity: `folder:${folderOf(file.path)}`,
        title: name,
        details: { card: file.path, ...(licence === null ? {} : { licence: shown(licence) }) },
      },
    },
  ] satisfies Finding[];
};

function licenceOf(fields: Record<string, unknown> | null): string | null {
  if (!fields) return null;
  const licence = listOf(fields.license ?? fields.licence)[0] ?? null;
  return licence === 'other' ? (textOf(fields.license_name) ?? 'other') : licence;
}

function nullable(text: string | null): string | null {
  return text === null ? null : shown(text);
}
