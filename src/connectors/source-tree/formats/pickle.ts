import type { ByteSource } from './byte-source.ts';
import { isHarmlessImport } from './pickle-imports.ts';
import { POPS, POPS_TO_MARK, SKIPS, SKIPS_COUNTED } from './pickle-operations.ts';

/** What a pickle stream would import if it were loaded. It is read, never loaded. */
export type PickleScan = {
  /** `module.name`, in order of first use. */
  imports: string[];
  /** Those outside the known-harmless list. */
  suspicious: string[];
  /** Why the end was not reached; null where it was. What was seen before still counts. */
  problem: string | null;
};

const OPERATIONS_MAX = 2_000_000;
const STREAMS_MAX = 64;
const STACK_MAX = 1_000_000;
const LINE_BYTES_MAX = 65_536;
const TEXT_BYTES_MAX = 1_024;
const IMPORTS_MAX = 500;

class Damaged extends Error {}

const MARK = Symbol('mark');
/** A text that an import could be made of; anything else is null. */
type Item = string | null | typeof MARK;

/** True where the bytes at `offset` begin a pickle of protocol 2 or later, as everything that holds weights does. */
export function beginsPickle(source: ByteSource, offset = 0): boolean {
  const head = source.read(offset, 2);
  return head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;
}

/**
 * Reads the pickle streams from `offset` on, one behind the other, with a stack of what matters for imports.
 * Source: Python's `pickletools`.
 */
export function scanPickle(source: ByteSource, offset = 0): PickleScan {
  const machine = new PickleMachine(source, offset);
  let problem: string | null = null;
  try {
    machine.run();
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    problem = error.message;
  }
  const imports = [...machine.imports];
  return { imports, suspicious: imports.filter((name) => !isHarmlessImport(name)), problem };
}

class PickleMachine {
  readonly imports = new Set<string>();
  private readonly source: ByteSource;
  private at: number;
  private stack: Item[] = [];
  private memo = new Map<number, Item>();

  constructor(source: ByteSource, at: number) {
    this.source = source;
    this.at = at;
  }

  run(): void {
    let streams = 0;
    for (let count = 0; ; count++) {
      if (count > OPERATIONS_MAX) throw new Damaged(`longer than ${OPERATIONS_MAX} operations`);
      if (this.stack.length > STACK_MAX) throw new Damaged('its stack grows without end');
      if (!this.step(this.byte())) continue;
      streams += 1;
      this.stack = [];
      this.memo = new Map();
      // The old PyTorch format writes several pickles, then raw tensors.
      if (streams >= STREAMS_MAX || !beginsPickle(this.source, this.at)) return;
    }
  }

