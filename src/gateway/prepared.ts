import { compileOutputChecks, type OutputChecks } from './output/output-checks.ts';
import { type CompiledScreens, compileScreens } from './screening/screen.ts';
import {
  type GatewayKey,
  type GatewayRoute,
  type GatewaySnapshot,
  type JwtIssuer,
  type Limits,
  matchesModel,
  type Price,
  type Provider,
  snapshotDigest,
  type Tenant,
} from './snapshot.ts';
import { orderRoutes } from './wire/endpoints.ts';

export type PreparedPolicy = CompiledScreens & { output: CompiledScreens['output']; checks: OutputChecks };

/** A snapshot with its indexes and compiled parts. Never changed, only replaced. */
export type PreparedSnapshot = {
  snapshot: GatewaySnapshot;
  digest: string;
  routes: readonly GatewayRoute[];
  providers: ReadonlyMap<string, Provider>;
  tenants: ReadonlyMap<string, Tenant>;
  /** By SHA-256 of the key, in hexadecimal. */
  keys: ReadonlyMap<string, GatewayKey>;
  issuers: ReadonlyMap<string, JwtIssuer>;
  policies: ReadonlyMap<string, PreparedPolicy>;
  /** What is wrong with policies that could not be compiled, by their id; calls under them are refused. */
  broken: ReadonlyMap<string, string>;
  /** Planted values that are a leak when the tenant sees them. */
  canariesForeignTo(tenantId: string): readonly string[];
  priceOf(provider: Provider, model: string): Price | null;
  modelLimitsOf(model: string): { model: string; limits: Limits } | null;
};

/** Compiles a snapshot. A policy that does not compile is left out and named in `broken`. */
export function prepareSnapshot(snapshot: GatewaySnapshot, before?: PreparedSnapshot): PreparedSnapshot {
  const policies = new Map<string, PreparedPolicy>();
  const broken = new Map<string, string>();
  for (const policy of snapshot.policies) {
    // Compiling takes milliseconds, and a change of a key changes no policy.
    const known = before?.policies.get(policy.id);
    if (known?.policy.digest === policy.digest && known.policy.version === policy.version) {
      policies.set(policy.id, known);
      continue;
    }
    try {
      policies.set(policy.id, { ...compileScreens(policy), checks: compileOutputChecks(policy.output) });
    } catch (error) {
      broken.set(policy.id, error instanceof Error ? error.message : 'it does not compile');
    }
  }
  const foreign = new Map<string, readonly string[]>();
  const prices = [...snapshot.prices].sort((a, b) => b.model.length - a.model.length);
  const modelLimits = [...snapshot.modelLimits].sort((a, b) => b.model.length - a.model.length);
  return {
    snapshot,
    digest: snapshotDigest(snapshot),
    routes: orderRoutes(snapshot.routes),
    providers: new Map(snapshot.providers.map((one) => [one.id, one])),
    tenants: new Map(snapshot.tenants.map((one) => [one.id, one])),
    keys: new Map(snapshot.keys.map((one) => [one.sha256, one])),
    issuers: new Map(snapshot.jwtIssuers.map((one) => [one.issuer, one])),
    policies,
    broken,
    canariesForeignTo: (tenantId) => {
      if (snapshot.canaries.length === 0) return NONE;
      let values = foreign.get(tenantId);
      if (values === undefined) {
        const own = new Set(snapshot.canaries.filter((one) => one.tenantId === tenantId).map((one) => one.value));
        values = snapshot.canaries.filter((one) => !own.has(one.value)).map((one) => one.value);
        foreign.set(tenantId, values);
      }
      return values;
    },
    priceOf: (provider, model) =>
      prices.find((one) => one.provider === provider.id && matchesModel([one.model], model)) ??
      prices.find((one) => one.provider === provider.kind && matchesModel([one.model], model)) ??
      null,
    modelLimitsOf: (model) => modelLimits.find((one) => matchesModel([one.model], model)) ?? null,
  };
}

const NONE: readonly string[] = [];
