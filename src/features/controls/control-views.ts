import type { Catalog, Control } from '#src/catalog/model.ts';
import type { ControlTest } from '#src/control-tests/define.ts';
import { AppError } from '#src/kernel/errors.ts';
import { type Clock, type Instant, toInstant } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { type AttestationsOf, attestationSpans, attestationsAt } from './attestations.ts';
import type { AppendRun } from './expected-runs.ts';
import type { ControlDetail } from './model.ts';
import { type ControlView, testForRollup } from './present.ts';
import { type AttestationForRollup, controlStanding } from './rollup.ts';
import { type Moment, type TestView, viewTests } from './verdict-views.ts';

/** The newest evidence linked to a control. */
export type EvidenceOf = (
  executor: Executor,
  controlId: string,
  options: { limit: number; nowMs: number },
) => Promise<ControlDetail['evidenceItems']>;

export type ControlsDependencies = {
  database: Database;
  clock: Clock;
  catalog: Catalog;
  tests: readonly ControlTest[];
  /** Without it runs are not recorded in the ledger. */
  appendEntry?: AppendRun;
  attestationsOf?: AttestationsOf;
  evidenceOf?: EvidenceOf;
};

/** Controls and tests with their state, at any moment. */
export type Views = ReturnType<typeof openViews>;

type Attested = AttestationForRollup & { controlId: string };

export function openViews(dependencies: ControlsDependencies) {
  const { database, clock, catalog, tests } = dependencies;
  const testsOf = (controlId: string) => tests.filter((test) => test.controls.includes(controlId));
  const now = (): Moment => ({ at: toInstant(clock()), live: true });

  /** The present comes from the tables of attestations; the past from the facts about them. */
  async function attestations(moment: Moment, controlId: string | null): Promise<Attested[]> {
    if (moment.live && dependencies.attestationsOf)
      return [...(await dependencies.attestationsOf(database.drizzle, controlId, clock()))];
    const standing = attestationsAt(await attestationSpans(database.drizzle), moment.at, new Map());
    return standing.filter((each) => controlId === null || each.controlId === controlId);
  }

  return {
    now,
    testsOf,
    attestations,

    /** What is asked of the future is answered as of now. Before 1970 nothing was known either. */
    momentOf(at: Instant | undefined): Moment {
      const atMs = at === undefined ? clock() : Math.max(0, Date.parse(at));
      return atMs >= clock() ? now() : { at: toInstant(atMs), live: false };
    },

    async controls(moment: Moment): Promise<ControlView[]> {
      const views = await viewTests(database.drizzle, tests, moment);
      const attested = await attestations(moment, null);
      return catalog.controls.map((control) =>
        viewControl(
          control,
          views.filter(({ test }) => test.controls.includes(control.id)),
          attested.filter(({ controlId }) => controlId === control.id),
        ),
      );
    },

    async control(id: string, moment: Moment): Promise<ControlView> {
      const control = catalog.controls.find((each) => each.id === id);
      if (!control) throw new AppError('not_found', `There is no control ${JSON.stringify(id)} in the catalog.`);
      const views = await viewTests(database.drizzle, testsOf(id), moment);
      return viewControl(control, views, await attestations(moment, id));
    },

    test(id: string): ControlTest {
      const test = tests.find((each) => each.id === id);
      if (!test) throw new AppError('not_found', `There is no control test ${JSON.stringify(id)}.`);
      return test;
    },
  };
}

function viewControl(control: Control, tests: TestView[], attestations: readonly AttestationForRollup[]): ControlView {
  const standing = controlStanding({ tests: tests.map(testForRollup), expected: control.evidence, attestations });
  return { control, tests, standing };
}
