import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog, readCatalog } from '#src/catalog/load.ts';
import { type Catalog, inherentScore } from '#src/catalog/model.ts';
import { formatProblem } from '#src/catalog/problems.ts';
import { controlsOf, crossMap, requirementsOf } from '#src/catalog/relations.ts';
import { FILE_BYTES_MAX } from '#src/catalog/source-file.ts';

const FOLDER = resolve(import.meta.dirname, '../../catalog');

describe('the catalog of the repository', () => {
  let catalog: Catalog;
  beforeAll(() => {
    const { catalog: read, problems } = readCatalog(FOLDER);
    expect(problems.map(formatProblem)).toEqual([]);
    if (read === null) throw new Error('no problem and no catalog');
    catalog = read;
  });

  it('holds at least what was promised', () => {
    const count = (list: readonly unknown[]) => list.length;
    expect(catalog.criteria).toHaveLength(61);
    expect(count(catalog.controls)).toBeGreaterThanOrEqual(130);
    expect(count(catalog.controls.filter((control) => control.aiSpecific))).toBeGreaterThanOrEqual(79);
    expect(count(catalog.risks.risks)).toBeGreaterThanOrEqual(47);
    expect(count(catalog.readiness.sections.flatMap((section) => section.questions))).toBeGreaterThanOrEqual(90);
    expect(count(catalog.readiness.scoping.questions)).toBeGreaterThanOrEqual(23);
    expect(count(catalog.readiness.scoping.rules)).toBeGreaterThanOrEqual(14);
    expect(count(catalog.readiness.checklist)).toBeGreaterThanOrEqual(26);
    expect(count(catalog.inboundQuestionnaire.questions)).toBeGreaterThanOrEqual(115);
    expect(count(catalog.vendorQuestionnaire.questions)).toBeGreaterThanOrEqual(47);
    expect(count(catalog.policies)).toBeGreaterThanOrEqual(24);
    expect(count(catalog.audit.requests)).toBeGreaterThanOrEqual(84);
  });

  it('has 33, 3, 5, 2 and 18 criteria in the five categories', () => {
    const of = (category: string) => catalog.criteria.filter((criterion) => criterion.category === category).length;
    expect([
      of('security'),
      of('availability'),
      of('processing_integrity'),
      of('confidentiality'),
      of('privacy'),
    ]).toEqual([33, 3, 5, 2, 18]);
  });

  it('lists every Annex A control of ISO 27001 and ISO 42001 and every subcategory of the NIST AI RMF', () => {
    expect(requirementsOf(catalog, 'iso-27001')).toHaveLength(93);
    expect(requirementsOf(catalog, 'iso-42001')).toHaveLength(38);
    expect(requirementsOf(catalog, 'nist-ai-rmf')).toHaveLength(72);
  });

  it('gives every criterion at least one control', () => {
    const bare = catalog.criteria.filter((criterion) => controlsOf(catalog, 'soc2', criterion.id).length === 0);
    expect(bare.map((criterion) => criterion.id)).toEqual([]);
  });

  it('orders controls by the categories of the vocabulary', () => {
    const order = catalog.vocabulary.controlCategories.map((category) => category.id);
    const places = catalog.controls.map((control) => order.indexOf(control.category));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(catalog.controls[0]?.id).toBe('AIG-01');
  });

  it('puts every inherent score in exactly one level', () => {
    for (const risk of catalog.risks.risks) {
      const score = inherentScore(risk);
      expect(catalog.risks.levels.filter((level) => level.from <= score && score <= level.to)).toHaveLength(1);
    }
  });

  it('reads the sections of a policy from its headings', () => {
    const policy = catalog.policies.find(({ id }) => id === 'POL-20');
    expect(policy?.sections.map((section) => section.title)).toContain('AI incident types');
    expect(policy?.sections.every((section) => section.text.length > 20)).toBe(true);
  });

  it('relates two requirements by the controls they share, and says when a published crosswalk agrees', () => {
    const relations = crossMap(catalog, 'soc2', 'iso-27001');
    const accessRules = relations.find((r) => r.from.requirement === 'CC6.1' && r.to.requirement === 'A.5.15');
    const shared = catalog.controls.filter(
      (control) => control.mapsTo.soc2?.includes('CC6.1') && control.mapsTo['iso-27001']?.includes('A.5.15'),
    );
    expect(accessRules?.controls).toEqual(shared.map((control) => control.id));
    expect(accessRules?.strength).toBe('strong');
    expect(relations.filter((relation) => relation.publishedAgrees)).toHaveLength(65);
  });

  it('reads the same pairs in both directions', () => {
    const pairs = (from: 'soc2' | 'eu-ai-act', to: 'soc2' | 'eu-ai-act') =>
      crossMap(catalog, from, to).map((r) => [r.from.requirement, r.to.requirement]);
    const back = pairs('eu-ai-act', 'soc2').map(([from, to]) => [to, from]);
    expect(new Set(back.map(String))).toEqual(new Set(pairs('soc2', 'eu-ai-act').map(String)));
  });

  it('uses American spelling', () => {
    const british =
      /\b(organis|programme|licence|behaviour|catalogue|authoris|anonymis|memoris|labell|honour|labour|recognis|judgement|ageing|artefact|colour|centre|defence|minimis|serialis|utilis|synchronis|specialis(e|a)|summaris|prioritis|categoris|customis|favour|enrolment|whilst|unauthoris|pseudonymis|homogenis|itemis)/i;
    const found = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => {
        const path = join(entry.parentPath, entry.name);
        const lines = readFileSync(path, 'utf8').split('\n');
        return lines.flatMap((line, i) => (british.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []));
      });
    expect(found).toEqual([]);
  });
});

