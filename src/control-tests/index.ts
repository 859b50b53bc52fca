import { agentRegistered } from './agent-registered.ts';
import { agentToolAsksApproval } from './agent-tool-asks-approval.ts';
import { aiLibrariesPinned } from './ai-libraries-pinned.ts';
import { alertClosedAfterRetest } from './alert-closed-after-retest.ts';
import { alertHandledOnTime } from './alert-handled-on-time.ts';
import { attestationReviewed } from './attestation-reviewed.ts';
import { attestationUnexpired } from './attestation-unexpired.ts';
import { calibrationMeasured } from './calibration-measured.ts';
import { ciActionsPinned } from './ci-actions-pinned.ts';
import { ciRunsTests } from './ci-runs-tests.ts';
import { ciTokenReadOnly } from './ci-token-read-only.ts';
import { cloudResourceEncrypted } from './cloud-resource-encrypted.ts';
import { cloudResourceNotPublic } from './cloud-resource-not-public.ts';
import { companyScopeSet } from './company-scope-set.ts';
import { completenessMonitored } from './completeness-monitored.ts';
import { containerImagePinned } from './container-image-pinned.ts';
import { containerNotRoot } from './container-not-root.ts';
import { datasetFileHasOrigin } from './dataset-file-has-origin.ts';
import { datasetLicenseStated } from './dataset-license-stated.ts';
import { datasetRegistered } from './dataset-registered.ts';
import { datasetVersionPinned } from './dataset-version-pinned.ts';
import type { ControlTest } from './define.ts';
import { dependencyLockPresent } from './dependency-lock-present.ts';
import { deployedModelEvaluated } from './deployed-model-evaluated.ts';
import { detectorCanaryPassed } from './detector-canary-passed.ts';
import { driftMonitored } from './drift-monitored.ts';
import { evaluationBenchmarkFresh } from './evaluation-benchmark-fresh.ts';
import { evaluationRanOnSchedule } from './evaluation-ran-on-schedule.ts';
import { evaluationRunPasses } from './evaluation-run-passes.ts';
import { evaluationRunsInCi } from './evaluation-runs-in-ci.ts';
import { evaluationSuitePresent } from './evaluation-suite-present.ts';
import { evaluationThresholdsFrozen } from './evaluation-thresholds-frozen.ts';
import { evaluationThresholdsSet } from './evaluation-thresholds-set.ts';
import { fairnessMeasured } from './fairness-measured.ts';
import { feedbackTriaged } from './feedback-triaged.ts';
import { gatewayAttacksStopped } from './gateway-attacks-stopped.ts';
import { gatewayChecksDecide } from './gateway-checks-decide.ts';
import { gatewayChecksMade } from './gateway-checks-made.ts';
import { gatewayIsolationMonthly } from './gateway-isolation-monthly.ts';
import { gatewayKeyLimited } from './gateway-key-limited.ts';
import { gatewayKeyRotated } from './gateway-key-rotated.ts';
import { gatewayKeyUsed } from './gateway-key-used.ts';
import { gatewayOutputValidated } from './gateway-output-validated.ts';
import { gatewayPolicySecondPerson } from './gateway-policy-second-person.ts';
import { gatewayPolicyTested } from './gateway-policy-tested.ts';
import { gatewayProbabilitiesWithheld } from './gateway-probabilities-withheld.ts';
import { gatewayProviderEncrypted } from './gateway-provider-encrypted.ts';
import { gatewayProviderKeyStored } from './gateway-provider-key-stored.ts';
import { gatewayRecordComplete } from './gateway-record-complete.ts';
import { gatewayRefusesWithoutKey } from './gateway-refuses-without-key.ts';
import { gatewayRouteFailsClosed } from './gateway-route-fails-closed.ts';
import { gatewayRouteInputFiltered } from './gateway-route-input-filtered.ts';
import { gatewayRouteOutputFiltered } from './gateway-route-output-filtered.ts';
import { gatewayTenantsIsolated } from './gateway-tenants-isolated.ts';
import { gatewayToolCallsApproved } from './gateway-tool-calls-approved.ts';
import { gatewayToolCallsListed } from './gateway-tool-calls-listed.ts';
import { gatewayToolCallsTraced } from './gateway-tool-calls-traced.ts';
import { gatewayUseRegistered } from './gateway-use-registered.ts';
import { guardrailWhereUsersWrite } from './guardrail-where-users-write.ts';
import { hallucinationMeasured } from './hallucination-measured.ts';
import { hostedModelVersionPinned } from './hosted-model-version-pinned.ts';
import { incidentReviewed } from './incident-reviewed.ts';
import { inferenceEndpointAuthenticated } from './inference-endpoint-authenticated.ts';
import { inferenceEndpointProbed } from './inference-endpoint-probed.ts';
import { integritySpecified } from './integrity-specified.ts';
import { inventoryItemAssigned } from './inventory-item-assigned.ts';
import { inventoryItemDecided } from './inventory-item-decided.ts';
import { inventoryNotEmpty } from './inventory-not-empty.ts';
import { judgeAgreesWithPeople } from './judge-agrees-with-people.ts';
import { modelCardComplete } from './model-card-complete.ts';
import { modelCardPresent } from './model-card-present.ts';
import { modelLicenseStated } from './model-license-stated.ts';
import { modelRevisionPinned } from './model-revision-pinned.ts';
import { modelWeightsNoSuspiciousImports } from './model-weights-no-suspicious-imports.ts';
import { modelWeightsSafeFormat } from './model-weights-safe-format.ts';
import { monitorBreachHandled } from './monitor-breach-handled.ts';
import { monitorRanOnSchedule } from './monitor-ran-on-schedule.ts';
import { noSecretInNotebookOutput } from './no-secret-in-notebook-output.ts';
import { noSecretInRepository } from './no-secret-in-repository.ts';
import { noUnsafeLoading } from './no-unsafe-loading.ts';
import { notebookOutputsCleared } from './notebook-outputs-cleared.ts';
import { operationMonitored } from './operation-monitored.ts';
import { otherGatewayAuthenticated } from './other-gateway-authenticated.ts';
import { otherGatewayRequestsLimited } from './other-gateway-requests-limited.ts';
import { otherGatewayTokensLimited } from './other-gateway-tokens-limited.ts';
import { outputsReviewedMonthly } from './outputs-reviewed-monthly.ts';
import { privilegedUserTwoFactor } from './privileged-user-two-factor.ts';
import { promptUnderVersionControl } from './prompt-under-version-control.ts';
import { promptWithoutSecret } from './prompt-without-secret.ts';
import { providerRegistered } from './provider-registered.ts';
import { releaseMemorizationTested } from './release-memorization-tested.ts';
import { releaseRobustnessTested } from './release-robustness-tested.ts';
import { remoteCodeNotTrusted } from './remote-code-not-trusted.ts';
import { repositoryUnderVersionControl } from './repository-under-version-control.ts';
import { retrievalIndexRegistered } from './retrieval-index-registered.ts';
import { robustnessRunPasses } from './robustness-run-passes.ts';
import { sensitivePathOwned } from './sensitive-path-owned.ts';
import { systemAttested } from './system-attested.ts';
import { systemAutonomyDecided } from './system-autonomy-decided.ts';
import { systemDataClassified } from './system-data-classified.ts';
import { systemHasOwner } from './system-has-owner.ts';
import { systemHasPurpose } from './system-has-purpose.ts';
import { systemHasRiskTier } from './system-has-risk-tier.ts';
import { systemScopeDecided } from './system-scope-decided.ts';
import { trainingRunLogged } from './training-run-logged.ts';
import { trainingSetsSeed } from './training-sets-seed.ts';

