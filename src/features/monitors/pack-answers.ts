import type { Evidence } from './evidence-model.ts';
import type { MetricType } from './metric-model.ts';
import type { PackAnswer } from './pack-model.ts';

type Parts = Pick<Evidence, 'specification' | 'monitors' | 'gate' | 'outputs' | 'review' | 'store' | 'canaries'>;

/*
 * Which kinds of measure speak of inputs, of the processing itself, and of what comes out. A rate or a mean can be of
 * anything: it speaks of outputs, where most are.
 */
const INPUT: readonly MetricType[] = ['completeness', 'missing_rate', 'volume'];
/** Least share of expected runs, as the catalog states it for EVM-02. */
const RUN_COVERAGE_MIN = 0.95;
const OUTPUT: readonly MetricType[] = ['rate', 'mean', 'percentile', 'distinct'];

/** What the pack answers to PI1.1 to PI1.5, from what stands in it and nothing else. Pure. */
export function packAnswers(parts: Parts): PackAnswer[] {
  return [specified(parts), inputs(parts), processing(parts), outputs(parts), stored(parts)];
}

function answer(
  criterion: PackAnswer['criterion'],
  title: string,
  said: readonly [isShown: boolean, shown: string, missing: string][],
): PackAnswer {
  const shown = said.flatMap(([is, text]) => (is ? [text] : []));
  const missing = said.flatMap(([is, , text]) => (is ? [] : [text]));
  return {
    criterion,
    title,
    state: missing.length === 0 ? 'shown' : shown.length === 0 ? 'not_shown' : 'partly',
    shown,
    missing,
  };
}

function counted(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

function specified({ specification, gate }: Parts): PackAnswer {
  const approved = gate.suites.filter(({ version }) => version !== null);
  const complete = specification !== null && specification.uncovered.length === 0;
  return answer('PI1.1', 'Processing objectives and specifications', [
    [
      complete,
      `Specification version ${specification?.version} with ${specification?.clauses.length} clauses, approved by ${specification?.reviewedBy?.name}.`,
      specification === null
        ? 'No specification is in force.'
        : `The specification says nothing of ${specification.uncovered.join(', ')}.`,
    ],
    [
      approved.length > 0,
      `${counted(approved.length, 'evaluation suite')} with thresholds that were approved before the runs.`,
      'No evaluation suite of the system is approved.',
    ],
  ]);
}

type Measures = Parts['monitors'];
const ranOf = (monitors: Measures) =>
  monitors.reduce((sum, { counts }) => sum + counts.expected - counts.missed - counts.error, 0);
const expectedOf = (monitors: Measures) => monitors.reduce((sum, { counts }) => sum + counts.expected, 0);
const saidOf = (monitors: Measures) => monitors.reduce((sum, { counts }) => sum + counts.ok + counts.breach, 0);
const names = (monitors: Measures) => monitors.map(({ name }) => name).join(', ');

// Windows that ran without enough data say nothing, and a measure that ran now and then proves little.
function measured(monitors: Measures, of: string): [boolean, string, string] {
  const ran = ranOf(monitors);
  const expected = expectedOf(monitors);
  const said = saidOf(monitors);
  const counts = `${of}: ${ran} of ${expected} expected windows ran, ${said} with enough data (${names(monitors)}).`;
  return [
    said > 0 && ran >= RUN_COVERAGE_MIN * expected,
    counts,
    monitors.length === 0 ? `No monitor measures ${of.toLowerCase()}.` : counts,
  ];
}

function inputs({ monitors, outputs: { routes } }: Parts): PackAnswer {
  const own = monitors.filter(({ metric }) => INPUT.includes(metric.type));
  const calls = routes.reduce((sum, route) => sum + route.calls, 0);
  const checked = routes.reduce((sum, route) => sum + route.checked, 0);
  return answer('PI1.2', 'Input controls', [
    measured(own, 'Completeness and validity of inputs'),
    [
      calls > 0 && checked === calls,
      `${checked} of ${calls} calls of the gateway were checked before they were processed.`,
      calls === 0
        ? 'No call of the system came through the gateway.'
        : `${calls - checked} of ${calls} calls of the gateway were not checked.`,
    ],
  ]);
}

function processing({ monitors, gate, review, canaries }: Parts): PackAnswer {
  const drift = monitors.filter(({ metric }) => metric.type.endsWith('_drift') || metric.type.startsWith('estimated_'));
  const passed = gate.runs.filter(({ outcome }) => outcome === 'pass').length;
  const late = review.alerts.filter(({ onTime }) => !onTime).length;
  return answer('PI1.3', 'Processing controls', [
    [
      passed > 0,
      `${counted(gate.runsTotal, 'evaluation run')}, ${passed} passed; the release gate was asked ${counted(gate.releases.length, 'time')}.`,
      gate.runsTotal === 0 ? 'No evaluation of the system was run in this time.' : 'No evaluation run passed.',
    ],
    measured(drift, 'Drift'),
    [
      late === 0 && (saidOf(monitors) > 0 || gate.runsTotal > 0),
      `${counted(review.alertsTotal, 'alert')}, none of those listed late.`,
      late === 0
        ? 'Nothing was measured that could have raised an alert.'
        : `${counted(late, 'alert')} not acknowledged or closed on time.`,
    ],
    [
      canaries.days > 0 && canaries.failed.length === 0,
      `The detectors saw the planted shift on ${counted(canaries.days, 'day')}, and none was missed.`,
      canaries.days === 0
        ? 'No planted shift was run in this time.'
        : `${canaries.failed.length} planted shifts were not told from clean streams.`,
    ],
  ]);
}

function outputs({ monitors, outputs: { routes }, review }: Parts): PackAnswer {
  const own = monitors.filter(({ metric }) => OUTPUT.includes(metric.type));
  const bare = routes.filter(({ validators }) => validators.length === 0);
  const rejected = routes.reduce((sum, route) => sum + route.rejected, 0);
  const labeled = review.labels.reduce((sum, { labeledTwice }) => sum + labeledTwice, 0);
  return answer('PI1.4', 'Output controls', [
    [
      routes.length > 0 && bare.length === 0,
      `${counted(routes.length, 'route')} of the gateway, each validates answers; ${rejected} held back.`,
      routes.length === 0
        ? 'No route of the gateway belongs to the system.'
        : `Answers are not validated on ${bare.map(({ path }) => path).join(', ')}.`,
    ],
    measured(own, 'Rates, latency and values of outputs'),
    [labeled > 0, `Two persons labeled ${labeled} answers of random samples.`, 'Nobody labeled a sample of answers.'],
  ]);
}

function stored({ store }: Parts): PackAnswer {
  return answer('PI1.5', 'Stored inputs, work in progress and outputs', [
    [
      store.windowsSealed > 0,
      `${store.windowsSealed} windows are kept with a digest, and each decision about them in the ledger.`,
      'No window of a monitor was closed in this time.',
    ],
    [
      store.decisions > 0 && store.decisionsMissing === 0,
      `${store.decisions} decisions of the gateway without a gap, in ${store.decisionWindowsSealed} sealed windows.`,
      store.decisions === 0
        ? 'The gateway has recorded no decision.'
        : `${store.decisionsMissing} decisions of the gateway were numbered and did not arrive.`,
    ],
  ]);
}