describe('a catalog with mistakes', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  /** A copy of the catalog to break. */
  function copy(): string {
    const parent = mkdtempSync(join(tmpdir(), 'assay-catalog-'));
    folders.push(parent);
    const folder = join(parent, 'catalog');
    cpSync(FOLDER, folder, { recursive: true });
    return folder;
  }

  /** Replaces the first occurrence and answers the line on which the new text stands. */
  function plant(folder: string, file: string, before: string, after: string): void {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(before)) throw new Error(`${file} does not hold ${before}`);
    writeFileSync(path, text.replace(before, after));
  }

  function lineIn(folder: string, file: string, text: string): number {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    return lines.findIndex((line) => line.includes(text)) + 1;
  }

  /** Each mistake: where, what was there, what is there now, what the loader has to say (after `file:line: `). */
  const MISTAKES = [
    [
      'controls/ai-governance.yaml',
      'soc2: [CC2.1, CC3.2, CC6.1]',
      'soc2: [CC2.1, CC99.1, CC6.1]',
      'soc2 requirement CC99.1 does not exist (named by AIG-01 mapsTo soc2)',
    ],
    [
      'controls/ai-governance.yaml',
      'iso-27001: [A.5.8, A.5.12]',
      'iso-27001: [A.9.9, A.5.12]',
      'iso-27001 requirement A.9.9 does not exist (named by AIG-02 mapsTo iso-27001)',
    ],
    [
      'controls/ai-governance.yaml',
      'ownerRole: privacy_lead',
      'ownerRole: nobody',
      'owner role nobody does not exist (named by AIG-03 ownerRole)',
    ],
    [
      'controls/agent-safety.yaml',
      'appliesTo: [agent]',
      'appliesTo: [robot]',
      'asset kind robot does not exist (named by AGT-01 appliesTo)',
    ],
    [
      'controls/agent-safety.yaml',
      'sourceKinds: [product, agent_runtime, idp]',
      'sourceKinds: [product, crystal_ball, idp]',
      'source kind crystal_ball does not exist (named by AGT-01 test)',
    ],
    [
      'controls/network.yaml',
      'category: network',
      'category: plumbing',
      'control category plumbing does not exist (named by category)',
    ],
    [
      'controls/network.yaml',
      'id: NET-01.E2',
      'id: ENC-09.E2',
      'evidence ENC-09.E2 stands under NET-01; its id must start with NET-01',
    ],
    [
      'controls/network.yaml',
      'id: T-NET-01',
      'id: T-NET-02',
      'test plan T-NET-02 stands under NET-01; its id must be T-NET-01',
    ],
    [
      'risks.yaml',
      'suggestedControls: [GRD-01, GRD-03, GRD-05',
      'suggestedControls: [AIG-99, GRD-03, GRD-05',
      'control AIG-99 does not exist (named by R-01 suggestedControls)',
    ],
    [
      'risks.yaml',
      'risks: [R-01, R-02]',
      'risks: [R-01, R-98]',
      'risk R-98 does not exist (named by scenario prompt_injection)',
    ],
    [
      'readiness.yaml',
      'controls: [AIG-01, AGT-01, AIG-09]',
      'controls: [AIG-01, AGT-77, AIG-09]',
      'control AGT-77 does not exist (named by RQ-001)',
    ],
    [
      'readiness.yaml',
      'hasOtherThan: [north_america]',
      'hasOtherThan: [atlantis]',
      'SC-19 has no answer atlantis (named by SR-11)',
    ],
    [
      'readiness.yaml',
      "{ question: SC-08, is: 'yes' }",
      "{ question: SC-88, is: 'yes' }",
      'scoping question SC-88 does not exist (named by SR-02)',
    ],
    [
      'readiness.yaml',
      'mayNotApply: [MLC-02',
      'mayNotApply: [MLC-92',
      'control MLC-92 does not exist (named by SR-13)',
    ],
    [
      'questionnaires/inbound.yaml',
      'id: IQ-002',
      'id: IQ-001 # again',
      'inbound question IQ-001 is defined twice (first in catalog/questionnaires/inbound.yaml:',
    ],
    [
      'questionnaires/inbound.yaml',
      'controls: [GOV-05, AIG-01]',
      'controls: [GOV-05, AIG-61]',
      'control AIG-61 does not exist (named by IQ-003)',
    ],
    [
      'questionnaires/vendor-due-diligence.yaml',
      'topic: security',
      'topic: weather',
      'vendor topic weather does not exist (named by VQ-01)',
    ],
    [
      'vendors.yaml',
      'registerAs: [vendor]',
      'registerAs: [vendors]',
      'asset kind vendors does not exist (named by ai_infrastructure)',
    ],
    [
      'policies/pol-01-information-security.md',
      'controls: [GOV-02',
      'controls: [GOV-72',
      'control GOV-72 does not exist (named by POL-01)',
    ],
    [
      'policies/pol-01-information-security.md',
      'ownerRole: security_lead',
      'ownerRole: security_boss',
      'owner role security_boss does not exist (named by POL-01 ownerRole)',
    ],
    [
      'audit/requests.yaml',
      'controls: [GOV-05, COM-01]',
      'controls: [GOV-05, COM-41]',
      'control COM-41 does not exist (named by PBC-02)',
    ],
    [
      'audit/findings.yaml',
      'criteria: [CC6.2, CC6.3]',
      'criteria: [CC6.2, CC6.33]',
      'soc2 requirement CC6.33 does not exist (named by CF-01)',
    ],
    [
      'audit/auditors.yaml',
      'aiBlock: [AQ-04',
      'aiBlock: [AQ-94',
      'auditor question AQ-94 does not exist (named by scoring aiBlock)',
    ],
    [
      'mapping/cross-map.yaml',
      'from: CC1.3',
      'from: CC1.33',
      'soc2 requirement CC1.33 does not exist (named by published pairs)',
    ],
    [
      'mapping/cross-map.yaml',
      'to: [A.6.1]',
      'to: [A.6.11]',
      'iso-27001 requirement A.6.11 does not exist (named by pair CC1.4)',
    ],
    [
      'glossary.yaml',
      'group: ai\n',
      'group: magic\n',
      'glossary group magic does not exist (named by term "AI system")',
    ],
    [
      'frameworks/owasp-llm.yaml',
      'id: LLM10',
      'id: LLM11',
      'LLM11 has no control; map one to it or say why in notCovered',
    ],
    [
      'frameworks/iso-27001.yaml',
      '{ id: A.5.2, title:',
      '{ id: A.5.2, notCovered: Because, title:',
      'A.5.2 says notCovered, but',
    ],
  ] as const;

  it('names every dangling or doubled id at once, with file and line', () => {
    const folder = copy();
    for (const [file, before, after] of MISTAKES) plant(folder, file, before, after);
    const { catalog, problems } = readCatalog(folder);
    const shown = problems.map(formatProblem);

    expect(catalog).toBeNull();
    for (const [file, , after, message] of MISTAKES) {
      const matching = shown.filter((line) => line.startsWith(`catalog/${file}:`) && line.includes(message));
      expect(matching, `${file}: ${message}`).toHaveLength(1);
      const planted = after.split('\n')[0] ?? '';
      expect(matching[0]).toMatch(new RegExp(`^catalog/${file}:${lineIn(folder, file, planted)}: `));
    }
    // Each planted mistake that takes an id away is also named by what pointed at it.
    expect(shown.filter((line) => line.includes('LLM10 does not exist')).length).toBeGreaterThan(5);
    expect(shown).toContain(
      'catalog/questionnaires/inbound.yaml: holds 114 inbound question ids, expected at least 115',
    );
  });

  it('says what is wrong with a field, and where', () => {
    const folder = copy();
    plant(folder, 'controls/access.yaml', '    nature: preventive\n', '');
    plant(folder, 'controls/encryption.yaml', 'ownerRole:', 'ownerrole:');
    plant(folder, 'controls/people.yaml', 'frequency: per_event', 'frequency: hourly');
    plant(folder, 'risks.yaml', 'defaultImpact: 4', 'defaultImpact: 9');
    plant(folder, 'audit/requests.yaml', 'id: PBC-03', 'id: PBC-3');
    plant(folder, 'policies/pol-02-code-of-conduct-and-speaking-up.md', '## Values\n', '## \n');
    const shown = readCatalog(folder).problems.map(formatProblem);
    const at = (file: string, text: string) => `catalog/${file}:${lineIn(folder, file, text)}`;

    expect(shown).toContain(`${at('controls/access.yaml', 'id: IAM-01')}: IAM-01 nature is missing`);
    expect(shown).toContain(
      `${at('controls/encryption.yaml', 'ownerrole')}: ENC-01 has a field "ownerrole" that nobody knows`,
    );
    expect(shown.find((line) => line.startsWith(at('controls/people.yaml', 'hourly')))).toContain('HRS-01 frequency');
    expect(shown.find((line) => line.startsWith(at('risks.yaml', 'defaultImpact: 9')))).toContain('R-01 defaultImpact');
    expect(shown.find((line) => line.startsWith(at('audit/requests.yaml', 'id: PBC-3')))).toContain(
      'must look like PBC-01',
    );
    expect(shown.find((line) => line.includes('POL-02'))).toContain('empty section');
    // What points into a file that could not be read is not blamed for it.
    expect(shown.filter((line) => line.includes('does not exist'))).toEqual([]);
  });

  it('names the file and the line of malformed YAML, and refuses what is no catalog file', () => {
    const folder = copy();
    plant(folder, 'controls/access.yaml', '    frequency: continuous', '    frequency: [continuous');
    plant(folder, 'controls/network.yaml', 'appliesTo: [network', 'title: Twice\n    appliesTo: [network');
    plant(folder, 'glossary.yaml', 'groups:\n', 'first: &many [x]\nsecond: *many\ngroups:\n');
    writeFileSync(join(folder, 'risks.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]));
    writeFileSync(join(folder, 'vendors.yaml'), '['.repeat(100_000));
    writeFileSync(join(folder, 'readiness.yaml'), '');
    rmSync(join(folder, 'audit/cost.yaml'));
    truncateSync(join(folder, 'audit/report.yaml'), FILE_BYTES_MAX + 1);
    writeFileSync(join(folder, 'controls/notes.txt'), 'remember the milk');
    writeFileSync(join(folder, 'policies/pol-03-risk-management.md'), '# No head\n');
    const shown = readCatalog(folder).problems.map(formatProblem);
    const find = (file: string) => shown.find((line) => line.startsWith(`catalog/${file}`)) ?? `nothing about ${file}`;

    expect(find('controls/access.yaml')).toMatch(/^catalog\/controls\/access.yaml:\d+: is not valid YAML: /);
    expect(find('controls/network.yaml')).toContain('Map keys must be unique');
    expect(find('glossary.yaml')).toContain('cannot be parsed');
    expect(find('risks.yaml')).toBe('catalog/risks.yaml: file is not UTF-8 text');
    expect(find('vendors.yaml')).toMatch(/cannot be parsed|is not valid YAML/);
    expect(find('readiness.yaml')).toContain('the file is wrong');
    expect(find('audit/cost.yaml')).toBe('catalog/audit/cost.yaml: file is missing');
    expect(find('audit/report.yaml')).toContain(`at most ${FILE_BYTES_MAX} are read`);
    expect(find('controls/notes.txt')).toContain('only .yaml files belong here');
    expect(find('policies/pol-03')).toContain('must start with a head');
  });

  it('refuses to load, and says how many problems there are and what they are', () => {
    const folder = copy();
    plant(
      folder,
      'risks.yaml',
      'suggestedControls: [GRD-01, GRD-03, GRD-05',
      'suggestedControls: [AIG-99, GRD-03, GRD-05',
    );
    expect(() => loadCatalog(folder)).toThrow(
      /1 problem\(s\)[\s\S]*catalog\/risks\.yaml:\d+: control AIG-99 does not exist \(named by R-01 suggestedControls\)/,
    );
    expect(() => loadCatalog(join(folder, 'nowhere'))).toThrow(/nowhere\/risks\.yaml: file is missing/);
  });
});
