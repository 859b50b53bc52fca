import type { CatalogFiles, ControlsFile, Read } from './files.ts';
import type { FrameworkId, MapsTo } from './framework.ts';
import type { Ids } from './ids.ts';
import type { Problems } from './problems.ts';
import type { ScopingCondition } from './readiness.ts';
import type { Path, SourceFile } from './source-file.ts';

/** Checks that every id named anywhere is defined. */
export function checkReferences(files: CatalogFiles, ids: Ids, problems: Problems): void {
  for (const file of files.controls) if (file !== null) checkControls(file, ids, problems);
  checkRisks(files, ids);
  checkReadiness(files, ids, problems);
  checkQuestionnaires(files, ids);
  checkVendors(files, ids);
  checkPolicies(files, ids);
  checkAudit(files, ids);
  checkCrossMap(files, ids);
  if (files.glossary !== null) {
    const { source, content } = files.glossary;
    content.terms.forEach((term, i) => {
      ids.refer('glossary group', term.group, source, ['terms', i, 'group'], `term "${term.term}"`);
    });
  }
}

function checkMapsTo(mapsTo: MapsTo, ids: Ids, source: SourceFile, path: Path, owner: string): void {
  for (const [framework, requirements] of Object.entries(mapsTo) as [FrameworkId, string[]][]) {
    const named = `${owner} mapsTo ${framework}`;
    ids.referAll(`${framework} requirement`, requirements, source, [...path, framework], named);
  }
}

function checkControls({ source, content }: Read<ControlsFile>, ids: Ids, problems: Problems): void {
  ids.refer('control category', content.category, source, ['category'], 'category');
  content.controls.forEach((control, c) => {
    const at: Path = ['controls', c];
    const { id } = control;
    ids.refer('owner role', control.ownerRole, source, [...at, 'ownerRole'], `${id} ownerRole`);
    ids.referAll('asset kind', control.appliesTo, source, [...at, 'appliesTo'], `${id} appliesTo`);
    ids.referAll('source kind', control.test.sourceKinds, source, [...at, 'test', 'sourceKinds'], `${id} test`);
    checkMapsTo(control.mapsTo, ids, source, [...at, 'mapsTo'], id);
    control.evidence.forEach((evidence, e) => {
      if (evidence.id.startsWith(`${id}.`)) return;
      const line = source.lineOf([...at, 'evidence', e, 'id']);
      problems.add(source.name, line, `evidence ${evidence.id} stands under ${id}; its id must start with ${id}`);
    });
    if (control.test.id !== `T-${id}`) {
      const line = source.lineOf([...at, 'test', 'id']);
      problems.add(source.name, line, `test plan ${control.test.id} stands under ${id}; its id must be T-${id}`);
    }
  });
}

function checkRisks({ risks }: CatalogFiles, ids: Ids): void {
  if (risks === null) return;
  const { source, content } = risks;
  content.risks.forEach((risk, r) => {
    const at: Path = ['risks', r];
    ids.referAll('asset kind', risk.appliesTo, source, [...at, 'appliesTo'], `${risk.id} appliesTo`);
    const suggested: Path = [...at, 'suggestedControls'];
    ids.referAll('control', risk.suggestedControls, source, suggested, `${risk.id} suggestedControls`);
    checkMapsTo(risk.mapsTo, ids, source, [...at, 'mapsTo'], risk.id);
  });
  content.mandatoryScenarios.forEach((scenario, s) => {
    ids.referAll('risk', scenario.risks, source, ['mandatoryScenarios', s, 'risks'], `scenario ${scenario.id}`);
  });
}

