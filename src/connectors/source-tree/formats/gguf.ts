import type { ByteSource } from './byte-source.ts';
import type { Header } from './headers.ts';

const ENTRIES_MAX = 10_000;
const ARRAY_ITEMS_MAX = 2_000_000;
const KEY_BYTES_MAX = 256;
const TEXT_BYTES_MAX = 300;
const SIZES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const STRING = 8;
const ARRAY = 9;
const DEPTH_MAX = 3;

/** GGUF: counts, then key and value pairs. Source: ggml docs/gguf.md. Null where it is none. */
export function readGguf(source: ByteSource): Header | null {
  const head = source.read(0, 24);
  const magic = head.toString('latin1', 0, 4);
  if (['lmgg', 'tjgg', 'fmgg', 'algg'].includes(magic)) return { facts: { version: 'ggml, before GGUF' } };
  if (head.length < 24 || magic !== 'GGUF') return null;
  const version = head.readUInt32LE(4);
  const facts: Record<string, string> = { version: String(version) };
  if (version < 2 || version > 3) return { facts };
  facts.tensors = String(head.readBigUInt64LE(8));
  const entries = head.readBigUInt64LE(16);
  if (entries > BigInt(ENTRIES_MAX)) return { facts: { ...facts, problem: 'it declares more than 10,000 entries' } };
  const reader = new EntryReader(source, 24);
  for (let i = 0n; i < entries; i++) {
    const entry = reader.next();
    if (!entry) return { facts: { ...facts, problem: 'an entry is damaged or longer than the file' } };
    const { key, value } = entry;
    if (value !== null && /^(?:general\.|[\w-]{1,40}\.(?:context_length|block_count|embedding_length)$)/.test(key))
      facts[key] = value;
    if (key === 'tokenizer.chat_template') facts.chatTemplate = 'yes';
  }
  return { facts };
}

class EntryReader {
  private readonly source: ByteSource;
  private at: number;
  private items = 0;

  constructor(source: ByteSource, at: number) {
    this.source = source;
    this.at = at;
  }

  /** The next entry, or null where the file ends first or says what cannot be. `value` is null for what is not kept. */
  next(): { key: string; value: string | null } | null {
    const key = this.text(KEY_BYTES_MAX);
    const type = this.number(4);
    if (key === null || type === null) return null;
    const value = this.value(Number(type), 0);
    return value === undefined ? null : { key: key ?? '', value };
  }

  private value(type: number, depth: number): string | null | undefined {
    if (type === STRING) {
      const text = this.text(TEXT_BYTES_MAX);
      return text === null ? undefined : text === '' ? null : text;
    }
    if (type === ARRAY) return this.array(depth);
    const size = SIZES[type];
    if (size === undefined) return undefined;
    const bytes = this.source.read(this.at, size);
    if (bytes.length < size) return undefined;
    this.at += size;
    if (type === 6) return String(bytes.readFloatLE(0));
    if (type === 12) return String(bytes.readDoubleLE(0));
    return String(size === 8 ? bytes.readBigUInt64LE(0) : bytes.readUIntLE(0, size));
  }

  private array(depth: number): null | undefined {
    const type = this.number(4);
    const count = this.number(8);
    if (type === null || count === null || depth >= DEPTH_MAX) return undefined;
    const size = SIZES[Number(type)];
    if (size !== undefined) {
      const total = count * BigInt(size);
      if (total > BigInt(this.source.sizeBytes - this.at)) return undefined;
      this.at += Number(total);
      return null;
    }
    for (let i = 0n; i < count; i++) {
      if (++this.items > ARRAY_ITEMS_MAX || this.value(Number(type), depth + 1) === undefined) return undefined;
    }
    return null;
  }

  private number(size: 4 | 8): bigint | null {
    const bytes = this.source.read(this.at, size);
    if (bytes.length < size) return null;
    this.at += size;
    return size === 4 ? BigInt(bytes.readUInt32LE(0)) : bytes.readBigUInt64LE(0);
  }

  /** A text of at most `keep` bytes; a longer one is skipped and read as empty. Null where it does not fit the file. */
  private text(keep: number): string | null {
    const length = this.number(8);
    if (length === null || length > BigInt(this.source.sizeBytes - this.at)) return null;
    const size = Number(length);
    const text = size <= keep ? this.source.read(this.at, size).toString('utf8') : '';
    this.at += size;
    return text;
  }
}
