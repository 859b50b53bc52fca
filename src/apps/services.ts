import type { Catalog } from '#src/catalog/model.ts';
import type { ControlTest } from '#src/control-tests/define.ts';
import { CONTROL_TESTS } from '#src/control-tests/index.ts';
import { type Alerts, alertFacts, createAlerts } from '#src/features/alerts/index.ts';
import { type ControlsService, controls } from '#src/features/controls/index.ts';
import { endpointProbeFacts } from '#src/features/endpoint-probes/index.ts';
import { evaluationRunFacts, evaluationSuiteFacts, modelReleaseFacts } from '#src/features/evaluations/index.ts';
import { attestationFacts, attestationsOfControl, evidenceOfControl } from '#src/features/evidence/index.ts';
import { userFeedbackFacts } from '#src/features/feedback/index.ts';
import { gatewayToolUseFacts } from '#src/features/gateway-approvals/index.ts';
import {
  gatewayRecordFacts,
  gatewayToolCallFacts,
  gatewayTrafficFacts,
  gatewayUseFacts,
} from '#src/features/gateway-decisions/index.ts';
import { otherGatewayRouteFacts } from '#src/features/gateway-imports/index.ts';
import { gatewayPolicyFacts, gatewayRouteFacts } from '#src/features/gateway-policies/index.ts';
import { gatewayAttackFacts, gatewayProbeFacts } from '#src/features/gateway-probes/index.ts';
import { gatewayProviderFacts } from '#src/features/gateway-providers/index.ts';
import { gatewayKeyFacts, gatewayTenantFacts } from '#src/features/gateway-tenants/index.ts';
import { incidentFacts } from '#src/features/incidents/index.ts';
import { itemFacts, systemFacts } from '#src/features/inventory/index.ts';
import { labelSampleFacts } from '#src/features/labels/index.ts';
import type { Parties } from '#src/features/ledger-parties/index.ts';
import { integritySpecificationFacts, monitorCanaryFacts, monitorFacts } from '#src/features/monitors/index.ts';
import { organizationFacts } from '#src/features/organization/index.ts';
import {
  type Append,
  createRecords,
  createStoreRecords,
  type Judge,
  type Records,
} from '#src/features/records/index.ts';
import { userFacts } from '#src/features/users/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import { appendPersonal } from '#src/ledger/store/personal.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import { type Blobs, openBlobs } from '#src/platform/blobs.ts';
import { type DataKeys, openDataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { MasterKey } from '#src/platform/envelope.ts';
import type { Routes } from '#src/platform/http/route.ts';
import type { Log } from '#src/platform/log.ts';
import { openSecrets, type Secrets } from '#src/platform/secrets.ts';
import { builtCatalog } from './built-catalog.ts';
import { openGuardedLedger } from './open-ledger.ts';

/** What the server and the commands both need to record something. */
export type Services = {
  database: Database;
  clock: Clock;
  log: Log;
  dataDir: string;
  blobs: Blobs;
  /** One for each person of whom something personal is held. */
  dataKeys: DataKeys;
  ledger: Ledger;
  parties: Parties;
  records: Records;
  catalog: Catalog;
  tests: readonly ControlTest[];
  controls: { routes: Routes; services: ControlsService };
  alerts: Alerts;
  secrets: Secrets;
  /** Where people open the product and applications reach the gateway; known once both listen. */
  place: { url: string; gatewayUrl: string };
};

/** Opens the stores of a data folder and ties recording, judging and the ledger together. */
export async function openServices(parts: {
  database: Database;
  dataDir: string;
  clock: Clock;
  log: Log;
  /** Host in the name of a ledger that is started here. */
  host?: string;
  /** From ASSAY_MASTER_KEY, in place of the key file. */
  masterKey?: MasterKey | undefined;
  url?: string | undefined;
}): Promise<Services> {
  const { database, clock, log, dataDir } = parts;
  const blobs = openBlobs(dataDir, database);
  const dataKeys = openDataKeys(database, dataDir, parts.masterKey);
  const { ledger, parties } = await openGuardedLedger({ ...parts, blobs, dataKeys });
  const append: Append = (tx, entry) => appendPersonal(tx, entry, { clock, dataKeys });
  const catalog = builtCatalog();
  const tests = CONTROL_TESTS;
  const program = controls({
    database,
    clock,
    catalog,
    tests,
    appendEntry: append,
    attestationsOf: attestationsOfControl,
    evidenceOf: evidenceOfControl,
  });
  const judge: Judge = (tx, { kind, collectionId }) =>
    program.services.judge(tx, { cause: kind, ...(collectionId && { collectionId }) });
  const store = createStoreRecords(
    {
      'inventory-item': itemFacts,
      'ai-system': systemFacts,
      attestation: attestationFacts,
      user: userFacts,
      'organization-scope': organizationFacts,
      alert: (tx) => alertFacts(tx, clock()),
      incident: (tx) => incidentFacts(tx, clock()),
      'label-sample': labelSampleFacts,
      'user-feedback': (tx) => userFeedbackFacts(tx, clock()),
      'evaluation-suite': evaluationSuiteFacts,
      'evaluation-run': evaluationRunFacts,
      'model-release': modelReleaseFacts,
      monitor: (tx) => monitorFacts(tx, clock()),
      'integrity-specification': integritySpecificationFacts,
      'monitor-canary': monitorCanaryFacts,
      'gateway-provider': gatewayProviderFacts,
      'gateway-tenant': gatewayTenantFacts,
      'gateway-key': gatewayKeyFacts,
      'gateway-route': (tx) => gatewayRouteFacts(tx, clock),
      'gateway-policy': (tx) => gatewayPolicyFacts(tx, clock),
      'gateway-use': (tx) => gatewayUseFacts(tx, clock()),
      'gateway-traffic': (tx) => gatewayTrafficFacts(tx, clock()),
      'gateway-record': gatewayRecordFacts,
      'gateway-tool-use': (tx) => gatewayToolUseFacts(tx, clock),
      'gateway-tool-call': (tx) => gatewayToolCallFacts(tx, clock()),
      'gateway-probe': (tx) => gatewayProbeFacts(tx, clock),
      'gateway-attack': gatewayAttackFacts,
      'endpoint-probe': endpointProbeFacts,
      'other-gateway-route': otherGatewayRouteFacts,
    },
    clock,
  );
  const records = createRecords({ database, clock, append, store, judge });
  const alerts = createAlerts({ append, clock });
  const secrets = openSecrets(database, dataDir, parts.masterKey);
  const place = { url: parts.url ?? 'http://localhost', gatewayUrl: '' };
  return {
    database,
    clock,
    log,
    dataDir,
    blobs,
    dataKeys,
    ledger,
    parties,
    records,
    catalog,
    tests,
    controls: program,
    alerts,
    secrets,
    place,
  };
}
