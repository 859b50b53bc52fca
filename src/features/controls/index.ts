import type { Routes } from '#src/platform/http/route.ts';
import type { ControlsDependencies } from './control-views.ts';
import { controlRoutes } from './routes.ts';
import { type ControlsService, createControlsService } from './service.ts';

export type { AttestationsOf, ControlAttestation } from './attestations.ts';
export type { ControlsDependencies, EvidenceOf } from './control-views.ts';
export { type AppendEntry, type JudgeOptions, judgeChanges } from './judge-changes.ts';
export type { ControlView } from './present.ts';
export { controlRoutes } from './routes.ts';
export { type ControlsService, createControlsService } from './service.ts';
export type { JudgeCause } from './tables.ts';
export type { Failure } from './verdict-history.ts';
export type { TestView } from './verdict-views.ts';

/** What the company must do, what the tests say of it, and how that went. */
export function controls(dependencies: ControlsDependencies): { routes: Routes; services: ControlsService } {
  const services = createControlsService(dependencies);
  return { routes: controlRoutes(services), services };
}
