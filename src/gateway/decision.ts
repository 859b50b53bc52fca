import type { Action, PolicyDetectorName } from './snapshot.ts';

/** The stages of a call in their order; a refusal names the one that refused. */
export const STAGE_NAMES = [
  'http',
  'admit',
  'route',
  'identify',
  'authorize',
  'read_body',
  'understand',
  'own_objects',
  'limit',
  'screen_request',
  'forward',
  'screen_answer',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** Why a call was refused, with the status it travels as. Closed: a new code is a change of the interface. */
export const REFUSAL_STATUS = {
  bad_http: 400,
  headers_too_large: 431,
  draining: 503,
  record_unavailable: 503,
  overloaded: 503,
  not_ready: 503,
  unknown_route: 404,
  method_not_allowed: 405,
  no_policy: 503,
  no_credentials: 401,
  bad_credentials: 401,
  key_expired: 401,
  key_suspended: 403,
  key_revoked: 401,
  tenant_suspended: 403,
  scope_missing: 403,
  model_not_allowed: 403,
  body_too_large: 413,
  body_timeout: 408,
  body_incomplete: 400,
  unsupported_encoding: 415,
  unsupported_content_type: 415,
  invalid_utf8: 400,
  invalid_json: 400,
  json_too_complex: 400,
  duplicate_member: 400,
  invalid_request: 400,
  object_not_found: 404,
  objects_unavailable: 503,
  rate_limited: 429,
  tokens_limited: 429,
  budget_spent: 429,
  too_many_concurrent: 429,
  limits_unavailable: 503,
  content_blocked: 403,
  rule_blocked: 403,
  check_failed: 503,
  canary_leak: 403,
  provider_unknown: 503,
  provider_secret_missing: 503,
  provider_address_refused: 502,
  provider_unreachable: 502,
  provider_timeout: 504,
  provider_redirected: 502,
  provider_bad_answer: 502,
  answer_too_large: 502,
  output_invalid: 502,
  output_blocked: 403,
  output_too_long: 502,
  tool_not_allowed: 403,
  tool_arguments_invalid: 403,
  tool_needs_approval: 403,
  not_grounded: 403,
  internal: 500,
} as const;
export type RefusalCode = keyof typeof REFUSAL_STATUS;

/**
 * allowed: passed on as it came. changed: something was taken out. refused: not passed on, or not to its end.
 * not_evaluated: a check that should have been made was not; never to be read as allowed.
 */
export const OUTCOMES = ['allowed', 'changed', 'refused', 'not_evaluated'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** cut: ended by the gateway after bytes of the answer had gone out. */
export const ENDS = ['completed', 'client_left', 'upstream_error', 'timeout', 'refused', 'cut'] as const;
export type End = (typeof ENDS)[number];

/** Where something was found. `field` is a path such as `messages[2].content[0].text`; offsets are UTF-16 units. */
export type Span = {
  field: string;
  start: number;
  end: number;
  kind: string;
  /** Salted with a secret of this installation, so that the same value can be recognized and not guessed. */
  sha256: string;
};

export const SPANS_MAX = 50;
export const TOOL_CALLS_MAX = 50;

export type Verdict = {
  /** `cel:<id>` for a rule, `check:<name>` for a check of form. */
  detector: PolicyDetectorName | `cel:${string}` | `check:${string}`;
  direction: 'input' | 'output';
  action: Action;
  outcome: 'clean' | 'flagged' | 'redacted' | 'blocked' | 'not_evaluated';
  /** Highest confidence seen, where the detector gives one. */
  score: number | null;
  threshold: number | null;
  kinds: string[];
  spans: Span[];
  /** 0 says that there was nothing to scan, which is not the same as clean. */
  charactersScanned: number;
  fieldsScanned: number;
  detectorVersion: string;
  tookUs: number;
  /** Why it was not evaluated or what went wrong; never text of the call. */
  reason: string | null;
};

export type TokenCounts = { input: number; output: number; source: 'provider' | 'estimated' };

/** What abuse detection needs to know of a prompt; never text. */
export type Signals = {
  logprobsAsked: boolean;
  nAsked: number;
  topLogprobs: number;
  /** 64-bit SimHash of the last user turn, 16 hexadecimal digits (Charikar 2002). */
  promptSimhash: string;
  promptCharacters: number;
  refusedByModel: boolean;
  /** The answer was given documents, tool results or a declared context, and is text: it can be held against them. */
  groundable?: boolean;
};

/** One try to get an answer from a provider. */
export type Attempt = {
  providerId: string;
  /** From the beginning of the call. */
  startedUs: number;
  tookUs: number;
  /** null: it did not answer. */
  status: number | null;
  /** Why it gave no whole answer; given_up: the caller left, or what came was not to be passed on. */
  failure: RefusalCode | 'given_up' | null;
  /** Of the span the provider was told, 16 hexadecimal digits. */
  spanId: string;
};

export const PAYLOAD_MISSES = ['not_redacted', 'queue_full', 'no_store'] as const;
/**
 * What became of the texts of a call whose tenant or route has capture on. `sha256` is that of the captured document, which
 * begins with a random value: it shows which document it was, and nothing of what is in it.
 */
export type PayloadNote =
  | {
      state: 'captured';
      sha256: string;
      /** none: there was no answer, or it is not text. not_redacted: the policy does not redact answers, or stopped it. */
      answer: 'whole' | 'partial' | 'none' | 'not_redacted';
      /** Characters left out because there were too many. */
      cutCharacters: number;
    }
  /** not_redacted: the policy does not take personal data and secrets out of prompts, or could not. */
  | { state: 'missed'; reason: (typeof PAYLOAD_MISSES)[number] };

/** One call, told once. Instants are Unix milliseconds, durations microseconds, money millionths of a US dollar. */
export type Decision = {
  /** `dec_…`. The same decision may be written twice after a crash: writers go by this id. */
  id: string;
  occurredAt: number;
  endedAt: number;
  /** One process from its start to its end. */
  nodeId: string;
  /** From 1, without gaps in a node: a missing number is a lost decision. */
  sequence: number;
  /** What the caller got as `x-request-id`. */
  requestId: string;
  tenantId: string | null;
  keyId: string | null;
  /** Salted hash of the address the call came from. */
  callerDigest: string | null;
  routeId: string | null;
  method: string;
  /** The path with every part that may be data replaced, such as `/v1/files/{id}`. */
  pathPattern: string;
  providerId: string | null;
  modelAsked: string | null;
  modelAnswered: string | null;
  stream: boolean;
  policyId: string | null;
  policyVersion: number | null;
  snapshotDigest: string;
  outcome: Outcome;
  refusal: { stage: StageName; code: RefusalCode; httpStatus: number } | null;
  end: End;
  upstreamStatus: number | null;
  httpStatus: number;
  verdicts: Verdict[];
  /** A check was not made and the policy let the call through. */
  failOpen: boolean;
  tokens: TokenCounts;
  costMicroUsd: number | null;
  /** null: capture was off, or the call ended before its texts were screened. */
  payload: PayloadNote | null;
  requestSha256: string | null;
  responseSha256: string | null;
  requestBytes: number;
  responseBytes: number;
  timings: {
    queueUs: number;
    checksUs: number;
    upstreamFirstByteUs: number | null;
    totalUs: number;
    /** What the gateway itself added: the whole without waiting for the provider. */
    addedUs: number;
  };
  tries: number;
  /** Each of them, in order. */
  attempts: Attempt[];
  /** `approvalId` where a person had to agree. */
  toolCalls: { name: string; allowed: boolean; reason: string | null; approvalId?: string }[];
  signals: Signals;
  /** The caller's where it sent one in `traceparent`, otherwise of our own making; null for what never was a call. */
  traceId: string | null;
  spanId: string | null;
  /** The span of the caller that asked; null where it named none. */
  parentSpanId: string | null;
};
