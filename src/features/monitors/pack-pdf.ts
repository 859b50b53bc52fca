import type { Evidence } from './model.ts';

/** What the PDF prints with; each sets a line where the page stands. */
export type PackPrinter = {
  heading(text: string): void;
  body(text: string): void;
  small(text: string): void;
};

const RUNS_PRINTED = 100;
const ALERTS_PRINTED = 100;

/** The answers to PI1.1 to PI1.5. */
export function printAnswers(print: PackPrinter, { answers }: Evidence): void {
  print.heading('What this answers');
  for (const one of answers) {
    print.body(`${one.criterion} ${one.title}: ${one.state.replaceAll('_', ' ')}`);
    for (const text of one.shown) print.small(text);
    for (const text of one.missing) print.small(`Missing: ${text}`);
  }
}

/** Gate, validation of outputs, review, and how whole the record is. */
export function printPack(print: PackPrinter, evidence: Evidence): void {
  gate(print, evidence);
  outputs(print, evidence);
  review(print, evidence);
  const { store } = evidence;
  print.heading('What is kept, and that it is whole');
  print.body(
    `${store.windowsSealed} windows of this time are kept with a digest. The gateway recorded ${store.decisions} decisions in ${store.decisionWindowsSealed} sealed windows; ${store.decisionsMissing} were numbered and did not arrive.`,
  );
}

function gate(print: PackPrinter, { gate: { suites, runs, runsTotal, releases } }: Evidence): void {
  print.heading('Gate before release');
  if (suites.length === 0) print.body('The system has no evaluation suite.');
  for (const suite of suites)
    print.body(
      suite.version === null
        ? `${suite.name}: no version is approved.`
        : `${suite.name}: ${suite.purpose}, version ${suite.version}, ${suite.items} items, ${suite.thresholds} thresholds, approved ${suite.approvedAt?.slice(0, 10)}.`,
    );
  for (const release of releases) {
    print.body(
      `${release.at.slice(0, 16).replace('T', ' ')} Release of ${release.model} ${release.modelDigest ?? ''}: ${word(release.verdict)}`,
    );
    print.small(release.because);
  }
  printRuns(print, runs, runsTotal);
}

/** Evaluation runs with their scores; a run without an end stands there as what it is. */
export function printRuns(print: PackPrinter, runs: Evidence['gate']['runs'], total: number): void {
  if (total === 0) print.body('No evaluation was run in this time.');
  for (const run of runs.slice(0, RUNS_PRINTED)) {
    print.body(`${run.at.slice(0, 16).replace('T', ' ')} ${run.suite} over ${run.model}: ${word(run.outcome)}`);
    const scores = run.scores.map(({ scorer, n, mean, low, high, threshold }) =>
      mean === null
        ? `${scorer} no data`
        : `${scorer} ${number(mean)}${low === null || high === null ? '' : ` [${number(low)}, ${number(high)}]`}, n ${n}${threshold === null ? '' : `, at least ${number(threshold)}`}`,
    );
    if (scores.length > 0 || run.because) print.small(scores.join('; ') || (run.because ?? ''));
  }
  if (total > RUNS_PRINTED) print.body(`${total - RUNS_PRINTED} more are listed in the product.`);
}

function outputs(print: PackPrinter, { outputs: { routes, samples } }: Evidence): void {
  print.heading('Validation of outputs');
  if (routes.length === 0) print.body('No route of the gateway belongs to this system.');
  for (const route of routes) {
    print.body(`${route.path}: ${route.validators.join(', ') || 'answers are not validated'}`);
    const codes = Object.entries(route.rejections).map(([code, n]) => `${code.replaceAll('_', ' ')} ${n}`);
    print.small(
      `Policy ${route.policy ?? 'none'}, version ${route.policyVersion ?? 'none'}. ${route.checked} of ${route.calls} calls checked, ${route.rejected} answers held back${codes.length > 0 ? ` (${codes.join(', ')})` : ''}.`,
    );
  }
  for (const one of samples)
    print.small(
      `Held back ${one.at.slice(0, 19).replace('T', ' ')} ${one.path}: ${one.code.replaceAll('_', ' ')}, decision ${one.decisionId}`,
    );
}

function review(print: PackPrinter, { review: { alerts, alertsTotal, labels } }: Evidence): void {
  print.heading('Review and response');
  if (alertsTotal === 0) print.body('No monitor or suite of the system raised an alert in this time.');
  for (const one of alerts.slice(0, ALERTS_PRINTED)) {
    print.body(`${one.openedAt.slice(0, 16).replace('T', ' ')} ${one.severity}: ${one.title}`);
    print.small(
      [
        one.acknowledgedAt ? `acknowledged ${one.acknowledgedAt.slice(0, 16).replace('T', ' ')}` : 'not acknowledged',
        one.resolvedAt
          ? `closed ${one.resolvedAt.slice(0, 16).replace('T', ' ')} as ${one.resolution?.replaceAll('_', ' ')}`
          : 'not closed',
        one.onTime ? 'on time' : 'not on time',
        ...(one.retestPassed === null
          ? []
          : [one.retestPassed ? 'the next measure passed' : 'the next measure failed']),
      ].join(', '),
    );
  }
  if (alertsTotal > ALERTS_PRINTED) print.body(`${alertsTotal - ALERTS_PRINTED} more are listed in the product.`);
  if (labels.length === 0) print.body('No sample of answers was drawn for people in this time.');
  for (const one of labels)
    print.body(
      `${one.drawnAt.slice(0, 10)} ${one.scorer}: ${one.labeledTwice} of ${one.sampled} answers labeled by two persons${
        one.correctedRate === null ? '' : `; unsupported, corrected by them: ${number(100 * one.correctedRate)} %`
      }`,
    );
}

function word(outcome: string): string {
  return outcome.replaceAll('_', ' ');
}

function number(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
