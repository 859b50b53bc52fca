import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { ONLY_WITH_AI } from '../hits/findings-of-hits.ts';
import type { Pace } from '../pace.ts';
import { RULES } from '../rules/index.ts';
import { asUtf8, decode, encodingOf } from '../text/encoding.ts';
import { type Language, languageOf } from '../text/language.ts';
import { readSmallFile } from '../walk/open-file.ts';
import { pathOf } from './detections.ts';
import { createImportResolver, type ImportStatement, importStatements } from './imports.ts';
import { routesThatReachModels } from './reaches-model.ts';

const FILE_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 5_000;
const DEPTH = 3;
// A route counts when what it imports touches a model, or imports what does; farther away nearly everything is connected.
const AI_DEPTH = 2;

type Imports = {
  text: string;
  language: Language;
  statements: ImportStatement[];
  targets: Map<ImportStatement, string[]>;
};

/** Follows imports between the files of the tree. Files are read again, only as far as they are asked for. */
export class Reach {
  private readonly cache = new Map<string, Promise<Imports | null>>();
  private readonly resolve: ReturnType<typeof createImportResolver>;
  private readonly at: ReadonlyMap<string, string | Buffer>;
  private readonly pace: Pace;
  private readonly aiLines: ReadonlyMap<string, readonly number[]>;

  constructor(parts: {
    at: ReadonlyMap<string, string | Buffer>;
    pace: Pace;
    aiLines: ReadonlyMap<string, readonly number[]>;
  }) {
    this.at = parts.at;
    this.pace = parts.pace;
    this.aiLines = parts.aiLines;
    this.resolve = createImportResolver([...parts.at.keys()]);
  }

  /** The files that `path` imports, over at most three steps, each with the first file on the way. */
  async from(path: string): Promise<Map<string, string>> {
    const reached = new Map<string, string>();
    let border: [string, string][] = (await this.targetsOf(path)).map((target) => [target, target]);
    for (let depth = 1; depth <= DEPTH && border.length > 0; depth++) {
      const next: [string, string][] = [];
      for (const [target, through] of border) {
        if (target === path || reached.has(target)) continue;
        reached.set(target, through);
        if (depth < DEPTH) for (const further of await this.targetsOf(target)) next.push([further, through]);
      }
      border = next;
    }
    return reached;
  }

  /** `findings` without the routes and pages that reach no model. */
  async keepWhatReachesModels(findings: readonly Finding[]): Promise<Finding[]> {
    const conditional = findings.filter(({ rule }) => rule.sets?.[ONLY_WITH_AI] === 'yes');
    const byFile = groupBy(conditional, pathOf);
    const dropped = new Set<Finding>();
    for (const [path, group] of byFile) {
      const kept = await this.linesThatReach(
        path,
        group.flatMap((finding) => finding.line ?? []),
      );
      for (const finding of group) if (finding.line === null || !kept.has(finding.line)) dropped.add(finding);
    }
    return findings.filter((finding) => !dropped.has(finding));
  }

  private async linesThatReach(path: string, lines: number[]): Promise<Set<number>> {
    const imports = await this.importsOf(path);
    const own = this.aiLines.get(path) ?? [];
    if (!imports) return new Set(own.length > 0 ? lines : []);
    const aiStatements = new Set<ImportStatement>();
    for (const statement of imports.statements) {
      if (isAiModule(statement.module)) aiStatements.add(statement);
      for (const target of imports.targets.get(statement) ?? [])
        if (await this.touchesAi(target, AI_DEPTH - 1)) aiStatements.add(statement);
    }
    const { language } = imports;
    if (language !== 'python' && language !== 'javascript')
      return new Set(own.length > 0 || aiStatements.size > 0 ? lines : []);
    return routesThatReachModels(imports.text, language, lines, {
      aiLines: new Set(own),
      statements: imports.statements,
      isAiImport: (statement) => aiStatements.has(statement),
    });
  }

  private async touchesAi(path: string, depth: number): Promise<boolean> {
    if ((this.aiLines.get(path) ?? []).length > 0) return true;
    if (depth <= 0) return false;
    for (const target of await this.targetsOf(path)) if (await this.touchesAi(target, depth - 1)) return true;
    return false;
  }

  private async targetsOf(path: string): Promise<string[]> {
    const imports = await this.importsOf(path);
    return imports ? [...new Set([...imports.targets.values()].flat())] : [];
  }

  private importsOf(path: string): Promise<Imports | null> {
    let known = this.cache.get(path);
    if (!known) {
      known = this.cache.size >= FILES_MAX || this.pace.isTimeOver() ? Promise.resolve(null) : this.readImports(path);
      this.cache.set(path, known);
    }
    return known;
  }

  private async readImports(path: string): Promise<Imports | null> {
    if (this.pace.isDue()) await this.pace.rest();
    const language = languageOf(path);
    const at = this.at.get(path);
    const raw = at === undefined ? null : await readSmallFile(at, FILE_BYTES_MAX);
    if (!raw) return null;
    const encoding = encodingOf(raw);
    if (encoding === 'binary') return null;
    const text = decode(asUtf8(raw, encoding));
    const statements = importStatements(text, language);
    const targets = new Map(
      statements.map((statement): [ImportStatement, string[]] => [
        statement,
        this.resolve(statement.module, path, language),
      ]),
    );
    return { text, language, statements, targets };
  }
}

const AI_MODULES = RULES.flatMap((rule) =>
  rule.match.form === 'import' &&
  ['third_party_ai_service', 'inference_api', 'agent', 'knowledge_base'].includes(rule.kind)
    ? Object.values(rule.match.modules).flat()
    : [],
);
const AI_MODULE_NAMES = new Set([
  ...AI_MODULES,
  'ai',
  'langchain',
  'langgraph',
  'llama_index',
  'llamaindex',
  'crewai',
  'agents',
  '@openai/agents',
  'transformers',
  'vllm',
  'litellm',
  'dspy',
  'haystack',
  'sentence_transformers',
  'diffusers',
]);

function isAiModule(module: string): boolean {
  if (AI_MODULE_NAMES.has(module)) return true;
  const cut = module.search(/[./]/);
  return (
    (cut > 0 && !module.startsWith('@') && AI_MODULE_NAMES.has(module.slice(0, cut))) ||
    /^@?(?:langchain|ai-sdk|llamaindex|mastra)[/_-]/.test(module)
  );
}
