import { parse as parseYaml } from 'yaml';
import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { isWeightsPath, weightsFormatOf } from '../formats/names.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';
import { isRecord, parsedOr, type Reader, textOf } from './reader.ts';

const OUTPUTS_MAX = 500;
const YAML_CHARS_MAX = 256 * 1024;

function parsed(text: string): Record<string, unknown> | null {
  if (text.length > YAML_CHARS_MAX) return null;
  const value: unknown = parsedOr(() => parseYaml(text, { maxAliasCount: 0, logLevel: 'silent' }));
  return isRecord(value) ? value : null;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
}

/** A DVC pointer: the file or folder it stands for, with size and digest. DVC's digest is MD5, which no fact holds. */
export const readDvcPointer: Reader = (file) => {
  const content = parsed(file.document.text());
  if (!content) return [];
  const folder = folderOf(file.path);
  const imported = list(content.deps).flatMap((dep) => {
    const repo = isRecord(dep.repo) ? dep.repo : undefined;
    return repo ? [{ url: textOf(repo.url), revision: textOf(repo.rev_lock) ?? textOf(repo.rev) }] : [];
  })[0];
  return list(content.outs)
    .slice(0, OUTPUTS_MAX)
    .flatMap((out): Finding[] => {
      const name = textOf(out.path);
      if (name === null) return [];
      const path = folder === '' ? name : `${folder}/${name}`;
      const size = typeof out.size === 'number' && Number.isSafeInteger(out.size) && out.size >= 0 ? out.size : 0;
      const details = {
        storedAs: 'dvc-pointer',
        ...(textOf(out.md5) ? { md5: shown(textOf(out.md5) ?? '') } : {}),
        ...(imported?.url ? { importedFrom: shown(imported.url.replace(/\/\/[^/@]*@/, '//')) } : {}),
      };
      if (isWeightsPath(path)) {
        const format = weightsFormatOf(path);
        return [
          {
            rule: file.rule,
            line: 1,
            fact: {
              kind: 'model-file',
              key: file.path,
              body: {
                place: placeIn(file.path, 1),
                format: format.format,
                sizeBytes: size,
                sha256: null,
                storedAs: 'dvc-pointer',
                canRunCode: format.canRunCode,
                suspiciousImports: [],
                header: {},
              },
            },
            asset: {
              kind: 'model',
              identity: `file:${shown(path)}`,
              title: shown(nameOf(path)),
              details: { format: format.format, ...details },
            },
          },
        ];
      }
      return [
        {
          rule: file.rule,
          line: 1,
          fact: {
            kind: 'dataset-reference',
            key: keyIn(file.path, shown(name)),
            // The pointer holds the content's digest, so the data cannot change without the pointer.
            body: {
              place: placeIn(file.path, 1),
              origin: 'dvc',
              datasetId: shown(path),
              revision: shown(textOf(out.md5) ?? ''),
              pin: textOf(out.md5) ? 'snapshot' : 'floating',
              licence: null,
              through: 'DVC pointer',
            },
          },
          asset: { kind: 'dataset', identity: `dvc:${shown(path)}`, title: shown(nameOf(path)), details },
        },
      ];
    });
};

/** Stages of a DVC pipeline: those that make weights or read data are training. */
export const readDvcPipeline: Reader = (file) => {
  const text = file.document.text();
  const content = parsed(text);
  const stages = isRecord(content?.stages) ? Object.entries(content.stages) : [];
  const trains = stages.find(([name, stage]) => {
    const outs = isRecord(stage) && Array.isArray(stage.outs) ? (stage.outs as unknown[]) : [];
    const paths = outs.map((out) => (typeof out === 'string' ? out : isRecord(out) ? (Object.keys(out)[0] ?? '') : ''));
    return /train|fit|tune/i.test(name) || paths.some((path) => isWeightsPath(path) || /model/i.test(path));
  });
  if (!trains) return [];
  const line = text.split('\n').findIndex((each) => each.trim().startsWith(`${trains[0]}:`)) + 1 || 1;
  const isSeeded = /\bseed\b/.test(text);
  return [
    {
      rule: file.rule,
      line,
      fact: {
        kind: 'training-pipeline',
        key: keyIn(file.path, 'dvc'),
        // Every run of `dvc repro` records its inputs and outputs in dvc.lock.
        body: {
          place: placeIn(file.path, line),
          framework: 'dvc',
          through: `stage ${shown(trains[0])}`,
          setsSeed: isSeeded ? 'yes' : 'unknown',
          logsRun: 'yes',
        },
      },
      asset: {
        kind: 'training_pipeline',
        identity: file.path,
        title: `${nameOf(file.path)}: ${shown(trains[0])}`,
        details: { framework: 'dvc', stages: String(stages.length) },
      },
    },
  ];
};
