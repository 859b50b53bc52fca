import { readFileSync, statSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { Problems } from './problems.ts';

/** Our largest file has 20 KB. What is ten times larger than any sensible file is not read. */
export const FILE_BYTES_MAX = 1024 * 1024;

export type Path = readonly (string | number)[];

/** A parsed file that knows on which line each of its values stands. */
export type SourceFile = {
  /** As errors name it, e.g. `catalog/risks.yaml`. */
  name: string;
  data: unknown;
  /** Line, from 1, of the value at `path`, or of the nearest value around it. */
  lineOf(path: Path): number;
  /** Line of a key of the mapping at `path`. */
  lineOfKey(path: Path, key: string): number;
};

/** The file's text, or null after a problem has been noted. */
export function readText(path: string, name: string, problems: Problems): string | null {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) {
      problems.add(name, null, `file has ${size} bytes; at most ${FILE_BYTES_MAX} are read`);
      return null;
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    problems.add(name, null, whyUnreadable(error));
    return null;
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'file is missing';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'file is not UTF-8 text';
  return `file cannot be read (${String(code ?? error)})`;
}

/** Parses YAML. `linesBefore` is how many lines of the file precede `text`. */
export function parseYaml(text: string, name: string, problems: Problems, linesBefore = 0): SourceFile | null {
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line + linesBefore;
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [first] = document.errors;
    if (first !== undefined) {
      problems.add(name, lineAt(first.pos[0]), `is not valid YAML: ${first.message}`);
      return null;
    }
    const root = document.contents;
    return {
      name,
      // Anchors save a person nothing here and let a small file grow without bound.
      data: document.toJS({ maxAliasCount: 0 }),
      lineOf: (path) => lineAt(nodeNear(root, path)?.range[0] ?? 0),
      lineOfKey: (path, key) => {
        const map = nodeNear(root, path);
        const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
        const at = pair !== undefined && isNode(pair.key) ? pair.key.range?.[0] : undefined;
        return lineAt(at ?? map?.range[0] ?? 0);
      },
    };
  } catch (error) {
    // Aliases (ReferenceError) and nesting beyond the stack (RangeError) are thrown, not reported.
    problems.add(name, null, `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function nodeNear(root: ParsedNode | null, path: Path): ParsedNode | null {
  let node: ParsedNode | null = root;
  for (const step of path) {
    const inner: unknown = node !== null && 'get' in node ? node.get(step, true) : undefined;
    if (!isNode(inner)) break;
    node = inner as ParsedNode;
  }
  return node;
}

/** The file's data as the schema's type, or null after its problems have been noted. */
export function validate<Schema extends z.ZodType>(
  file: SourceFile | null,
  schema: Schema,
  problems: Problems,
): z.infer<Schema> | null {
  if (file === null) return null;
  const result = schema.safeParse(file.data);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const subject = subjectOf(file.data, path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        problems.add(file.name, file.lineOfKey(path, key), `${subject} has a field "${key}" that nobody knows`);
      }
    } else {
      const missing = valueAt(file.data, path) === undefined;
      problems.add(file.name, file.lineOf(path), `${subject} ${missing ? 'is missing' : `is wrong: ${issue.message}`}`);
    }
  }
  return null;
}

/** `AIG-02 ownerRole`: the nearest thing with an id, and the way from there. */
function subjectOf(data: unknown, path: Path): string {
  let subject = '';
  let rest: (string | number)[] = [];
  for (let i = 0; i <= path.length; i++) {
    const value = valueAt(data, path.slice(0, i));
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
    if (typeof id === 'string') {
      subject = id;
      rest = path.slice(i);
    } else if (i === 0) rest = [...path];
  }
  const way = rest.join('.');
  return [subject, way].filter((part) => part !== '').join(' ') || 'the file';
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
