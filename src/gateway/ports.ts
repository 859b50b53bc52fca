import type { Decision } from './decision.ts';
import type { GatewaySnapshot, Provider, SecondOpinionRule } from './snapshot.ts';

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

/** Tells monitors what happened, at least once. */
export type EventTransport = { publish(batch: readonly Decision[]): Promise<void>; close?(): Promise<void> };

/** Keeps what was asked and answered, after redaction, for tenants that turned it on. Never throws and never waits. */
export type PayloadCapture = {
  keep(payload: {
    decisionId: string;
    tenantId: string;
    redactedRequest: string;
    redactedResponse: string | null;
  }): void;
};

/** Asks a person about a call of a tool with high impact. The digest names the arguments; they are not passed on. */
export type Approvals = {
  ask(call: {
    decisionId: string;
    tenantId: string;
    tool: string;
    argumentsSha256: string;
  }): Promise<{ id: string; state: 'pending' | 'approved' | 'denied' }>;
};

/** Says whether an answer follows from the documents of the request. */
export type GroundingCheck = {
  check(parts: {
    answer: string;
    documents: readonly string[];
    question: string;
  }): Promise<{ score: number; grounded: boolean }>;
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
