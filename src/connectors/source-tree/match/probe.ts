import type { DetectionRule, RuleKind, Standing } from '../rule.ts';
import { CODE_LANGUAGES, type Language } from '../text/language.ts';
import { importPatterns } from './import-patterns.ts';

/** One pattern to try: a line rule has one, an import rule one a language. */
export type Probe = {
  rule: DetectionRule;
  pattern: RegExp;
  standing: Standing;
  /** Undefined where the call is of no interest. */
  call: readonly RegExp[] | undefined;
  unless: RegExp | undefined;
  requires: readonly string[];
  readsText: boolean;
  /** True for kinds of things that people name by the variable they put them in. */
  wantsName: boolean;
};

/** A place where a probe is worth trying: `end` is the offset behind the word that says so. */
export type Candidate = { probe: Probe; end: number };

export type ProbeSource = { languages: readonly Language[] | undefined; words: readonly string[]; probe: Probe };

const NAMED_BY_VARIABLE: readonly RuleKind[] = ['agent', 'agent_tool', 'prompt'];

/** The probes of a line or import rule, with the words that lead to each; none for other rules. */
export function probesOf(rule: DetectionRule): ProbeSource[] {
  const { match } = rule;
  const wantsName = NAMED_BY_VARIABLE.includes(rule.kind);
  if (match.form === 'line') {
    const standing = match.standing ?? 'code';
    const probe: Probe = {
      rule,
      pattern: new RegExp(match.pattern.source, `${match.pattern.flags.replace('g', '')}g`),
      standing,
      call: match.call,
      unless: match.unless,
      requires: match.requires ?? [],
      readsText: match.readsText ?? false,
      wantsName,
    };
    // A pattern about code is not tried on documents and data, whatever their words.
    const isForAll = standing === 'anywhere' || rule.files.name !== undefined || rule.files.path !== undefined;
    return [
      { languages: rule.files.languages ?? (isForAll ? undefined : CODE_LANGUAGES), words: match.literals, probe },
    ];
  }
  if (match.form !== 'import') return [];
  return importPatterns(match).map(({ languages, literals, pattern }) => ({
    languages,
    words: literals,
    probe: {
      rule,
      pattern: new RegExp(pattern.source, 'g'),
      standing: 'code',
      call: undefined,
      unless: match.unless,
      requires: [],
      readsText: false,
      wantsName,
    },
  }));
}
