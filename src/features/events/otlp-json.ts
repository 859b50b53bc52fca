import { AppError } from '#src/kernel/errors.ts';
import type { EventValue } from './model.ts';
import type { OtlpSpan } from './otlp-spans.ts';

const SPANS_MAX = 100_000;

/** The spans of an OTLP/HTTP JSON request. Throws `invalid_input` naming the member. Source: OTLP 1.x, JSON mapping. */
export function readOtlpJson(bytes: Buffer): OtlpSpan[] {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AppError(
      'invalid_input',
      'The request is no JSON. Send OTLP/HTTP with application/json or application/x-protobuf.',
      { cause },
    );
  }
  const spans: OtlpSpan[] = [];
  for (const group of list(body, 'resourceSpans')) {
    const resource = attributesOf(member(member(group, 'resource'), 'attributes'));
    for (const scope of list(group, 'scopeSpans'))
      for (const span of list(scope, 'spans')) {
        if (spans.length === SPANS_MAX) throw new AppError('too_large', `A request may hold ${SPANS_MAX} spans.`);
        spans.push({
          traceId: hex(member(span, 'traceId')),
          spanId: hex(member(span, 'spanId')),
          name: String(member(span, 'name') ?? ''),
          startNanos: String(member(span, 'startTimeUnixNano') ?? ''),
          endNanos: String(member(span, 'endTimeUnixNano') ?? ''),
          failed: [2, 'STATUS_CODE_ERROR'].includes(member(member(span, 'status'), 'code') as number),
          resource,
          attributes: attributesOf(member(span, 'attributes')),
        });
      }
  }
  return spans;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function list(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  if (found === undefined || found === null) return [];
  if (!Array.isArray(found))
    throw new AppError('invalid_input', `${name} must be a list. Send OTLP/HTTP as its specification says.`);
  return found;
}

function hex(value: unknown): string {
  return typeof value === 'string' && /^[0-9a-fA-F]{1,64}$/.test(value) ? value.toLowerCase() : '';
}

const ATTRIBUTES_MAX = 256;

function attributesOf(value: unknown): Map<string, EventValue> {
  const attributes = new Map<string, EventValue>();
  if (!Array.isArray(value)) return attributes;
  for (const one of value.slice(0, ATTRIBUTES_MAX)) {
    const key = member(one, 'key');
    const read = plain(member(one, 'value'));
    if (typeof key === 'string' && read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

// Of a list, its texts joined: the only lists of the conventions are short ones of words.
function plain(value: unknown): EventValue | undefined {
  const text = member(value, 'stringValue');
  if (typeof text === 'string') return text;
  const flag = member(value, 'boolValue');
  if (typeof flag === 'boolean') return flag;
  const whole = member(value, 'intValue') ?? member(value, 'doubleValue');
  if (whole !== undefined) {
    const number = Number(whole);
    return Number.isFinite(number) ? number : undefined;
  }
  const values = member(member(value, 'arrayValue'), 'values');
  if (Array.isArray(values))
    return values
      .slice(0, 10)
      .map((one) => String(plain(one) ?? ''))
      .join(',');
  return undefined;
}