/** Every control test, in the order of screens. A new test is one file and its line here. */
export const CONTROL_TESTS: readonly ControlTest[] = [
  // The inventory and its AI systems.
  inventoryNotEmpty,
  inventoryItemDecided,
  inventoryItemAssigned,
  systemHasOwner,
  systemHasPurpose,
  systemDataClassified,
  systemHasRiskTier,
  systemAutonomyDecided,
  systemScopeDecided,
  systemAttested,
  providerRegistered,
  agentRegistered,
  datasetRegistered,
  retrievalIndexRegistered,
  // Models.
  modelRevisionPinned,
  hostedModelVersionPinned,
  modelWeightsSafeFormat,
  modelWeightsNoSuspiciousImports,
  remoteCodeNotTrusted,
  noUnsafeLoading,
  modelCardPresent,
  modelCardComplete,
  modelLicenseStated,
  // Training and data.
  trainingRunLogged,
  trainingSetsSeed,
  datasetVersionPinned,
  datasetLicenseStated,
  datasetFileHasOrigin,
  // Prompts and evaluation.
  promptUnderVersionControl,
  promptWithoutSecret,
  evaluationSuitePresent,
  evaluationThresholdsSet,
  evaluationRunsInCi,
  // Serving.
  inferenceEndpointAuthenticated,
  inferenceEndpointProbed,
  otherGatewayAuthenticated,
  guardrailWhereUsersWrite,
  agentToolAsksApproval,
  cloudResourceEncrypted,
  cloudResourceNotPublic,
  // The gateway, as it is set up.
  gatewayRouteInputFiltered,
  gatewayRouteOutputFiltered,
  gatewayRouteFailsClosed,
  gatewayOutputValidated,
  gatewayProbabilitiesWithheld,
  gatewayPolicySecondPerson,
  gatewayPolicyTested,
  gatewayKeyLimited,
  otherGatewayRequestsLimited,
  otherGatewayTokensLimited,
  gatewayKeyRotated,
  gatewayKeyUsed,
  gatewayProviderKeyStored,
  gatewayProviderEncrypted,
  // Repository and build.
  noSecretInRepository,
  noSecretInNotebookOutput,
  notebookOutputsCleared,
  repositoryUnderVersionControl,
  ciRunsTests,
  ciActionsPinned,
  ciTokenReadOnly,
  sensitivePathOwned,
  dependencyLockPresent,
  aiLibrariesPinned,
  containerImagePinned,
  containerNotRoot,
  // Monitors.
  integritySpecified,
  driftMonitored,
  hallucinationMeasured,
  operationMonitored,
  completenessMonitored,
  calibrationMeasured,
  fairnessMeasured,
  monitorRanOnSchedule,
  monitorBreachHandled,
  detectorCanaryPassed,
  // The gateway.
  gatewayToolCallsApproved,
  gatewayToolCallsListed,
  gatewayToolCallsTraced,
  gatewayUseRegistered,
  gatewayChecksMade,
  gatewayChecksDecide,
  gatewayRecordComplete,
  gatewayTenantsIsolated,
  gatewayIsolationMonthly,
  gatewayRefusesWithoutKey,
  gatewayAttacksStopped,
  // This product's own records.
  attestationReviewed,
  attestationUnexpired,
  privilegedUserTwoFactor,
  companyScopeSet,
  alertHandledOnTime,
  alertClosedAfterRetest,
  evaluationThresholdsFrozen,
  evaluationRunPasses,
  evaluationRanOnSchedule,
  evaluationBenchmarkFresh,
  deployedModelEvaluated,
  robustnessRunPasses,
  releaseRobustnessTested,
  releaseMemorizationTested,
  judgeAgreesWithPeople,
  feedbackTriaged,
  outputsReviewedMonthly,
  incidentReviewed,
];

/** The tests that speak for a control. */
export function testsOfControl(controlId: string): ControlTest[] {
  return CONTROL_TESTS.filter((test) => test.controls.includes(controlId));
}
