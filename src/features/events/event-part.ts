import { toInstant } from '#src/kernel/time.ts';
import { copyField, readCopyField } from '#src/platform/database/copy.ts';
import type { EventBody, MonitorEvent } from './model.ts';

/** An event that is ready to be stored: its content as one JSON text, and where it stood in its delivery. */
export type PlacedEvent = Pick<
  MonitorEvent,
  'id' | 'source' | 'sequence' | 'occurredAtMs' | 'systemId' | 'kind' | 'about'
> & {
  /** `occurredAtMs` in words. */
  occurredAt: string;
  body: string;
  line: number;
  skewed: boolean;
};

export function placeEvent(event: MonitorEvent, line: number, skewed: boolean): PlacedEvent {
  const { id, source, sequence, occurredAtMs, systemId, kind, about, modelVersion, segment, values, projections } =
    event;
  const body: EventBody = { modelVersion, segment, values, ...(projections && { projections }) };
  const occurredAt = toInstant(occurredAtMs);
  return {
    id,
    source,
    sequence,
    occurredAtMs,
    occurredAt,
    systemId,
    kind,
    about,
    body: JSON.stringify(body),
    line,
    skewed,
  };
}

/** What is counted of an event, and where its row stands. */
export type PartEvent = Pick<
  PlacedEvent,
  'id' | 'source' | 'sequence' | 'occurredAtMs' | 'systemId' | 'line' | 'skewed'
> & { from: number; contentFrom: number; to: number };

/** The columns of a row, in their order. The first two are known only when a part is stored. */
export const ROW_COLUMNS = 'source_id, received_at, id, sequence, system_id, kind, occurred_at, about, body';

const EVENTS_MAX = 4_000;
const BYTES_MAX = 4_194_304;
const BYTES_AT_FIRST = 16_384;
const SOURCE_DIGITS = 10;
const HEAD_BYTES = SOURCE_DIGITS + 1 + toInstant(0).length + 1;
/** A UTF-16 unit has at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;

/**
 * Events that are stored together, as rows for COPY in one buffer. Thousands of them wait for each other: as texts or objects
 * each would be copied by the collector several times until it is stored.
 */
export class EventPart {
  readonly events: PartEvent[] = [];
  /** Of sources whose events were refused before they got here. */
  readonly refusedBySource = new Map<string, number>();
  #bytes = Buffer.allocUnsafeSlow(BYTES_AT_FIRST);
  #length = 0;

  get isFull(): boolean {
    return this.events.length >= EVENTS_MAX || this.#length >= BYTES_MAX;
  }

  get isEmpty(): boolean {
    return this.events.length === 0 && this.refusedBySource.size === 0;
  }

  /** Makes it ready to be filled again, in the same memory. */
  clear(): void {
    this.events.length = 0;
    this.refusedBySource.clear();
    this.#length = 0;
  }

  add(event: PlacedEvent): void {
    const { id, source, sequence, occurredAtMs, systemId, line, skewed } = event;
    const idField = copyField(id);
    const key = `${idField}\t${sequence === null ? '\\N' : sequence}\t`;
    const content = contentOf(event);
    this.#reserve(HEAD_BYTES + (key.length + content.length) * BYTES_PER_UNIT + 1);
    const from = this.#length;
    const idFrom = from + HEAD_BYTES;
    const contentFrom = idFrom + this.#bytes.write(key, idFrom);
    const to = contentFrom + this.#bytes.write(content, contentFrom);
    this.#bytes[to] = NEWLINE;
    this.#length = to + 1;
    // Read back, since a piece of a text holds on to the whole text.
    const isPiece = id.length > SHORT_TEXT && idField === id;
    const own = !isPiece ? id : this.#bytes.toString('utf8', idFrom, idFrom + Buffer.byteLength(id));
    this.events.push({ id: own, source, sequence, occurredAtMs, systemId, line, skewed, from, contentFrom, to });
  }

  /** Whether two events of this part, or one and a stored row, say the same. */
  isSame(event: PartEvent, other: PartEvent | string): boolean {
    if (typeof other === 'string') return haveOneContent(this.#content(event), other);
    const sizes = [event.to - event.contentFrom, other.to - other.contentFrom];
    const isSpelledAlike =
      sizes[0] === sizes[1] &&
      this.#bytes.compare(this.#bytes, event.contentFrom, event.to, other.contentFrom, other.to) === 0;
    return isSpelledAlike || haveOneContent(this.#content(event), this.#content(other));
  }

  /** The rows of the given events, in order, as pieces that follow each other. */
  rows(
    events: readonly PartEvent[],
    { sourceIdOf, receivedAt }: { sourceIdOf: (source: string) => number; receivedAt: string },
  ): Buffer[] {
    const pieces: Buffer[] = [];
    let [from, to] = [0, 0];
    let head = Buffer.alloc(0);
    let headOf: string | undefined;
    for (const event of events) {
      if (event.source !== headOf) {
        headOf = event.source;
        head = Buffer.from(`${String(sourceIdOf(headOf)).padStart(SOURCE_DIGITS, '0')}\t${receivedAt}\t`);
      }
      this.#bytes.set(head, event.from);
      if (event.from !== to) {
        if (to > from) pieces.push(this.#bytes.subarray(from, to));
        from = event.from;
      }
      to = event.to + 1;
    }
    if (to > from) pieces.push(this.#bytes.subarray(from, to));
    return pieces;
  }

  #content(event: PartEvent): string {
    return this.#bytes.toString('utf8', event.contentFrom, event.to);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

const NEWLINE = 0x0a;
// Up to here an engine copies a piece of a text instead of pointing into the whole.
const SHORT_TEXT = 12;

/** What makes an event the same as another one under its id, as it stands in a row. */
export function contentOf({
  systemId,
  kind,
  occurredAt,
  about,
  body,
}: Pick<PlacedEvent, 'systemId' | 'kind' | 'occurredAt' | 'about' | 'body'>): string {
  // Line ends are escaped in JSON already, so that most bodies need not be looked through.
  const field = body.includes('\\') ? copyField(body) : body;
  return `${systemId}\t${kind}\t${occurredAt}\t${copyField(about)}\t${field}`;
}

/** A body is stored as it came: one content may be spelled in two ways, `1` and `1.0`. */
function haveOneContent(one: string, other: string): boolean {
  return one === other || spelledAnew(one) === spelledAnew(other);
}

function spelledAnew(content: string): string {
  const fields = content.split('\t');
  const body = readCopyField(fields.pop() ?? '') ?? 'null';
  return `${fields.join('\t')}\t${JSON.stringify(JSON.parse(body))}`;
}
