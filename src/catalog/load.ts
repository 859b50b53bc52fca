import { basename, resolve } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { checkCoverage } from './check-coverage.ts';
import { checkReferences } from './check-references.ts';
import { defineIds } from './define-ids.ts';
import { type CatalogFiles, readFiles } from './files.ts';
import { Ids } from './ids.ts';
import type { Catalog, Control, Criterion, Framework } from './model.ts';
import { formatProblem, type Problem, Problems } from './problems.ts';

/** An error message longer than a screen is not read. */
const PROBLEMS_SHOWN = 40;

/**
 * Reads and checks the catalog in `folder`. Promises that every reference in it resolves.
 * Throws `invalid_input` that lists what is wrong, each with file and line.
 */
export function loadCatalog(folder: string): Catalog {
  const { catalog, problems } = readCatalog(folder);
  if (catalog !== null) return catalog;
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(formatProblem);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  throw new AppError(
    'invalid_input',
    `The catalog in ${folder} has ${problems.length} problem(s). Fix these and start again:\n${shown.join('\n')}`,
  );
}

/** All problems of the catalog at once; the catalog itself only when there is none. */
export function readCatalog(folder: string): { catalog: Catalog | null; problems: Problem[] } {
  const problems = new Problems();
  const files = readFiles(resolve(folder), problems);
  const ids = new Ids(problems);
  defineIds(files, ids);
  checkReferences(files, ids, problems);
  checkCoverage(files, ids, problems, basename(resolve(folder)));
  const sorted = problems.list.sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || (a.line ?? 0) - (b.line ?? 0),
  );
  return { catalog: sorted.length === 0 ? assemble(files) : null, problems: sorted };
}

function assemble(files: CatalogFiles): Catalog {
  const vocabulary = content(files.vocabulary);
  const frameworks = files.frameworks.map(({ file }) => content(file));
  const order = new Map(vocabulary.controlCategories.map((category, i) => [category.id, i]));
  const controlFiles = files.controls
    .map(content)
    .sort((a, b) => (order.get(a.category) ?? 0) - (order.get(b.category) ?? 0));
  const requests = content(files.audit.requests);
  return {
    vocabulary,
    frameworks,
    criteria: criteriaOf(frameworks),
    controls: controlFiles.flatMap(({ category, controls }) =>
      controls.map((control): Control => ({ ...control, category })),
    ),
    risks: content(files.risks),
    readiness: content(files.readiness),
    inboundQuestionnaire: content(files.inbound),
    vendorQuestionnaire: content(files.vendorQuestions),
    vendors: content(files.vendors),
    policies: files.policies.map(content).sort((a, b) => (a.id < b.id ? -1 : 1)),
    audit: {
      requests: requests.requests,
      requestStates: requests.states,
      sampling: content(files.audit.sampling),
      timeline: content(files.audit.timeline),
      cost: content(files.audit.cost),
      findings: content(files.audit.findings),
      auditors: content(files.audit.auditors),
      report: content(files.audit.report),
    },
    crossMap: content(files.crossMap),
    glossary: content(files.glossary),
  };
}

function content<Content>(file: { content: Content } | null): Content {
  if (file === null) throw new AppError('internal', 'A catalog file that could not be read left no problem behind.');
  return file.content;
}

function criteriaOf(frameworks: Framework[]): Criterion[] {
  const soc2 = frameworks.find((framework) => framework.id === 'soc2');
  return (soc2?.groups ?? []).flatMap((group) =>
    group.requirements.map((requirement) => ({
      ...requirement,
      category: group.category ?? 'security',
      series: group.title,
      meaning: requirement.meaning ?? '',
      forAiSystems: requirement.forAiSystems ?? '',
    })),
  );
}
