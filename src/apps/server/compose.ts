import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { openChecks } from '#src/apps/gateway/checks.ts';
import type { GatewayNode } from '#src/apps/gateway/node.ts';
import { gatewaySalt } from '#src/apps/gateway/salt.ts';
import { gatewayControlRoutes, openGatewayControl } from '#src/apps/gateway-control.ts';
import { openServices, type Services } from '#src/apps/services.ts';
import { alertRoutes, alertSettingsRoutes } from '#src/features/alerts/index.ts';
import { bundleRoutes } from '#src/features/bundles/index.ts';
import { endpointProbeRoutes } from '#src/features/endpoint-probes/index.ts';
import { evaluationRoutes } from '#src/features/evaluations/index.ts';
import { eventRoutes } from '#src/features/events/index.ts';
import { attestationRoutes, evidenceRoutes } from '#src/features/evidence/index.ts';
import { feedbackRoutes } from '#src/features/feedback/index.ts';
import { gatewayAbuseRoutes } from '#src/features/gateway-abuse/index.ts';
import { gatewayApprovalRoutes } from '#src/features/gateway-approvals/index.ts';
import { gatewayDecisionRoutes, recentDecisions } from '#src/features/gateway-decisions/index.ts';
import { gatewayImportRoutes } from '#src/features/gateway-imports/index.ts';
import { gatewayPayloadRoutes } from '#src/features/gateway-payloads/index.ts';
import { gatewayProbeRoutes } from '#src/features/gateway-probes/index.ts';
import { type GroundednessChecks, groundednessCheckRoutes } from '#src/features/groundedness-checks/index.ts';
import { incidentRoutes } from '#src/features/incidents/index.ts';
import { inventoryRoutes } from '#src/features/inventory/index.ts';
import { labelRoutes } from '#src/features/labels/index.ts';
import { ledgerRoutes, logFileRoutes } from '#src/features/ledger/index.ts';
import { ledgerKeyRoutes } from '#src/features/ledger-keys/index.ts';
import { ledgerPartyRoutes } from '#src/features/ledger-parties/index.ts';
import { checkRules, closedUntil, monitorRoutes } from '#src/features/monitors/index.ts';
import { organization } from '#src/features/organization/index.ts';
import { overviewRoutes } from '#src/features/overview/index.ts';
import { isPerson, personRoutes } from '#src/features/persons/index.ts';
import { retentionRoutes } from '#src/features/retention/index.ts';
import { scanRoutes } from '#src/features/scans/index.ts';
import { type Users, users } from '#src/features/users/index.ts';
import type { Config } from '#src/platform/config.ts';
import type { App, Routes } from '#src/platform/http/route.ts';
import { createHttpServer, mountRoutes } from '#src/platform/http/server.ts';
import { addJob } from '#src/platform/jobs.ts';
import { createMetrics } from '#src/platform/metrics.ts';
import { installationRoot } from '#src/platform/root.ts';
import { openQueues, type Queues, startBackground } from './background.ts';
import type { Compose } from './life-cycle.ts';
import { textsOfPayload } from './payload-texts.ts';
import { recordEvent } from './record-event.ts';

// A block, so that a file system cannot keep it in the folder's own entry.
const PROBE = Buffer.alloc(4096);
const SESSION_SECRET = 'users.session-secret';

/** Wires the parts of the server together. Nothing runs until `start`. */
export const compose: Compose = async ({ config, log, database: opened, clock }) => {
  const { database, dataDir } = opened;
  const services = await openServices({
    database,
    dataDir,
    clock,
    log,
    masterKey: config.masterKey,
    url: config.publicUrl ?? `http://${config.host}:${config.port}`,
    ...(config.publicUrl !== undefined && { host: new URL(config.publicUrl).hostname }),
  });
  const people = await openUsers(config, services);
  const metrics = createMetrics(database.pool);
  const queues = openQueues(services, config);
  const version = readVersion();
  const checks = await openChecks({
    config,
    database,
    secrets: services.secrets,
    clock,
    log,
    gatewayUrl: () => services.place.gatewayUrl || null,
  });
  const app = await openServer(config, services, { people, metrics, version });
  await mountRoutes(app, '/api/auth', people.authRoutes);
  await mountRoutes(app, '/api/v1', people.routes, ...featureRoutes(services, { people, queues, checks, version }));
  await mountRoutes(app, '/ledger', logFileRoutes(services.ledger, { isPublic: config.ledgerPublic }));
  let background: { stop(): Promise<void> } | undefined;
  let gateway: GatewayNode | undefined;
  return {
    app,
    start: async () => {
      background = await startBackground({
        services,
        queues,
        metrics,
        alone: opened.embedded,
        gatewayUrl: () => services.place.gatewayUrl,
      });
      const { openGatewayNode } = await import('#src/apps/gateway/node.ts');
      gateway = await openGatewayNode({
        config,
        log,
        database,
        dataDir,
        secrets: services.secrets,
        dataKeys: services.dataKeys,
        clock,
        metrics,
        checks,
      });
      services.place.gatewayUrl = await gateway.listen(config.gatewayPort);
    },
    stop: async () => {
      // First the gateway: the decisions of its last calls are written while the ledger still runs.
      await gateway?.stop();
      await checks.close();
      await background?.stop();
    },
    greet: async (url) => {
      services.place.url = url;
      const link = await people.ensureSetupLink();
      const told = `The AI gateway answers at ${services.place.gatewayUrl}`;
      return link ? [`Open this link once to make the first user: ${link.url}`, told] : [told];
    },
  };
};

