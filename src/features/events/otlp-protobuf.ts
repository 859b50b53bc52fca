import { AppError } from '#src/kernel/errors.ts';
import type { EventValue } from './model.ts';
import type { OtlpSpan } from './otlp-spans.ts';

const SPANS_MAX = 100_000;
const ATTRIBUTES_MAX = 256;

/** One field of a message: its number, and its bytes or its number as it stands on the wire. */
type Field = { number: number; bytes: Buffer | null; value: bigint };

/**
 * The spans of an OTLP/HTTP protobuf request: the few messages and fields needed here, read in one pass over the bytes.
 * Unknown fields are skipped, as protobuf asks. Throws `invalid_input` for bytes that are none. Source: Protocol Buffers
 * encoding; opentelemetry/proto/trace/v1/trace.proto.
 */
export function readOtlpProtobuf(bytes: Buffer): OtlpSpan[] {
  const spans: OtlpSpan[] = [];
  for (const group of messages(bytes, 1)) {
    const [resourceBytes] = messages(group, 1);
    const resource = resourceBytes ? attributesOf(resourceBytes, 1) : new Map<string, EventValue>();
    for (const scope of messages(group, 2))
      for (const span of messages(scope, 2)) {
        if (spans.length === SPANS_MAX) throw new AppError('too_large', `A request may hold ${SPANS_MAX} spans.`);
        spans.push(readSpan(span, resource));
      }
  }
  return spans;
}

function readSpan(bytes: Buffer, resource: ReadonlyMap<string, EventValue>): OtlpSpan {
  const span = { traceId: '', spanId: '', name: '', startNanos: '', endNanos: '', failed: false };
  for (const { number, bytes: held, value } of fields(bytes)) {
    if (number === 1 && held) span.traceId = held.toString('hex').slice(0, 64);
    else if (number === 2 && held) span.spanId = held.toString('hex').slice(0, 64);
    else if (number === 5 && held) span.name = held.toString('utf8').slice(0, 1_000);
    else if (number === 7) span.startNanos = String(value);
    else if (number === 8) span.endNanos = String(value);
    else if (number === 15 && held)
      span.failed = fields(held).some((field) => field.number === 3 && field.value === 2n);
  }
  return { ...span, resource, attributes: attributesOf(bytes, 9) };
}

function messages(bytes: Buffer, number: number): Buffer[] {
  return fields(bytes).flatMap((field) => (field.number === number && field.bytes ? [field.bytes] : []));
}

function attributesOf(bytes: Buffer, number: number): Map<string, EventValue> {
  const attributes = new Map<string, EventValue>();
  for (const pair of messages(bytes, number).slice(0, ATTRIBUTES_MAX)) {
    let key = '';
    let value: EventValue | undefined;
    for (const field of fields(pair)) {
      if (field.number === 1 && field.bytes) key = field.bytes.toString('utf8');
      else if (field.number === 2 && field.bytes) value = anyValue(field.bytes, 0);
    }
    if (key !== '' && value !== undefined) attributes.set(key, value);
  }
  return attributes;
}

function anyValue(bytes: Buffer, depth: number): EventValue | undefined {
  for (const { number, bytes: held, value } of fields(bytes)) {
    if (number === 1 && held) return held.toString('utf8');
    if (number === 2) return value !== 0n;
    if (number === 3) return Number(BigInt.asIntN(64, value));
    if (number === 4) {
      const double = Buffer.alloc(8);
      double.writeBigUInt64LE(value);
      const read = double.readDoubleLE();
      return Number.isFinite(read) ? read : undefined;
    }
    if (number === 5 && held && depth === 0)
      return messages(held, 1)
        .slice(0, 10)
        .map((one) => String(anyValue(one, 1) ?? ''))
        .join(',');
  }
  return undefined;
}

/** Of one message. An export of real spans has a few thousand; each costs far more memory than the two bytes it can take. */
const FIELDS_MAX = 200_000;

function fields(bytes: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw broken();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw broken();
  };
  const take = (length: number): Buffer => {
    if (!Number.isSafeInteger(length) || length < 0 || at + length > bytes.length) throw broken();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0 || found.length >= FIELDS_MAX) throw broken();
    if (wire === 0) found.push({ number, bytes: null, value: varint() });
    else if (wire === 1) found.push({ number, bytes: null, value: take(8).readBigUInt64LE() });
    else if (wire === 2) found.push({ number, bytes: take(Number(varint())), value: 0n });
    else if (wire === 5) found.push({ number, bytes: null, value: BigInt(take(4).readUInt32LE()) });
    else throw broken();
  }
  return found;
}

function broken(): AppError {
  return new AppError(
    'invalid_input',
    'The request is no protobuf of OTLP traces. Send it as the OTLP/HTTP exporter does, or as application/json.',
  );
}
