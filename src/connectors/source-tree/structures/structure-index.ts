import type { DetectionRule } from '../rule.ts';
import { nameOf } from '../walk/tree-path.ts';
import { READERS } from './index.ts';
import type { Reader } from './reader.ts';

/** Finds the structure rules that apply to a path. */
export type StructureIndex = {
  readersFor(path: string): readonly { rule: DetectionRule; read: Reader }[];
  /** The rule that names this reader, for readers that are called by hand. */
  ruleFor(reader: string): DetectionRule | undefined;
};

const NONE: readonly { rule: DetectionRule; read: Reader }[] = [];

export function createStructureIndex(rules: readonly DetectionRule[]): StructureIndex {
  const byReader = new Map<string, DetectionRule>();
  const entries = rules.flatMap((rule) => {
    if (rule.match.form !== 'structure') return [];
    byReader.set(rule.match.reader, rule);
    const read = READERS[rule.match.reader];
    return read ? [{ rule, read }] : [];
  });
  // One pattern that any of them needs rejects nearly every file with one test.
  const anyName = new RegExp(entries.flatMap(({ rule }) => rule.files.name?.source ?? []).join('|') || '^$', 'i');
  const anyPath = new RegExp(
    entries.flatMap(({ rule }) => (rule.files.name ? [] : (rule.files.path?.source ?? []))).join('|') || '^$',
    'i',
  );
  return {
    ruleFor: (reader) => byReader.get(reader),
    readersFor(path) {
      const name = nameOf(path);
      if (!anyName.test(name) && !anyPath.test(path)) return NONE;
      return entries.filter(
        ({ rule }) => (rule.files.name?.test(name) ?? true) && (rule.files.path?.test(path) ?? true),
      );
    },
  };
}