async function openUsers(config: Config, services: Services): Promise<Users> {
  return users({
    database: services.database,
    clock: services.clock,
    log: services.log,
    record: recordEvent(services.records),
    sessionSecret: await services.secrets.getOrCreate(SESSION_SECRET, () => randomBytes(32).toString('base64url')),
    secureCookies: config.tlsCertFile !== undefined || config.publicUrl?.startsWith('https://') === true,
    publicUrl: () => services.place.url,
  });
}

function openServer(
  config: Config,
  services: Services,
  parts: { people: Users; metrics: Registry; version: string },
): Promise<App> {
  const { people, metrics, version } = parts;
  const webApp = join(installationRoot(), 'dist/web');
  const { tlsCertFile, tlsKeyFile } = config;
  return createHttpServer({
    log: services.log,
    metrics,
    version,
    authenticate: people.authenticate,
    mayUse: people.mayUse,
    permissions: people.permissions,
    publicUrl: config.publicUrl,
    trustedProxy: config.trustedProxy,
    ...(tlsCertFile !== undefined &&
      tlsKeyFile !== undefined && {
        tls: { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') },
      }),
    ...(existsSync(webApp) && { staticDir: webApp }),
    ready: {
      database: () => services.database.pool.query('select 1'),
      storage: () => writeProbe(services.dataDir),
    },
  });
}

/** Fails where nothing can be stored any more: a full disk, or one that turned read-only. */
async function writeProbe(dataDir: string): Promise<void> {
  const path = join(dataDir, `.ready-${process.pid}`);
  try {
    await writeFile(path, PROBE);
  } finally {
    await rm(path, { force: true });
  }
}

/** The routes of every feature, without those for signing in. */
export function featureRoutes(
  services: Services,
  parts: { people: Users; queues: Queues; checks: GroundednessChecks; version: string },
): Routes[] {
  const { database, clock, log, records, blobs, dataKeys, ledger, parties, catalog, dataDir, secrets, place } =
    services;
  const { people, queues, checks, version } = parts;
  const { namesOf, mayUse } = people;
  const control = openGatewayControl(services, { secrets, namesOf, decisions: recentDecisions });
  const findControl = (id: string) => catalog.controls.find((control) => control.id === id) ?? null;
  return [
    organization({
      database,
      clock,
      record: recordEvent(records),
      namesOf,
      frameworkIds: catalog.frameworks.map(({ id }) => id),
    }).routes,
    overviewRoutes({ database, clock, catalog, controls: services.controls.services }),
    ...inventoryRoutes({ records, blobs, namesOf, version }),
    services.controls.routes,
    evidenceRoutes({ database, clock, namesOf, ledger, blobs, dataKeys }),
    attestationRoutes({ records, blobs, namesOf, findControl, mayUse }),
    alertRoutes({ records, namesOf }),
    alertSettingsRoutes({ records, namesOf, secrets, baseUrl: () => place.url, log }),
    incidentRoutes({ records, namesOf }),
    labelRoutes({
      records,
      secrets,
      mayOpenPayloads: (caller) => mayUse(caller, 'payloads.open'),
      openPayload: (id, caller) => textsOfPayload(services, id, caller),
    }),
    feedbackRoutes({ records, secrets, closedUntil, namesOf }),
    groundednessCheckRoutes({ database, clock, closedUntil, checks, rulesOf: checkRules }),
    evaluationRoutes({ records, namesOf, queue: { addJob } }),
    ...eventRoutes({ database, clock, append: records.append, closedUntil }),
    ...monitorRoutes({ records, namesOf, ...services.alerts }),
    scanRoutes({ queue: queues.scans, namesOf }),
    personRoutes({ records, dataKeys, blobs, dataDir, namesOf }),
    retentionRoutes({ records, namesOf, isPerson }),
    bundleRoutes({ queue: queues.bundles, namesOf, dataDir }),
    gatewayDecisionRoutes({ records, ledger }),
    gatewayPayloadRoutes({
      records,
      dataKeys,
      salt: () => gatewaySalt(secrets),
      capture: control.capture,
    }),
    gatewayApprovalRoutes({ records, namesOf, dataKeys }),
    gatewayAbuseRoutes({ records, namesOf }),
    gatewayProbeRoutes({ records, namesOf, addJob }),
    endpointProbeRoutes({ records, blobs }),
    gatewayImportRoutes({ records, blobs }),
    ledgerRoutes(ledger),
    ledgerKeyRoutes({ ledger, database, dataDir }),
    ledgerPartyRoutes({ database, clock, dataDir, parties, namesOf }),
    ...gatewayControlRoutes(control, () => place.gatewayUrl),
  ];
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(installationRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
