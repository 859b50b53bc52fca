import type { Language } from '../text/language.ts';
import type { ImportStatement } from './imports.ts';

/** A part of a file that is defined on the outermost level, by its lines (from 1, the last one included). */
type Block = { from: number; to: number; names: string[]; text: string };

const BLOCK_START =
  /^(?:@|(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:def|class|function\*?|const|let|var|interface|type|func|fn|pub|public|private|internal)\b|[A-Za-z_$][\w$.]*\s*(?::[^=]{1,60})?=|[A-Za-z_$][\w$.]*\()/;
const NAME =
  /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:(?:def|class|function\*?|const|let|var|func|fn|pub\s+(?:async\s+)?fn)\s+)?([A-Za-z_$][\w$]*)/;
const ROUNDS_MAX = 6;

/**
 * Which of the lines in `routes` begin a handler that reaches a model: its text names something that comes from an AI library
 * or from a file in `isAiFile`, or something of this file that does, over any number of steps.
 */
export function routesThatReachModels(
  text: string,
  language: Language,
  routes: readonly number[],
  seeds: {
    aiLines: ReadonlySet<number>;
    statements: readonly ImportStatement[];
    isAiImport(statement: ImportStatement): boolean;
  },
): Set<number> {
  const lines = text.split('\n');
  const blocks = blocksOf(lines);
  const names = new Set<string>();
  for (const statement of seeds.statements)
    if (seeds.isAiImport(statement)) for (const name of statement.names) names.add(name);
  for (const block of blocks) if (hasLine(block, seeds.aiLines)) for (const name of block.names) names.add(name);
  const sorted = [...routes].sort((a, b) => a - b);
  for (let round = 0; round < ROUNDS_MAX; round++) if (!spread(blocks, names)) break;
  return new Set(
    sorted.filter((line, index) => {
      const block = blocks.find(({ from, to }) => line >= from && line <= to);
      const until = Math.min(sorted[index + 1] ?? lines.length + 1, (block?.to ?? lines.length) + 1);
      // A decorator stands before its function; in other languages the handler may be a name on the route's own line.
      const body = lines.slice(line - 1, Math.max(line, until - 1));
      for (let i = line; i < until; i++) if (seeds.aiLines.has(i)) return true;
      // The object that holds the routes says nothing of this one: `app` in `@app.post(` may own the model elsewhere.
      body[0] = (body[0] ?? '').replace(/^\s*@?[A-Za-z_$][\w$.]*\(/, '');
      return mentions(withoutComments(body.join('\n'), language), names);
    }),
  );
}

function blocksOf(lines: readonly string[]): Block[] {
  const starts = lines.flatMap((line, index) => (BLOCK_START.test(line) ? [index] : []));
  const blocks: Block[] = [];
  let decorated = -1;
  for (const [i, start] of starts.entries()) {
    const isDecorator = (lines[start] ?? '').startsWith('@');
    if (isDecorator && decorated < 0) decorated = start;
    const next = starts[i + 1] ?? lines.length;
    // Decorators belong to the function behind them.
    if (isDecorator && i + 1 < starts.length) continue;
    const from = decorated >= 0 ? decorated : start;
    decorated = -1;
    const name = NAME.exec(lines[start] ?? '')?.[1];
    const destructured = /^(?:export\s+)?(?:const|let|var)\s*[[{]([^\]}]{1,300})[\]}]/.exec(lines[start] ?? '')?.[1];
    const names = destructured
      ? destructured.split(',').map((part) => part.split(':').pop()?.trim() ?? '')
      : name
        ? [name]
        : [];
    blocks.push({
      from: from + 1,
      to: next,
      names: names.filter((each) => /^[A-Za-z_$][\w$]*$/.test(each)),
      text: lines.slice(from, next).join('\n'),
    });
  }
  return blocks;
}

function hasLine(block: Block, lines: ReadonlySet<number>): boolean {
  for (const line of lines) if (line >= block.from && line <= block.to) return true;
  return false;
}

/** Adds the names of blocks that mention a known name; true where that changed anything. */
function spread(blocks: readonly Block[], names: Set<string>): boolean {
  const before = names.size;
  for (const block of blocks) {
    if (block.names.every((name) => names.has(name))) continue;
    if (mentions(block.text, names)) for (const name of block.names) names.add(name);
  }
  return names.size > before;
}

function mentions(text: string, names: ReadonlySet<string>): boolean {
  for (const word of text.matchAll(/[A-Za-z_$][\w$]*/g)) if (names.has(word[0])) return true;
  return false;
}

function withoutComments(text: string, language: Language): string {
  return language === 'python' || language === 'notebook' ? text.replace(/#.*$/gm, '') : text.replace(/\/\/.*$/gm, '');
}
