import type { DeliveryItem } from './ingest.ts';
import { EVENT_LIMITS, type EventValue } from './model.ts';
import { type ParseContext, parseEvent } from './parse-event.ts';

/** A span as both forms of OTLP give it. Times are nanoseconds as decimal texts, ids lower-case hex. */
export type OtlpSpan = {
  traceId: string;
  spanId: string;
  name: string;
  startNanos: string;
  endNanos: string;
  failed: boolean;
  resource: ReadonlyMap<string, EventValue>;
  attributes: ReadonlyMap<string, EventValue>;
};

export type ReadSpans = { items: DeliveryItem[]; spans: number; ignored: number };

/** Attributes of OpenTelemetry's semantic conventions for generative AI, and the names their values get here. */
const VALUES: Record<string, string> = {
  'gen_ai.usage.input_tokens': 'inputTokens',
  'gen_ai.usage.output_tokens': 'outputTokens',
  'gen_ai.usage.prompt_tokens': 'inputTokens',
  'gen_ai.usage.completion_tokens': 'outputTokens',
  'gen_ai.operation.name': 'operation',
  'gen_ai.response.finish_reasons': 'finishReason',
  'gen_ai.request.temperature': 'temperature',
  'gen_ai.request.max_tokens': 'maxTokens',
  'error.type': 'errorType',
};
const SEGMENTS: Record<string, string> = { 'gen_ai.provider.name': 'provider', 'gen_ai.system': 'provider' };

/**
 * Spans of generative AI as operations; every other span is left out and counted. The AI system is `assay.system` of the
 * span or its resource, else `service.name`. Text of prompts and answers is never taken. Source: OpenTelemetry semantic
 * conventions for generative AI spans.
 */
export function eventsOfSpans(spans: readonly OtlpSpan[], context: ParseContext): ReadSpans {
  const items: DeliveryItem[] = [];
  let ignored = 0;
  for (const [k, span] of spans.entries()) {
    const isGenerative = [...span.attributes.keys()].some((name) => name.startsWith('gen_ai.'));
    if (isGenerative) items.push({ line: k + 1, ...parseEvent(rawEvent(span), context) });
    else ignored++;
  }
  return { items, spans: spans.length, ignored };
}

function rawEvent(span: OtlpSpan): Record<string, unknown> {
  const { attributes, resource } = span;
  const text = (name: string) => {
    const value = attributes.get(name) ?? resource.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const values: Record<string, EventValue> = {
    latencyMs: millisBetween(span.startNanos, span.endNanos),
    error: span.failed || attributes.has('error.type'),
  };
  for (const [name, as] of Object.entries(VALUES)) {
    const value = attributes.get(name);
    if (value !== undefined && value !== null)
      values[as] = typeof value === 'string' ? value.slice(0, EVENT_LIMITS.textCharacters) : value;
  }
  const segment: Record<string, string> = {};
  for (const [name, as] of Object.entries(SEGMENTS)) {
    const value = text(name);
    if (value !== undefined) segment[as] = value.slice(0, EVENT_LIMITS.idCharacters);
  }
  const service = text('service.name');
  const instance = text('service.instance.id');
  return {
    id: `otel:${span.traceId}:${span.spanId}`,
    source: `otel:${service ?? 'unknown'}${instance === undefined ? '' : `:${instance}`}`.slice(
      0,
      EVENT_LIMITS.idCharacters,
    ),
    occurredAt: millisOf(span.startNanos),
    system: text('assay.system') ?? service,
    modelVersion: text('gen_ai.response.model') ?? text('gen_ai.request.model') ?? null,
    segment,
    kind: 'operation',
    values,
  };
}

function millisOf(nanos: string): number | undefined {
  return /^\d{1,20}$/.test(nanos) && nanos !== '0' ? Number(BigInt(nanos) / 1_000_000n) : undefined;
}

function millisBetween(start: string, end: string): number | null {
  if (!/^\d{1,20}$/.test(start) || !/^\d{1,20}$/.test(end)) return null;
  const nanos = BigInt(end) - BigInt(start);
  return nanos < 0n ? null : Number(nanos) / 1e6;
}