function checkReadiness({ readiness }: CatalogFiles, ids: Ids, problems: Problems): void {
  if (readiness === null) return;
  const { source, content } = readiness;
  content.sections.forEach((section, s) => {
    section.questions.forEach((question, q) => {
      const at: Path = ['sections', s, 'questions', q, 'controls'];
      ids.referAll('control', question.controls, source, at, question.id);
    });
  });
  content.checklist.forEach((item, i) => {
    ids.referAll('control', item.controls, source, ['checklist', i, 'controls'], item.id);
  });
  const { companyTypesThatNeedSoc2 } = content.scoping;
  const typesAt: Path = ['scoping', 'companyTypesThatNeedSoc2'];
  ids.referAll('company type', companyTypesThatNeedSoc2, source, typesAt, 'companyTypesThatNeedSoc2');

  const optionsOf = new Map(
    content.scoping.questions.map(({ id, type, options }) => [
      id,
      type === 'yes_no' ? ['yes', 'no'] : options?.map((option) => option.id),
    ]),
  );
  const check = (condition: ScopingCondition, path: Path, rule: string) => {
    if (!('question' in condition)) return;
    ids.refer('scoping question', condition.question, source, [...path, 'question'], rule);
    const options = optionsOf.get(condition.question);
    for (const { answer, at } of answersNamed(condition)) {
      if (options === undefined || options.includes(answer)) continue;
      const message = `${condition.question} has no answer ${answer} (named by ${rule})`;
      problems.add(source.name, source.lineOf([...path, ...at]), message);
    }
  };
  content.scoping.rules.forEach((rule, r) => {
    const at: Path = ['scoping', 'rules', r];
    rule.all?.forEach((condition, i) => {
      check(condition, [...at, 'all', i], rule.id);
    });
    rule.any?.forEach((condition, i) => {
      check(condition, [...at, 'any', i], rule.id);
    });
    ids.referAll('control', rule.effect.mayNotApply ?? [], source, [...at, 'effect', 'mayNotApply'], rule.id);
  });
}

function answersNamed(condition: ScopingCondition): { answer: string; at: Path }[] {
  if ('is' in condition) return [{ answer: condition.is, at: ['is'] }];
  if ('hasAny' in condition) return condition.hasAny.map((answer, i) => ({ answer, at: ['hasAny', i] }));
  if ('hasOtherThan' in condition) {
    return condition.hasOtherThan.map((answer, i) => ({ answer, at: ['hasOtherThan', i] }));
  }
  return [];
}

function checkQuestionnaires({ inbound, vendorQuestions }: CatalogFiles, ids: Ids): void {
  for (const [file, topic] of [
    [inbound, 'inbound topic'],
    [vendorQuestions, 'vendor topic'],
  ] as const) {
    if (file === null) continue;
    const { source, content } = file;
    content.questions.forEach((question, q) => {
      ids.refer(topic, question.topic, source, ['questions', q, 'topic'], question.id);
      ids.referAll('control', question.controls, source, ['questions', q, 'controls'], question.id);
    });
  }
}

function checkVendors({ vendors }: CatalogFiles, ids: Ids): void {
  if (vendors === null) return;
  const { source, content } = vendors;
  ids.referAll('control', content.controls, source, ['controls'], 'controls');
  content.dependencyKinds.forEach((kind, k) => {
    ids.referAll('asset kind', kind.registerAs, source, ['dependencyKinds', k, 'registerAs'], kind.id);
  });
  content.signals.forEach((signal, s) => {
    ids.referAll('control', signal.controls, source, ['signals', s, 'controls'], `signal ${signal.id}`);
  });
}

function checkPolicies({ policies }: CatalogFiles, ids: Ids): void {
  for (const file of policies) {
    if (file === null) continue;
    const { source, content: policy } = file;
    ids.referAll('control', policy.controls, source, ['controls'], policy.id);
    ids.refer('owner role', policy.ownerRole, source, ['ownerRole'], `${policy.id} ownerRole`);
    ids.refer('owner role', policy.approverRole, source, ['approverRole'], `${policy.id} approverRole`);
  }
}

function checkAudit({ audit }: CatalogFiles, ids: Ids): void {
  const { requests, findings, auditors } = audit;
  requests?.content.requests.forEach((request, r) => {
    ids.referAll('control', request.controls, requests.source, ['requests', r, 'controls'], request.id);
  });
  findings?.content.findings.forEach((finding, f) => {
    const at: Path = ['findings', f];
    ids.referAll('control', finding.controls, findings.source, [...at, 'controls'], finding.id);
    ids.referAll('soc2 requirement', finding.criteria, findings.source, [...at, 'criteria'], finding.id);
  });
  if (auditors === null) return;
  const { aiBlock } = auditors.content.scoring;
  ids.referAll('auditor question', aiBlock, auditors.source, ['scoring', 'aiBlock'], 'scoring aiBlock');
}

function checkCrossMap({ crossMap }: CatalogFiles, ids: Ids): void {
  if (crossMap === null) return;
  const { from, to, pairs } = crossMap.content.published;
  pairs.forEach((pair, p) => {
    const at: Path = ['published', 'pairs', p];
    ids.refer(`${from} requirement`, pair.from, crossMap.source, [...at, 'from'], 'published pairs');
    ids.referAll(`${to} requirement`, pair.to, crossMap.source, [...at, 'to'], `pair ${pair.from}`);
  });
}
