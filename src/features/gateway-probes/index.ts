export { gatewayAttackFacts, gatewayProbeFacts } from './facts.ts';
export { probeById } from './list-probes.ts';
export { gatewayProbeRoutes } from './routes.ts';
export { PROBE_JOB, type ProbeParts, probeDaily, requestProbe, runProbe } from './run-probe.ts';
