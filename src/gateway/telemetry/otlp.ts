import { randomBytes } from 'node:crypto';
import type { Outbound } from '#src/platform/outbound.ts';
import type { Attempt, Decision } from '../decision.ts';
import {
  ATTRIBUTES,
  DURATION_BOUNDS,
  METRICS,
  OPERATIONS,
  SCHEMA_URL,
  SCOPE_NAME,
  TOKEN_BOUNDS,
} from './conventions.ts';

const QUEUE_MAX = 10_000;
const SPANS_A_CALL = 512;
const EXPORT_EVERY_MS = 5_000;
const SPAN_CLIENT = 3;

type Attribute = { key: string; value: { stringValue: string } | { intValue: string } | { boolValue: boolean } };
type Point = { attributes: Attribute[]; counts: number[]; count: number; sum: number };

/**
 * Sends a span for each call and histograms of duration and tokens, by OTLP over HTTP in JSON. Telemetry is not the record:
 * when the collector does not take it, the oldest is dropped and counted. Source: OTLP 1.9, opentelemetry-proto JSON mapping.
 */
export class OtlpExporter {
  readonly #parts: {
    endpoint: string;
    headers: Record<string, string>;
    outbound: Pick<Outbound, 'fetch'>;
    nodeId: () => string;
    onError: (error: unknown) => void;
  };
  #queue: Decision[] = [];
  readonly #histograms = new Map<
    string,
    { name: string; unit: string; bounds: readonly number[]; points: Map<string, Point> }
  >();
  readonly #startedAtMs = Date.now();
  #timer: NodeJS.Timeout | null = null;
  dropped = 0;

  constructor(parts: {
    endpoint: string;
    headers?: Record<string, string>;
    outbound: Pick<Outbound, 'fetch'>;
    nodeId: () => string;
    onError: (error: unknown) => void;
  }) {
    this.#parts = { headers: {}, ...parts };
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), EXPORT_EVERY_MS);
    this.#timer.unref();
  }

  add(decision: Decision): void {
    if (this.#queue.length >= QUEUE_MAX) {
      this.#queue.shift();
      this.dropped++;
    }
    this.#queue.push(decision);
    const attributes = metricAttributes(decision);
    this.#observe(METRICS.duration, 's', DURATION_BOUNDS, decision.timings.totalUs / 1e6, attributes);
    if (decision.timings.upstreamFirstByteUs !== null)
      this.#observe(METRICS.firstChunk, 's', DURATION_BOUNDS, decision.timings.upstreamFirstByteUs / 1e6, attributes);
    if (decision.tokens.input + decision.tokens.output === 0) return;
    this.#observe(METRICS.tokens, '{token}', TOKEN_BOUNDS, decision.tokens.input, [
      ...attributes,
      text(ATTRIBUTES.tokenType, 'input'),
    ]);
    this.#observe(METRICS.tokens, '{token}', TOKEN_BOUNDS, decision.tokens.output, [
      ...attributes,
      text(ATTRIBUTES.tokenType, 'output'),
    ]);
  }

  async flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, SPANS_A_CALL);
      if (!(await this.#send('/v1/traces', this.#traces(batch)))) {
        this.dropped += batch.length;
        break;
      }
    }
    if (this.#histograms.size > 0) await this.#send('/v1/metrics', this.#metrics());
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.flush();
  }

  #observe(name: string, unit: string, bounds: readonly number[], value: number, attributes: Attribute[]): void {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = { name, unit, bounds, points: new Map() };
      this.#histograms.set(name, histogram);
    }
    const key = JSON.stringify(attributes);
    let point = histogram.points.get(key);
    if (point === undefined) {
      point = { attributes, counts: new Array<number>(bounds.length + 1).fill(0), count: 0, sum: 0 };
      histogram.points.set(key, point);
    }
    let bucket = bounds.findIndex((bound) => value <= bound);
    if (bucket < 0) bucket = bounds.length;
    point.counts[bucket] = (point.counts[bucket] ?? 0) + 1;
    point.count++;
    point.sum += value;
  }

  #resource(): { attributes: Attribute[] } {
    return {
      attributes: [
        text(ATTRIBUTES.serviceName, 'assay-gateway'),
        text(ATTRIBUTES.serviceInstance, this.#parts.nodeId()),
      ],
    };
  }

  #traces(batch: readonly Decision[]): unknown {
    return {
      resourceSpans: [
        {
          resource: this.#resource(),
          schemaUrl: SCHEMA_URL,
          scopeSpans: [{ scope: { name: SCOPE_NAME }, schemaUrl: SCHEMA_URL, spans: batch.flatMap(spansOf) }],
        },
      ],
    };
  }

  #metrics(): unknown {
    const time = String(BigInt(Date.now()) * 1_000_000n);
    const start = String(BigInt(this.#startedAtMs) * 1_000_000n);
    const metrics = [...this.#histograms.values()].map(({ name, unit, bounds, points }) => ({
      name,
      unit,
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [...points.values()].map((point) => ({
          attributes: point.attributes,
          startTimeUnixNano: start,
          timeUnixNano: time,
          count: String(point.count),
          sum: point.sum,
          bucketCounts: point.counts.map(String),
          explicitBounds: bounds,
        })),
      },
    }));
    return {
      resourceMetrics: [
        {
          resource: this.#resource(),
          schemaUrl: SCHEMA_URL,
          scopeMetrics: [{ scope: { name: SCOPE_NAME }, schemaUrl: SCHEMA_URL, metrics }],
        },
      ],
    };
  }

  async #send(path: string, body: unknown): Promise<boolean> {
    const { endpoint, headers, outbound, onError } = this.#parts;
    try {
      const response = await outbound.fetch(`${endpoint.replace(/\/+$/, '')}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      if (response.ok) return true;
      onError(new Error(`the collector answered with status ${response.status}`));
    } catch (error) {
      onError(error);
    }
    return false;
  }
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function whole(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } };
}

function metricAttributes(decision: Decision): Attribute[] {
  const attributes = [
    text(ATTRIBUTES.operation, OPERATIONS[decision.pathPattern] ?? 'other'),
    text(ATTRIBUTES.provider, decision.providerId ?? 'none'),
    // A model that was not answered with may be any text of a caller: it would be a series of its own.
    text(ATTRIBUTES.responseModel, decision.modelAnswered ?? 'none'),
  ];
  const error = decision.refusal?.code ?? (decision.httpStatus >= 400 ? String(decision.httpStatus) : null);
  return error === null ? attributes : [...attributes, text(ATTRIBUTES.errorType, error)];
}

/** The call, and below it each try: what the provider was told is the span of the try. */
function spansOf(decision: Decision): unknown[] {
  const traceId = decision.traceId ?? randomBytes(16).toString('hex');
  const spanId = decision.spanId ?? randomBytes(8).toString('hex');
  return [
    callSpan(decision, traceId, spanId),
    ...decision.attempts.map((one) => trySpan(decision, one, traceId, spanId)),
  ];
}

function trySpan(decision: Decision, attempt: Attempt, traceId: string, parentSpanId: string): unknown {
  const startNs = BigInt(decision.occurredAt) * 1_000_000n + BigInt(attempt.startedUs) * 1_000n;
  const failed = attempt.failure ?? (attempt.status !== null && attempt.status >= 400 ? String(attempt.status) : null);
  return {
    traceId,
    spanId: attempt.spanId,
    parentSpanId,
    name: `try ${decision.attempts.indexOf(attempt) + 1}`,
    kind: SPAN_CLIENT,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + BigInt(attempt.tookUs) * 1_000n),
    attributes: [
      text(ATTRIBUTES.provider, attempt.providerId),
      ...(attempt.status === null ? [] : [whole(ATTRIBUTES.httpStatus, attempt.status)]),
      ...(failed === null ? [] : [text(ATTRIBUTES.errorType, failed)]),
    ],
    status: { code: failed === null ? 1 : 2 },
  };
}

function callSpan(decision: Decision, traceId: string, spanId: string): unknown {
  const operation = OPERATIONS[decision.pathPattern] ?? 'other';
  const failed = decision.refusal !== null || decision.end === 'upstream_error' || decision.end === 'timeout';
  const attributes: Attribute[] = [
    text(ATTRIBUTES.operation, operation),
    text(ATTRIBUTES.provider, decision.providerId ?? 'none'),
    whole(ATTRIBUTES.inputTokens, decision.tokens.input),
    whole(ATTRIBUTES.outputTokens, decision.tokens.output),
    whole(ATTRIBUTES.httpStatus, decision.httpStatus),
    text('assay.decision.id', decision.id),
    text('assay.decision.outcome', decision.outcome),
    { key: 'assay.decision.fail_open', value: { boolValue: decision.failOpen } },
  ];
  if (decision.modelAsked !== null) attributes.push(text(ATTRIBUTES.requestModel, decision.modelAsked));
  if (decision.modelAnswered !== null) attributes.push(text(ATTRIBUTES.responseModel, decision.modelAnswered));
  if (decision.policyId !== null)
    attributes.push(text('assay.policy', `${decision.policyId}@${decision.policyVersion}`));
  if (decision.refusal) attributes.push(text(ATTRIBUTES.errorType, decision.refusal.code));
  const startNs = BigInt(decision.occurredAt) * 1_000_000n;
  return {
    traceId,
    spanId,
    ...(decision.parentSpanId !== null && { parentSpanId: decision.parentSpanId }),
    name: `${operation} ${decision.modelAnswered ?? decision.modelAsked ?? ''}`.trim(),
    kind: SPAN_CLIENT,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + BigInt(decision.timings.totalUs) * 1_000n),
    attributes,
    status: { code: failed ? 2 : 1 },
  };
}
