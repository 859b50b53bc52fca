import type { Problems } from './problems.ts';
import type { Path, SourceFile } from './source-file.ts';

/** What can be defined once and named elsewhere, as errors call it. */
export type IdKind =
  | 'control'
  | 'evidence'
  | 'test plan'
  | 'risk'
  | 'readiness question'
  | 'readiness section'
  | 'scoping question'
  | 'scoping rule'
  | 'checklist item'
  | 'inbound question'
  | 'inbound topic'
  | 'vendor question'
  | 'vendor topic'
  | 'policy'
  | 'audit request'
  | 'finding'
  | 'auditor question'
  | 'asset kind'
  | 'owner role'
  | 'control category'
  | 'source kind'
  | 'company type'
  | 'glossary group'
  | 'glossary term'
  | `${string} requirement`;

/** Remembers where each id is defined, and answers whether a reference resolves. */
export class Ids {
  readonly #problems: Problems;
  readonly #places = new Map<IdKind, Map<string, { file: SourceFile; path: Path }>>();
  readonly #incomplete = new Set<IdKind>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  define(kind: IdKind, id: string, file: SourceFile, path: Path): void {
    const places = this.#places.get(kind) ?? new Map<string, { file: SourceFile; path: Path }>();
    this.#places.set(kind, places);
    const first = places.get(id);
    if (first === undefined) {
      places.set(id, { file, path });
      return;
    }
    const firstPlace = `${first.file.name}:${first.file.lineOf(first.path)}`;
    this.#problems.add(file.name, file.lineOf(path), `${kind} ${id} is defined twice (first in ${firstPlace})`);
  }

  /** A file that should define this kind could not be read: nothing can be said of references to it. */
  markIncomplete(kind: IdKind): void {
    this.#incomplete.add(kind);
  }

  isComplete(kind: IdKind): boolean {
    return !this.#incomplete.has(kind);
  }

  refer(kind: IdKind, id: string, file: SourceFile, path: Path, namedBy: string): void {
    if (this.#incomplete.has(kind) || this.#places.get(kind)?.has(id)) return;
    this.#problems.add(file.name, file.lineOf(path), `${kind} ${id} does not exist (named by ${namedBy})`);
  }

  referAll(kind: IdKind, ids: readonly string[], file: SourceFile, path: Path, namedBy: string): void {
    ids.forEach((id, i) => {
      this.refer(kind, id, file, [...path, i], namedBy);
    });
  }

  idsOf(kind: IdKind): string[] {
    return [...(this.#places.get(kind)?.keys() ?? [])];
  }
}
