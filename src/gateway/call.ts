import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from './callers/callers.ts';
import {
  type Attempt,
  type Decision,
  type End,
  REFUSAL_STATUS,
  type RefusalCode,
  type StageName,
  type Verdict,
} from './decision.ts';
import type { GatewayParts } from './gateway.ts';
import type { Amounts, LimitScope, LimitState } from './limits/limit-store.ts';
import type { ToolCallToApprove } from './ports.ts';
import type { PreparedPolicy, PreparedSnapshot } from './prepared.ts';
import type { Screening } from './screening/screening.ts';
import type { GatewayRoute, Provider } from './snapshot.ts';
import type { Endpoint } from './wire/endpoints.ts';
import type { NotFound } from './wire/not-found.ts';
import type { JsonObject } from './wire/parse-body.ts';
import type { TextFields } from './wire/text-fields.ts';
import { readTraceparent, type Trace } from './wire/traceparent.ts';
import { Usage } from './wire/usage.ts';

/** Why a call does not go on. The message is for the caller: what is wrong and what to do; never text of the call. */
export type Refusal = {
  code: RefusalCode;
  message: string;
  /** The member of the request that is wrong. */
  param?: string;
  headers?: Record<string, string>;
  /** The provider's own words, with the status it would give. */
  said?: NotFound;
  /** Further members of the error, for programs. */
  details?: Record<string, unknown>;
};

/** The status a refusal travels as. */
export function statusOfRefusal({ code, said }: Refusal): number {
  return said?.status ?? REFUSAL_STATUS[code];
}

/** What is sent to the caller in one piece. */
export type Reply = { status: number; headers: Record<string, string>; body: Buffer | string };

/** What the caller asked for, read from the body. */
export type Asked = {
  body: JsonObject | null;
  model: string | null;
  stream: boolean;
  maxTokens: number | null;
  choices: number;
  turns: number;
  tools: string[];
  texts: TextFields;
  characters: number;
  tokens: number;
  /** The end user the caller named, as it named them; null where it named none. */
  person: string | null;
};

/** Texts of an answer after redaction, and whether that is all of it. */
export type AnswerTexts = { isWhole: boolean; texts: { field: string; text: string }[] };

/** One call on its way through the stages. Each stage fills in what the next ones need. */
export class Call {
  readonly parts: GatewayParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly prepared: PreparedSnapshot;
  readonly id: string;
  readonly requestId: string;
  readonly occurredAt: number;
  readonly startedUs: number;
  stage: StageName = 'admit';

  path = '';
  query = '';
  pathPattern = '';
  route: GatewayRoute | null = null;
  rest = '';
  endpoint: Endpoint | null = null;
  provider: Provider | null = null;
  policy: PreparedPolicy | null = null;
  caller: Caller | null = null;
  /** Also known of callers that are refused. */
  tenantId: string | null = null;
  keyId: string | null = null;

  bytes: Buffer | null = null;
  asked: Asked | null = null;
  /** The stored objects the call names; null where it names none. */
  objects: { asked: ReadonlySet<string>; inPath: readonly string[]; hasUnseenInPath: boolean } | null = null;
  /** What is sent to the provider. */
  outgoing: Buffer | null = null;
  dropUsage = false;
  scopes: LimitScope[] = [];
  reservationId: string | null = null;
  reserved: Amounts = { tokens: 0, spendMicroUsd: 0 };
  limitStates: LimitState[] = [];

  input: Screening | null = null;
  output: Screening | null = null;
  readonly checks: Verdict[] = [];
  failOpen = false;
  readonly toolCalls: Decision['toolCalls'] = [];
  /** Tool calls of the answer that a person has to agree to, before the last of it goes out. */
  readonly toApprove: ToolCallToApprove[] = [];

  refusal: Refusal | null = null;
  reply: Reply | null = null;
  /** Sent after the decision is recorded, when the answer is a stream. */
  lastBytes: Buffer[] = [];
  /** True when the connection is to be torn down after the last bytes, so that nobody takes the answer for whole. */
  tearDown = false;
  end: End = 'completed';
  left = false;
  /** Ends the call to the provider, in whatever phase it is. */
  abort: (() => void) | null = null;

  upstreamStatus: number | null = null;
  readonly attempts: Attempt[] = [];
  modelAnswered: string | null = null;
  modelRefused = false;
  badAnswer = false;
  readonly usage = new Usage();
  answerCharacters = 0;
  responseBytes = 0;
  responseSha256: string | null = null;
  /** Gives the texts of the answer as they went out; set only where capture is on. */
  answerTexts: (() => AnswerTexts) | null = null;
  /** Gives what the whole answer says, as it went out; set only where it may be judged. */
  answerText: (() => string) | null = null;

  checksUs = 0;
  upstreamFirstByteUs: number | null = null;
  /** Time spent waiting for the provider. */
  waitedUs = 0;
  readonly trace: Trace;

  constructor(
    parts: GatewayParts,
    prepared: PreparedSnapshot,
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
  ) {
    this.parts = parts;
    this.prepared = prepared;
    this.request = request;
    this.response = response;
    this.id = id;
    this.requestId = `req_${id.slice(4)}`;
    this.occurredAt = parts.clock();
    this.startedUs = nowUs();
    this.trace = readTraceparent(request.headers.traceparent);
  }

  /** Ends the reading of the body, while it is read. */
  failBody: ((refusal: Refusal) => void) | null = null;
  /** Bytes of this call that count as in flight. */
  heldBytes = 0;

  holdBytes(bytes: number): boolean {
    if (!this.parts.inFlight.take(bytes)) return false;
    this.heldBytes += bytes;
    return true;
  }

  /** Days for which the redacted texts of this call are kept; 0 keeps none. */
  get captureDays(): number {
    return this.caller?.tenant.captureDays || (this.route?.captureDays ?? 0);
  }

  get tries(): number {
    return this.attempts.length;
  }

  /** Of the answer, from the provider until the caller has taken them. */
  #answerBytes = 0;
  #holders = 2;

  /** False when the answers of all calls together hold too many bytes. */
  holdAnswer(bytes: number): boolean {
    if (!this.parts.answersInFlight.take(bytes)) return false;
    this.#answerBytes += bytes;
    return true;
  }

  /** Says how many bytes of the answer are still here. */
  keepAnswer(bytes: number): void {
    this.parts.answersInFlight.give(this.#answerBytes - bytes);
    this.#answerBytes = bytes;
  }

  /** Called when the call has ended and when its connection has: an answer is held until both. */
  endAnswer(): void {
    if (--this.#holders <= 0) this.keepAnswer(0);
  }

  get shape(): 'openai' | 'anthropic' {
    if (this.endpoint) return this.endpoint.shape;
    return this.request.headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
  }
}

/** Monotonic, in microseconds. */
export function nowUs(): number {
  return performance.now() * 1_000;
}
