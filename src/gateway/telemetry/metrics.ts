import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Decision } from '../decision.ts';

/** What /metrics tells of the gateway. Labels are ids and closed words only: nothing a caller can choose. */
export function gatewayMetrics(
  registry: Registry,
  state: {
    backlog: () => number;
    inFlight: () => number;
    journalBytes: () => number;
    answerBytes: () => number;
    payloadsWaiting: () => number;
    answersWaiting: () => number;
  },
): (decision: Decision) => void {
  const registers = [registry];
  const calls = new Counter({
    name: 'assay_gateway_calls_total',
    help: 'Calls by outcome and how they ended.',
    labelNames: ['route', 'outcome', 'end'],
    registers,
  });
  const refusals = new Counter({
    name: 'assay_gateway_refusals_total',
    help: 'Refused calls by the stage and reason.',
    labelNames: ['stage', 'code'],
    registers,
  });
  const found = new Counter({
    name: 'assay_gateway_findings_total',
    help: 'Verdicts that are not clean.',
    labelNames: ['detector', 'direction', 'outcome'],
    registers,
  });
  const tokens = new Counter({
    name: 'assay_gateway_tokens_total',
    help: 'Tokens as the provider counted them, or estimated.',
    labelNames: ['route', 'type'],
    registers,
  });
  const cost = new Counter({
    name: 'assay_gateway_cost_usd_total',
    help: 'Cost by the price table.',
    labelNames: ['route'],
    registers,
  });
  const added = new Histogram({
    name: 'assay_gateway_added_seconds',
    help: 'Time the gateway added to a call.',
    buckets: [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  });
  const firstByte = new Histogram({
    name: 'assay_gateway_first_byte_seconds',
    help: 'Time until the provider began to answer.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge(
    'assay_gateway_decisions_waiting',
    'Decisions that are recorded and not yet written to the database.',
    state.backlog,
  );
  gauge('assay_gateway_journal_bytes', 'Size of the journal on this machine.', state.journalBytes);
  gauge('assay_gateway_calls_under_way', 'Calls under way.', state.inFlight);
  gauge('assay_gateway_answer_bytes', 'Bytes of answers that are held for callers.', state.answerBytes);
  gauge(
    'assay_gateway_payloads_waiting',
    'Payloads that were captured and are not yet written to the database.',
    state.payloadsWaiting,
  );
  gauge('assay_gateway_answers_waiting', 'Sampled answers that wait to be judged.', state.answersWaiting);
  const payloads = new Counter({
    name: 'assay_gateway_payloads_total',
    help: 'Payloads that were to be captured, by what became of them: captured, or why they were missed.',
    labelNames: ['result'],
    registers,
  });
  return (decision) => {
    const route = decision.routeId ?? 'none';
    calls.inc({ route, outcome: decision.outcome, end: decision.end });
    if (decision.refusal) refusals.inc({ stage: decision.refusal.stage, code: decision.refusal.code });
    for (const { detector, direction, outcome } of decision.verdicts)
      if (outcome !== 'clean') found.inc({ detector, direction, outcome });
    const { payload } = decision;
    if (payload) payloads.inc({ result: payload.state === 'missed' ? payload.reason : payload.state });
    tokens.inc({ route, type: 'input' }, decision.tokens.input);
    tokens.inc({ route, type: 'output' }, decision.tokens.output);
    if (decision.costMicroUsd !== null) cost.inc({ route }, decision.costMicroUsd / 1e6);
    added.observe(decision.timings.addedUs / 1e6);
    if (decision.timings.upstreamFirstByteUs !== null) firstByte.observe(decision.timings.upstreamFirstByteUs / 1e6);
  };
}
