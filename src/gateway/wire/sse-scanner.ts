const LF = 0x0a;
const CR = 0x0d;

export type SseEvent = {
  /** The event as it came, with the blank line that ends it. */
  bytes: Buffer;
  /** Value of its `event` field, or ''. */
  name: string;
  /** Its `data` fields, joined by line feeds. null: it has none, such as a comment that keeps the connection alive. */
  data: string | null;
};

export class SseTooLarge extends Error {
  override name = 'SseTooLarge';
}

/** An event larger than this is no event: an image in one event is about 6 MiB. */
const EVENT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Finds the events in a stream of bytes, wherever it is split, also inside a code point: bytes are decoded only once the
 * event they belong to is whole. Source: HTML standard, section 9.2.6.
 */
export class SseScanner {
  /** What has not been read yet; it begins with an event. */
  #buffer: Buffer = NOTHING;
  #from = 0;
  /** How far `#buffer` has been searched without finding an end. */
  #searched = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = EVENT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    if (this.#from === this.#buffer.length) {
      this.#buffer = chunk;
      this.#searched = 0;
    } else {
      const rest = this.#buffer.subarray(this.#from);
      this.#searched = Math.max(0, this.#searched - this.#from);
      this.#buffer = Buffer.concat([rest, chunk]);
    }
    this.#from = 0;
  }

  /** The next event that is whole, or null. Throws `SseTooLarge` when one grows without end. */
  next(): SseEvent | null {
    const buffer = this.#buffer;
    const from = this.#from;
    if (from === buffer.length) return null;
    const end = endOfEvent(buffer, from, this.#searched);
    if (end < 0) {
      if (buffer.length - from > this.#maxBytes) throw new SseTooLarge('an event of the stream is too large');
      // The line ends that close an event may be cut: look at the last three bytes again.
      this.#searched = Math.max(from, buffer.length - 3);
      return null;
    }
    this.#from = end;
    this.#searched = end;
    return readEvent(buffer.subarray(from, end));
  }

  /** Reads neighboring events in another way: `read` gives the bytes of whole events it took, or null. */
  take<T extends { bytes: Buffer }>(read: (buffer: Buffer, from: number) => T | null): T | null {
    const taken = read(this.#buffer, this.#from);
    if (taken === null) return null;
    this.#from += taken.bytes.length;
    this.#searched = this.#from;
    return taken;
  }

  /** What came after the last whole event. */
  rest(): Buffer | null {
    return this.#from === this.#buffer.length ? null : this.#buffer.subarray(this.#from);
  }
}

const NOTHING = Buffer.alloc(0);

/** The first byte after the blank line that ends the event at `from`, or -1. Searching goes on at `search`. */
function endOfEvent(buffer: Buffer, from: number, search: number): number {
  let at = Math.max(from, search);
  for (;;) {
    const lf = buffer.indexOf(LF, at);
    const cr = buffer.indexOf(CR, at);
    if (lf < 0 && cr < 0) return -1;
    if (cr < 0 || (lf >= 0 && lf < cr)) {
      // LF LF, or LF CR LF, or LF CR.
      const next = buffer[lf + 1];
      if (next === undefined) return -1;
      if (next === LF) return lf + 2;
      if (next === CR) return afterCr(buffer, lf + 1);
      at = lf + 1;
      continue;
    }
    const line = afterCr(buffer, cr);
    if (line < 0) return -1;
    const next = buffer[line];
    if (next === undefined) return -1;
    if (next === LF) return line + 1;
    if (next === CR) return afterCr(buffer, line);
    at = line;
  }
}

/** The first byte after the line end that begins with a CR; -1 when it cannot be told yet. */
function afterCr(buffer: Buffer, cr: number): number {
  const next = buffer[cr + 1];
  if (next === undefined) return -1;
  return next === LF ? cr + 2 : cr + 1;
}

const DATA = Buffer.from('data: ');
const NEWLINE = Buffer.from('\n\n');

/** Reads the fields of one event. */
export function readEvent(bytes: Buffer): SseEvent {
  // Nearly every event is one line of data.
  if (
    bytes.length > 8 &&
    bytes.compare(DATA, 0, 6, 0, 6) === 0 &&
    bytes.indexOf(LF, 6) === bytes.length - 2 &&
    bytes.indexOf(CR, 6) < 0
  )
    return { bytes, name: '', data: bytes.toString('utf8', 6, bytes.length - 2) };
  let name = '';
  let data: string | null = null;
  for (const line of bytes.toString('utf8').split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'event') name = value;
    else if (field === 'data') data = data === null ? value : `${data}\n${value}`;
  }
  return { bytes, name, data };
}

/** An event of one `data` line, and of an `event` line where it has a name. */
export function writeEvent(name: string, data: string): Buffer {
  const head = name === '' ? '' : `event: ${name}\n`;
  return Buffer.concat([Buffer.from(`${head}data: ${data}`), NEWLINE]);
}
