import type { Decision } from './decision.ts';
import type { RecordedDecision } from './record/recorded.ts';
import type { GatewaySnapshot, Provider, SecondOpinionRule } from './snapshot.ts';
import type { NamedObject } from './wire/object-ids.ts';

// What the gateway asks of the rest of the product. It knows none of it: `apps/gateway` fills these in.

export type SnapshotSource = {
  /** The snapshot in force. Answers at once. */
  current(): GatewaySnapshot;
  /** Calls `listener` after each change; the result stops that. */
  onChange(listener: () => void): () => void;
  /** The key of a provider, or null when none is stored under the name. */
  providerSecret(secretName: string): Promise<string | null>;
};

/** Takes every decision, once. */
export type DecisionSink = {
  /** Never throws and never waits. */
  record(decision: Decision): void;
  /** Resolves when everything recorded so far has been written. */
  flush(): Promise<void>;
  /** How many are recorded and not yet written. */
  readonly backlog: number;
};

/**
 * Writes a batch for good, all of it or nothing: whatever rejects is kept in a file and written again later. After a crash
 * a batch may come twice; a decision that is already there (by id) is left as it is.
 */
export type DecisionWriter = { write(batch: readonly Decision[]): Promise<void> };

/** Tells monitors what happened, at least once. What it needs of the JSON it reads before the first of it is awaited. */
export type EventTransport = { publish(batch: readonly RecordedDecision[]): Promise<void>; close?(): Promise<void> };

/** What was asked and answered in one call, after redaction. */
export type RedactedPayload = {
  decisionId: string;
  tenantId: string;
  /** Unix milliseconds. */
  occurredAt: number;
  keepDays: number;
  /** JSON; its SHA-256 stands in the decision. */
  document: string;
  sha256: string;
  /** Salted hash of the end user the caller named, to erase by; null where it named none. */
  personDigest: string | null;
};

/** Keeps payloads for tenants and routes that turned it on. */
export type PayloadCapture = {
  /** False when it cannot be taken: too many wait. Never throws and never waits. */
  take(payload: RedactedPayload): boolean;
};

/** A call of a tool with high impact, as it would be passed on. An approval is for these arguments and no others. */
export type ToolCallToApprove = {
  tool: string;
  argumentsText: string;
  argumentsSha256: string;
  /** As the policy says; null is what is usual. */
  decideWithinMinutes: number | null;
  useWithinMinutes: number | null;
};

export type ApprovalAnswer = {
  id: string;
  /** unable: nobody can be asked, such as for arguments no person could read. */
  state: 'approved' | 'waiting' | 'refused' | 'unable';
  /** Unix milliseconds; when the question, or the answer to it, no longer counts. */
  expiresAt: number;
};

/** Asks a person about calls of tools with high impact. */
export type Approvals = {
  /**
   * The calls of one answer, judged together and told in their order: when each of them is approved, all approvals are used
   * up by this; otherwise none is.
   */
  ask(answer: {
    decisionId: string;
    tenantId: string;
    /** Null for a caller who came with a token. */
    keyId: string | null;
    routeId: string;
    policyId: string;
    policyVersion: number;
    calls: readonly ToolCallToApprove[];
  }): Promise<ApprovalAnswer[]>;
};

/**
 * Whose the objects are that providers keep between calls. An account is an origin whose ids are never given twice. Every
 * method rejects when the store does not answer.
 */
export type StoredObjects = {
  /** The tenants of the ids that are bound; those never seen are absent. */
  ownersOf(account: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Resolves once it is kept for good, for all processes. What is another's stays theirs. */
  bind(made: { account: string; tenantId: string; objects: readonly NamedObject[] }): Promise<void>;
  /** What was deleted; nothing where it is another's. */
  forget(deleted: { account: string; tenantId: string; id: string }): Promise<void>;
};

/** Says how much of an answer follows from the documents of the request. Pure and bounded in time. */
export type GroundingCheck = {
  version: string;
  /** `supported` is the share of the decided statements that the documents bear out; null with the reason why nothing was decided. */
  check(parts: {
    answer: string;
    documents: readonly string[];
  }): { supported: number; decided: number } | { supported: null; reason: string };
};

/** An answer that was given documents, tool results or a declared context, as both went out. */
export type GivenAnswer = {
  decision: Decision;
  /** Null where it did not come whole. */
  answer: string | null;
  context: readonly string[];
};

/** Judges answers after they have gone out. */
export type AnswerJudging = {
  /** Whether an answer to this call may be among those to be judged: only then is its text kept. Quick. */
  mayWant(routeId: string, decisionId: string): boolean;
  /** Never throws and never waits. */
  take(given: GivenAnswer): void;
};

/** Judges a text that the detectors of injection are not sure of. */
export type SecondOpinion = {
  /**
   * Resolves to the probability that the text attacks the model that will read it, and to what exactly judged it. Rejects when
   * it could not be judged; the message of the error holds nothing of the text.
   */
  ask(question: {
    text: string;
    role: 'user' | 'document' | 'tool';
    rule: SecondOpinionRule;
    /** For a judge. */
    provider: Provider | null;
  }): Promise<{ score: number; version: string }>;
};
