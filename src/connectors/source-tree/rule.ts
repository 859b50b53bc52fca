import type { AssetKind, Confidence } from './model.ts';
import type { Language } from './text/language.ts';

/** What a rule can find: an asset of the inventory, or something else worth a fact. */
export type RuleKind =
  | AssetKind
  | 'secret'
  | 'unsafe_code'
  | 'ci_workflow'
  | 'dependency_manifest'
  | 'container_image'
  | 'cloud_resource'
  | 'model_card'
  | 'code_owners'
  | 'notebook'
  /** Adds something to what other rules find in the same file, e.g. that it sets a seed. */
  | 'trait';

/** Which files a rule looks at. Every field given has to hold. */
export type FileFilter = {
  languages?: readonly Language[];
  /** Tried on the file's name. */
  name?: RegExp;
  /** Tried on the whole path. */
  path?: RegExp;
};

/** Where a match has to begin. */
export type Standing =
  /** In code proper. */
  | 'code'
  /** In code, or at the start of a string on one line: ids and addresses, but not sentences that mention one. */
  | 'whole'
  /** In code or anywhere in a string on one line. */
  | 'strings'
  /** In code, or in a string of any length: prompts and queries. */
  | 'texts'
  /** Anywhere, comments and documents included. */
  | 'anywhere';

/**
 * A pattern on one line. Named groups become captures. A group `<something>Ref` holds an identifier: where the file gives
 * that name a literal value, the value is captured as `something`. A digit at the end of a group's name is dropped, so that
 * two alternatives can capture the same thing.
 */
export type LineMatch = {
  form: 'line';
  /** At least one of these stands on the line, whatever its case: the pattern is tried only there. */
  literals: readonly string[];
  /** Must take time linear in the length of the line: no repetition inside a repetition. */
  pattern: RegExp;
  /** Default `code`. */
  standing?: Standing;
  /**
   * Patterns for the text of the call that the match opens, from behind its first bracket to the bracket that closes it,
   * at most 4,000 characters. Named groups become captures.
   */
  call?: readonly RegExp[];
  /** The match ends in or right before the opening of a string of at least three words, which is captured as `text`. */
  readsText?: true;
  /** Rejects the match when found on the line or in the call. */
  unless?: RegExp;
  /** Captures that have to be there. */
  requires?: readonly string[];
};

/** The import of a module, by language: a name also stands for the modules below it. */
export type ImportMatch = {
  form: 'import';
  modules: Partial<Record<ImportLanguage, readonly string[]>>;
  /** Rejects the line, e.g. where one module serves two providers. */
  unless?: RegExp;
};
export type ImportLanguage = 'python' | 'javascript' | 'go' | 'jvm' | 'rust' | 'csharp' | 'ruby' | 'php';

/** A reader of whole files, by name: see `structures/`. */
export type StructureMatch = { form: 'structure'; reader: string };

/** A file of weights or data, known by its name and its first bytes: see `formats/`. */
export type FormatMatch = { form: 'format'; extensions: readonly string[] };

export type Match = LineMatch | ImportMatch | StructureMatch | FormatMatch;

export type Example = {
  path: string;
  text: string;
  /** `text` holds one byte a character. */
  isBinary?: boolean;
};
export type PositiveExample = Example & {
  line?: number | null;
  /** Some of the captures the rule has to make. */
  captures?: Readonly<Record<string, string>>;
};

/** One way to recognize one thing. Data: everything a rule does is in its fields, and its examples are its tests. */
export type DetectionRule = {
  /** `<what>.<which>.<how>`, never reused for something else. */
  id: string;
  title: string;
  kind: RuleKind;
  confidence: Confidence;
  files: FileFilter;
  match: Match;
  /** Captures with a fixed value. */
  sets?: Readonly<Record<string, string>>;
  /** At least one of these stands somewhere in the file, whatever its case. */
  needs?: readonly string[];
  examples: { positive: readonly PositiveExample[]; nearMiss: readonly Example[] };
};

export type Captures = Record<string, string>;

/** One place where a rule holds. */
export type Hit = {
  rule: DetectionRule;
  /** In the file. */
  line: number;
  /** In the text that was read; differs from `line` in a notebook. */
  textLine: number;
  /** `assigned` holds the name on the left of the line, where there is one. */
  captures: Captures;
};
