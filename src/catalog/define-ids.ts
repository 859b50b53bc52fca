import type { CatalogFiles, Read } from './files.ts';
import type { IdKind, Ids } from './ids.ts';

/** Enters every id of the catalog, so that duplicates show and references can be checked. */
export function defineIds(files: CatalogFiles, ids: Ids): void {
  const from = <Content>(file: Read<Content> | null, kinds: IdKind[], enter: (read: Read<Content>) => void) => {
    if (file === null) for (const kind of kinds) ids.markIncomplete(kind);
    else enter(file);
  };
  const each = (read: Read<unknown>, kind: IdKind, path: (string | number)[], items: readonly { id: string }[]) => {
    items.forEach((item, i) => {
      ids.define(kind, item.id, read.source, [...path, i, 'id']);
    });
  };

  from(files.vocabulary, ['asset kind', 'owner role', 'control category', 'source kind'], (read) => {
    each(read, 'asset kind', ['assetKinds'], read.content.assetKinds);
    each(read, 'owner role', ['ownerRoles'], read.content.ownerRoles);
    each(read, 'control category', ['controlCategories'], read.content.controlCategories);
    each(read, 'source kind', ['sourceKinds'], read.content.sourceKinds);
  });
  for (const { id, file } of files.frameworks) {
    from(file, [`${id} requirement`], (read) => {
      read.content.groups.forEach((group, g) => {
        each(read, `${id} requirement`, ['groups', g, 'requirements'], group.requirements);
      });
    });
  }
  for (const file of files.controls) {
    from(file, ['control', 'evidence', 'test plan'], (read) => {
      each(read, 'control', ['controls'], read.content.controls);
      read.content.controls.forEach((control, c) => {
        each(read, 'evidence', ['controls', c, 'evidence'], control.evidence);
        ids.define('test plan', control.test.id, read.source, ['controls', c, 'test', 'id']);
      });
    });
  }
  from(files.risks, ['risk'], (read) => each(read, 'risk', ['risks'], read.content.risks));
  from(
    files.readiness,
    ['readiness question', 'scoping question', 'scoping rule', 'checklist item', 'company type'],
    (read) => {
      const { sections, scoping, checklist } = read.content;
      each(read, 'readiness section', ['sections'], sections);
      sections.forEach((section, s) => {
        each(read, 'readiness question', ['sections', s, 'questions'], section.questions);
      });
      each(read, 'scoping question', ['scoping', 'questions'], scoping.questions);
      each(read, 'scoping rule', ['scoping', 'rules'], scoping.rules);
      each(read, 'checklist item', ['checklist'], checklist);
      const companyTypes = scoping.questions.findIndex((question) => question.id === 'SC-01');
      const options = scoping.questions[companyTypes]?.options ?? [];
      each(read, 'company type', ['scoping', 'questions', companyTypes, 'options'], options);
    },
  );
  from(files.inbound, ['inbound question', 'inbound topic'], (read) => {
    each(read, 'inbound topic', ['topics'], read.content.topics);
    each(read, 'inbound question', ['questions'], read.content.questions);
  });
  from(files.vendorQuestions, ['vendor question', 'vendor topic'], (read) => {
    each(read, 'vendor topic', ['topics'], read.content.topics);
    each(read, 'vendor question', ['questions'], read.content.questions);
  });
  for (const file of files.policies) {
    from(file, ['policy'], (read) => ids.define('policy', read.content.id, read.source, ['id']));
  }
  from(files.audit.requests, ['audit request'], (read) =>
    each(read, 'audit request', ['requests'], read.content.requests),
  );
  from(files.audit.findings, ['finding'], (read) => each(read, 'finding', ['findings'], read.content.findings));
  from(files.audit.auditors, ['auditor question'], (read) =>
    each(read, 'auditor question', ['questions'], read.content.questions),
  );
  from(files.glossary, ['glossary group', 'glossary term'], (read) => {
    each(read, 'glossary group', ['groups'], read.content.groups);
    read.content.terms.forEach((term, i) => {
      ids.define('glossary term', term.term, read.source, ['terms', i, 'term']);
    });
  });
}
