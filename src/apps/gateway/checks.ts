import type { GatewayUrl } from '#src/features/evaluations/index.ts';
import {
  type GroundednessChecks,
  openEntailment,
  openGroundednessChecks,
} from '#src/features/groundedness-checks/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Config } from '#src/platform/config.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';

/**
 * What judges sampled answers in this process, with the entailment model that the settings name. Throws `invalid_input` for one
 * that cannot be used.
 */
export async function openChecks(parts: {
  config: Pick<Config, 'nliModel'>;
  database: Database;
  secrets: Secrets;
  clock: Clock;
  log: Log;
  gatewayUrl: GatewayUrl;
}): Promise<GroundednessChecks> {
  const { database, secrets, clock, log, gatewayUrl } = parts;
  const { nliModel } = parts.config;
  const entailment = nliModel === undefined ? null : await openEntailment(nliModel);
  if (entailment) log.info({ version: entailment.version }, 'a model of entailment judges claims of answers');
  return openGroundednessChecks({ database, clock, log, secrets, entailment, gatewayUrl });
}
