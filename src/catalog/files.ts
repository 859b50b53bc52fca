import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { Auditors, Cost, Findings, Report, Requests, Sampling, Timeline } from './audit.ts';
import { ControlInFile } from './control.ts';
import { CrossMap, FRAMEWORK_IDS, Framework } from './framework.ts';
import { Glossary, Vocabulary } from './glossary.ts';
import type { Policy } from './policy.ts';
import { parsePolicy } from './policy-file.ts';
import type { Problems } from './problems.ts';
import { InboundQuestionnaire, VendorQuestionnaire } from './questionnaire.ts';
import { Readiness } from './readiness.ts';
import { RiskLibrary } from './risk.ts';
import { parseYaml, readText, type SourceFile, validate } from './source-file.ts';
import { Slug } from './text.ts';
import { VendorRules } from './vendor.ts';

export const ControlsFile = z.strictObject({ category: Slug, controls: z.array(ControlInFile).min(1) });
export type ControlsFile = z.infer<typeof ControlsFile>;

/** A file that could be read, with its content. */
export type Read<Content> = { source: SourceFile; content: Content };

/** Every file of the catalog; null (or absent from a list) where it could not be read, which is then a problem. */
export type CatalogFiles = ReturnType<typeof readFiles>;

/** More files than this in one folder is not a catalog. */
const FILES_MAX = 500;

export function readFiles(folder: string, problems: Problems) {
  const nameOf = (path: string) => `${basename(folder)}/${path}`;

  function read<Schema extends z.ZodType>(path: string, schema: Schema): Read<z.infer<Schema>> | null {
    const name = nameOf(path);
    const text = readText(join(folder, path), name, problems);
    const source = text === null ? null : parseYaml(text, name, problems);
    const content = validate(source, schema, problems);
    return source === null || content === null ? null : { source, content };
  }

  function list(path: string, ending: string): string[] {
    let entries: string[];
    try {
      entries = readdirSync(join(folder, path));
    } catch {
      problems.add(nameOf(path), null, 'folder is missing or cannot be read');
      return [];
    }
    const strange = entries.filter((entry) => !entry.endsWith(ending) && !entry.startsWith('.'));
    for (const entry of strange) problems.add(nameOf(`${path}/${entry}`), null, `only ${ending} files belong here`);
    const names = entries.filter((entry) => entry.endsWith(ending)).sort();
    if (names.length > FILES_MAX)
      problems.add(nameOf(path), null, `holds ${names.length} files; ${FILES_MAX} are read`);
    return names.slice(0, FILES_MAX).map((entry) => `${path}/${entry}`);
  }

  function readPolicy(path: string): Read<Policy> | null {
    const text = readText(join(folder, path), nameOf(path), problems);
    const parsed = text === null ? null : parsePolicy(text, nameOf(path), problems);
    return parsed === null ? null : { source: parsed.source, content: parsed.policy };
  }

  return {
    vocabulary: read('vocabulary.yaml', Vocabulary),
    frameworks: FRAMEWORK_IDS.map((id) => ({ id, file: read(`frameworks/${id}.yaml`, Framework) })),
    controls: list('controls', '.yaml').map((path) => read(path, ControlsFile)),
    risks: read('risks.yaml', RiskLibrary),
    readiness: read('readiness.yaml', Readiness),
    inbound: read('questionnaires/inbound.yaml', InboundQuestionnaire),
    vendorQuestions: read('questionnaires/vendor-due-diligence.yaml', VendorQuestionnaire),
    vendors: read('vendors.yaml', VendorRules),
    policies: list('policies', '.md').map(readPolicy),
    audit: {
      requests: read('audit/requests.yaml', Requests),
      sampling: read('audit/sampling.yaml', Sampling),
      timeline: read('audit/timeline.yaml', Timeline),
      cost: read('audit/cost.yaml', Cost),
      findings: read('audit/findings.yaml', Findings),
      auditors: read('audit/auditors.yaml', Auditors),
      report: read('audit/report.yaml', Report),
    },
    crossMap: read('mapping/cross-map.yaml', CrossMap),
    glossary: read('glossary.yaml', Glossary),
  };
}
