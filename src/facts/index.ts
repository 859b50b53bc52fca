import type * as z from 'zod';
import type { Fact } from './fact.ts';
import * as gateway from './gateway.ts';
import * as gatewayTraffic from './gateway-traffic.ts';
import * as records from './records.ts';
import * as sourceTree from './source-tree.ts';

/** Everything that can be known, by kind. Connectors yield these, control tests read these, neither knows the other. */
export const FACT_KINDS = {
  repository: sourceTree.repository,
  'model-file': sourceTree.modelFile,
  'model-reference': sourceTree.modelReference,
  'dataset-reference': sourceTree.datasetReference,
  'dataset-file': sourceTree.datasetFile,
  'training-pipeline': sourceTree.trainingPipeline,
  prompt: sourceTree.prompt,
  'inference-endpoint': sourceTree.inferenceEndpoint,
  agent: sourceTree.agent,
  'agent-tool': sourceTree.agentTool,
  'eval-suite': sourceTree.evalSuite,
  'retrieval-index': sourceTree.retrievalIndex,
  guardrail: sourceTree.guardrail,
  'ai-service': sourceTree.aiService,
  secret: sourceTree.secret,
  notebook: sourceTree.notebook,
  'ci-workflow': sourceTree.ciWorkflow,
  'dependency-manifest': sourceTree.dependencyManifest,
  'container-image': sourceTree.containerImage,
  'code-owners': sourceTree.codeOwners,
  'sensitive-path': sourceTree.sensitivePath,
  'model-card': sourceTree.modelCard,
  'dataset-card': sourceTree.datasetCard,
  'cloud-resource': sourceTree.cloudResource,
  'unsafe-code': sourceTree.unsafeCode,
  'inventory-item': records.inventoryItem,
  'ai-system': records.aiSystem,
  attestation: records.attestation,
  user: records.user,
  'organization-scope': records.organizationScope,
  alert: records.alert,
  'evaluation-suite': records.evaluationSuite,
  'evaluation-run': records.evaluationRun,
  'model-release': records.modelRelease,
  incident: records.incident,
  'label-sample': records.labelSample,
  'user-feedback': records.userFeedback,
  monitor: records.monitor,
  'integrity-specification': records.integritySpecification,
  'monitor-canary': records.monitorCanary,
  'gateway-provider': gateway.gatewayProvider,
  'gateway-tenant': gateway.gatewayTenant,
  'gateway-key': gateway.gatewayKey,
  'gateway-route': gateway.gatewayRoute,
  'gateway-policy': gateway.gatewayPolicy,
  'other-gateway-route': gateway.otherGatewayRoute,
  'gateway-use': gatewayTraffic.gatewayUse,
  'gateway-traffic': gatewayTraffic.gatewayTraffic,
  'gateway-record': gatewayTraffic.gatewayRecord,
  'gateway-tool-use': gatewayTraffic.gatewayToolUse,
  'gateway-tool-call': gatewayTraffic.gatewayToolCall,
  'gateway-probe': gatewayTraffic.gatewayProbe,
  'gateway-attack': gatewayTraffic.gatewayAttack,
  'endpoint-probe': gatewayTraffic.endpointProbe,
} as const;

export type FactKindName = keyof typeof FACT_KINDS;
export type FactBody<Name extends FactKindName> = z.infer<(typeof FACT_KINDS)[Name]['body']>;
/** One fact of a known kind. With several kinds it is a union that narrows on `kind`. */
export type KnownFact<Name extends FactKindName = FactKindName> = {
  [N in Name]: Fact<N, FactBody<N>>;
}[Name];

/** Kinds that one scan of a source tree reads. A scan states each of them, so that none found means none there. */
export const SOURCE_TREE_KINDS = (Object.keys(FACT_KINDS) as FactKindName[]).filter((name) =>
  Object.values(sourceTree).includes(FACT_KINDS[name] as never),
);

export type { Fact } from './fact.ts';
export { Known, Place, Purpose, ShareInterval } from './fact.ts';
export { Pin } from './source-tree.ts';
