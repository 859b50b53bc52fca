import type { JsonValue } from '#src/kernel/canonical-json.ts';
import { isHex } from './bytes.ts';

/** The largest leaf Assay writes, in bytes; the tile format would allow 65,535. Larger bodies become blobs. */
export const LEAF_BYTES_MAX = 16 * 1024;

/** Number `seq` of the series `id`. `prev` is the leaf hash of the one before, in hex; the first has none. */
export type EntrySeries = { id: string; seq: number; prev?: string };

/** A leaf, read. `value` is the whole of it; the other members are what bundle rules look at. */
export type Leaf = {
  readonly value: { [member: string]: JsonValue | undefined };
  type: string | null;
  at: string | null;
  series: EntrySeries | null;
  blobs: readonly { sha256: string; size: number }[];
  commitments: Readonly<Record<string, string>>;
};

const HASH_HEX_LENGTH = 64;
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const TYPE = /^[a-z]+(\.[a-z]+(-[a-z]+)*)+$/;
const TYPES_KNOWN_MAX = 256;
const knownTypes = new Set<string>();

/** Words joined by dots. */
export function isType(type: string): boolean {
  // A log has a few dozen types, and hundreds of thousands of entries.
  if (knownTypes.has(type)) return true;
  if (!TYPE.test(type)) return false;
  if (knownTypes.size < TYPES_KNOWN_MAX) knownTypes.add(type);
  return true;
}

/** An instant as Assay writes it: ISO 8601, UTC, milliseconds, on a day that exists. */
export function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

export function isActorKind(kind: JsonValue | undefined): boolean {
  return kind === 'user' || kind === 'service' || kind === 'auditor';
}

/** 64 lower-case hex digits. */
export function isHashHex(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.length === HASH_HEX_LENGTH && isHex(value);
}
