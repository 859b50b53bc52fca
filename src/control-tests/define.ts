import type { FactBody, FactKindName, KnownFact } from '#src/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';

export type Result = 'pass' | 'fail' | 'no_data' | 'not_applicable' | 'error';

/** What a test may say of one subject. `no_data` and `error` about a whole source are said by the judge, not by a test. */
export type Verdict = {
  /** Key of the fact (or id of the record) the verdict is about. Unique within one call of `judge`. */
  subject: string;
  result: 'pass' | 'fail' | 'no_data' | 'not_applicable';
  /** One sentence that names what was seen, e.g. "`gpt2` is pulled without a revision in train.py line 12." */
  because: string;
  observed?: string;
  expected?: string;
  path?: string | null;
  line?: number | null;
};

/**
 * How much of the facts one call of `judge` sees; the judge calls it again only for parts whose facts changed.
 * `fact`: one fact of the population; the test uses that kind alone.
 * `source`: every fact of one source that holds the population. Of a used kind which that source itself never states
 * (the inventory, seen from a repository), it sees the facts of all sources that do.
 *
 * A part without a single fact of the population is not judged: it is `not_applicable` where the source was read
 * completely, else `no_data`. A rule about something that must exist therefore has the thing that must have it as its
 * population (a repository without tests: `repository`, not `ci-workflow`).
 * A fact of the population that `judge` says nothing about is no subject: it neither passes nor fails.
 */
export type Partition = 'fact' | 'source';

export type Fix = {
  /** One sentence in the imperative. */
  summary: string;
  steps: string[];
  /** A command or a piece of code that shows the fix. */
  example?: string;
};

/** The facts handed to one call, by kind, each list in key order. */
export type FactsOf<Kinds extends FactKindName> = { readonly [Kind in Kinds]: readonly KnownFact<Kind>[] };

export type ControlTest<Kinds extends FactKindName = FactKindName> = {
  id: string;
  /** Goes up with every change of the rule, so that an old verdict says which rule made it. */
  version: number;
  title: string;
  /** The question, as an auditor would put it. */
  asks: string;
  /** Why a failure matters for an AI company, in one or two sentences. */
  why: string;
  controls: readonly string[];
  /** Ids of the expected evidence (catalog) that a run of this test is. */
  evidence: readonly string[];
  severity: 'critical' | 'high' | 'medium' | 'low';
  uses: readonly Kinds[];
  /** The kind whose facts are the population. It is one of `uses`. */
  population: Kinds;
  partition: Partition;
  /** Facts older than this no longer count: the verdict becomes `no_data`. */
  maxAgeHours: number;
  /** True when the verdict can change with time alone; such a test is judged anew at every run. */
  dependsOnTime: boolean;
  fix: Fix;
  /**
   * Pure: same facts, same instant, same verdicts, in any order of calls. `source` is the key of the source that holds
   * the population. What it throws becomes an `error` verdict of the part it was called for.
   */
  judge(input: { facts: FactsOf<Kinds>; source: string; at: Instant }): Verdict[];
};

/**
 * Declares a control test. Defaults: `partition: 'fact'` when it uses one kind, else `'source'`; facts count for a week;
 * independent of time. Throws when the population is not among the kinds it uses, or `partition: 'fact'` stands beside
 * several kinds.
 */
export function defineTest<const Kinds extends FactKindName>(
  test: Omit<ControlTest<Kinds>, 'partition' | 'maxAgeHours' | 'dependsOnTime' | 'evidence'> &
    Partial<Pick<ControlTest<Kinds>, 'partition' | 'maxAgeHours' | 'dependsOnTime' | 'evidence'>>,
): ControlTest<Kinds> {
  const defined: ControlTest<Kinds> = {
    partition: test.uses.length === 1 ? 'fact' : 'source',
    maxAgeHours: 7 * 24,
    dependsOnTime: false,
    evidence: [],
    ...test,
  };
  if (!defined.uses.includes(defined.population))
    throw new Error(`test ${defined.id}: the population ${defined.population} is not among the kinds it uses`);
  if (defined.partition === 'fact' && defined.uses.length !== 1)
    throw new Error(`test ${defined.id}: a test judged fact by fact uses exactly one kind`);
  return defined;
}

/** A test over exactly one kind, judged fact by fact. `judge` gets the body and its key. */
export function eachFact<const Kind extends FactKindName>(
  judge: (fact: { key: string; body: FactBody<Kind> }, at: Instant) => Verdict | Verdict[],
): (input: { facts: FactsOf<Kind>; at: Instant }) => Verdict[] {
  return ({ facts, at }) => {
    const lists = Object.values(facts) as (readonly { key: string; body: FactBody<Kind> }[])[];
    return lists.flatMap((list) => list.flatMap((fact) => judge(fact, at)));
  };
}
