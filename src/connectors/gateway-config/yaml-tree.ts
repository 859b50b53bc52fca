import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { ConfigFile } from './model.ts';

const NODES_MAX = 200_000;
const DEPTH_MAX = 60;

/** A value of a YAML or JSON file, with its line. Exactly one of `map`, `list` and `value` is there. */
export type Tree = {
  line: number;
  map: ReadonlyMap<string, Tree> | null;
  list: readonly Tree[] | null;
  value: string | number | boolean | null;
};

/** The documents of a file, bounded in depth and size whatever aliases it holds. Faults name the line. */
export function readYaml({ name, text }: ConfigFile): { documents: Tree[]; faults: string[] } {
  const lines = new LineCounter();
  const documents: Tree[] = [];
  const faults: string[] = [];
  const fault = (line: number | null, what: string) =>
    faults.push(`${name}${line === null ? '' : ` line ${line}`}: ${what}`);
  if (isTooDeep(text)) return { documents, faults: [`${name}: it is nested deeper than ${DEPTH_MAX} levels`] };
  let parsed: ReturnType<typeof parseAllDocuments>;
  try {
    parsed = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' });
  } catch {
    return { documents, faults: [`${name}: it is no YAML that can be read`] };
  }
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors;
    if (error) {
      fault(error.linePos?.[0].line ?? null, firstLine(error.message));
      continue;
    }
    if (document.contents === null) continue;
    let nodes = 0;
    const treeOf = (node: Node | null, depth: number): Tree => {
      if (++nodes > NODES_MAX) throw new Error(`it holds more than ${NODES_MAX} values`);
      if (depth > DEPTH_MAX) throw new Error(`it is nested deeper than ${DEPTH_MAX} levels`);
      const target = isAlias(node) ? (node.resolve(document) ?? null) : node;
      const line = lines.linePos(node?.range?.[0] ?? 0).line || 1;
      const empty: Tree = { line, map: null, list: null, value: null };
      if (isMap(target)) {
        const map = new Map<string, Tree>();
        for (const pair of target.items) {
          if (!isScalar(pair.key)) continue;
          const value = treeOf(pair.value as Node | null, depth + 1);
          // A member stands where its name does.
          map.set(String(pair.key.value), {
            ...value,
            line: lines.linePos(pair.key.range?.[0] ?? 0).line || value.line,
          });
        }
        return { ...empty, map };
      }
      if (isSeq(target)) return { ...empty, list: target.items.map((one) => treeOf(one as Node | null, depth + 1)) };
      const value = isScalar(target) ? target.value : null;
      return {
        ...empty,
        value: typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value),
      };
    };
    try {
      documents.push(treeOf(document.contents as Node, 0));
    } catch (error) {
      fault(null, error instanceof Error ? error.message : 'it cannot be read');
    }
  }
  return { documents, faults };
}

/** The parser of YAML goes as deep as its text does: brackets and indents are counted before. */
function isTooDeep(text: string): boolean {
  let open = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') open++;
    else if ((sign === ']' || sign === '}') && open > 0) open--;
    if (open > DEPTH_MAX) return true;
  }
  return /^[ \t]{400}/m.test(text) || /^(?:[ \t]*[-?] ){60}/m.test(text);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+.*$/, '').slice(0, 200);
}

export function at(tree: Tree | undefined | null, ...path: string[]): Tree | null {
  let found: Tree | null = tree ?? null;
  for (const member of path) found = found?.map?.get(member) ?? null;
  return found;
}

export function list(tree: Tree | null): readonly Tree[] {
  return tree?.list ?? [];
}

export function word(tree: Tree | null): string | null {
  return tree === null || tree.value === null || tree.map || tree.list ? null : String(tree.value);
}

/** A number that is one: `null` for what a variable or a secret store fills in later. */
export function number(tree: Tree | null): number | null {
  if (tree === null || tree.value === null) return null;
  const value =
    typeof tree.value === 'number' ? tree.value : typeof tree.value === 'string' ? Number(tree.value) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/** A value that is only known where the gateway runs, such as `${{ env "X" }}`, `{vault://…}` or `os.environ/X`. */
export function isFilledLater(tree: Tree | null): boolean {
  const text = word(tree);
  return text !== null && /\$\{|\{vault:|^os\.environ\/|^\{\{/.test(text);
}