  /** Does one operation; true at the end of a stream. */
  private step(code: number): boolean {
    switch (code) {
      case 0x2e: // STOP
        return true;
      case 0x63: // GLOBAL
        this.note(this.line(), this.line());
        break;
      case 0x69: // INST
        this.note(this.line(), this.line());
        this.popToMark();
        this.stack.push(null);
        break;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.stack.pop();
        const module = this.stack.pop();
        this.note(typeof module === 'string' ? module : '?', typeof name === 'string' ? name : '?');
        break;
      }
      case 0x28: // MARK
        this.stack.push(MARK);
        break;
      default:
        if (!this.pushes(code) && !this.takes(code) && !this.remembers(code))
          throw new Damaged(`an unknown operation at byte ${this.at - 1}`);
    }
    return false;
  }

  private note(module: string, name: string): void {
    if (this.imports.size < IMPORTS_MAX) this.imports.add(`${module}.${name}`);
    if (this.stack.length < STACK_MAX) this.stack.push(null);
  }

  /** Operations that put a value on the stack. */
  private pushes(code: number): boolean {
    const text = this.textOf(code);
    if (text !== undefined) {
      this.stack.push(text);
      return true;
    }
    const skipped = SKIPS[code];
    if (skipped !== undefined) {
      this.at += skipped;
      this.stack.push(null);
      return true;
    }
    const lengthBytes = SKIPS_COUNTED[code];
    if (lengthBytes !== undefined) {
      this.skip(this.count(lengthBytes));
      this.stack.push(null);
      return true;
    }
    // FLOAT, INT, LONG and PERSID have their value on a line of text.
    if (code === 0x46 || code === 0x49 || code === 0x4c || code === 0x50) {
      this.line();
      this.stack.push(null);
      return true;
    }
    return false;
  }

  private textOf(code: number): Item | undefined {
    switch (code) {
      case 0x53: // STRING: quoted
        return this.line().replace(/^(['"])(.*)\1$/, '$2');
      case 0x56: // UNICODE
        return this.line();
      case 0x55: // SHORT_BINSTRING
      case 0x8c: // SHORT_BINUNICODE
        return this.text(this.count(1));
      case 0x54: // BINSTRING
      case 0x58: // BINUNICODE
        return this.text(this.count(4));
      case 0x8d: // BINUNICODE8
        return this.text(this.count(8));
      default:
        return undefined;
    }
  }

  /** Operations that take values off the stack. */
  private takes(code: number): boolean {
    const change = POPS[code];
    if (change !== undefined) {
      const [pops, pushes] = change;
      this.stack.length = Math.max(0, this.stack.length - pops);
      for (let i = 0; i < pushes; i++) this.stack.push(null);
      return true;
    }
    const marked = POPS_TO_MARK[code];
    if (marked === undefined) return false;
    this.popToMark();
    if (marked) this.stack.push(null);
    return true;
  }

  /** Operations on the memo, and those that only frame the stream. */
  private remembers(code: number): boolean {
    switch (code) {
      case 0x70: // PUT
        this.put(Number.parseInt(this.line(), 10));
        return true;
      case 0x71: // BINPUT
        this.put(this.count(1));
        return true;
      case 0x72: // LONG_BINPUT
        this.put(this.count(4));
        return true;
      case 0x94: // MEMOIZE
        this.put(this.memo.size);
        return true;
      case 0x67: // GET
        this.stack.push(this.memo.get(Number.parseInt(this.line(), 10)) ?? null);
        return true;
      case 0x68: // BINGET
        this.stack.push(this.memo.get(this.count(1)) ?? null);
        return true;
      case 0x6a: // LONG_BINGET
        this.stack.push(this.memo.get(this.count(4)) ?? null);
        return true;
      case 0x32: // DUP
        this.stack.push(this.stack[this.stack.length - 1] ?? null);
        return true;
      case 0x80: // PROTO
        this.at += 1;
        return true;
      case 0x95: // FRAME
        this.at += 8;
        return true;
      case 0x98: // READONLY_BUFFER
        return true;
      default:
        return false;
    }
  }

  private put(index: number): void {
    if (this.memo.size < STACK_MAX) this.memo.set(index, this.stack[this.stack.length - 1] ?? null);
  }

  private popToMark(): void {
    const mark = this.stack.lastIndexOf(MARK);
    this.stack.length = Math.max(0, mark);
  }

  private byte(): number {
    const byte = this.source.read(this.at, 1)[0];
    if (byte === undefined) throw new Damaged('it ends too early');
    this.at += 1;
    return byte;
  }

  private count(bytes: 1 | 2 | 4 | 8): number {
    const read = this.source.read(this.at, bytes);
    if (read.length < bytes) throw new Damaged('it ends too early');
    this.at += bytes;
    if (bytes !== 8) return read.readUIntLE(0, bytes);
    const value = read.readBigUInt64LE(0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Damaged('a length is larger than the file');
    return Number(value);
  }

  private skip(length: number): void {
    if (length > this.source.sizeBytes - this.at) throw new Damaged('a length is larger than the file');
    this.at += length;
  }

  private text(length: number): string | null {
    const at = this.at;
    this.skip(length);
    return length <= TEXT_BYTES_MAX ? this.source.read(at, length).toString('utf8') : null;
  }

  private line(): string {
    const bytes = this.source.read(this.at, LINE_BYTES_MAX);
    const end = bytes.indexOf(10);
    if (end < 0) throw new Damaged('a line does not end');
    this.at += end + 1;
    return bytes.toString('utf8', 0, Math.min(end, TEXT_BYTES_MAX)).replace(/\r$/, '');
  }
}
