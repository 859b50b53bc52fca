import type { EndpointName } from '../wire/endpoints.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { readEvent, type SseEvent } from '../wire/sse-scanner.ts';
import { isObject } from '../wire/text-fields.ts';
import { type EventParts, type Piece, readEventParts } from './stream-parts.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DEL = 0x7f;
const LF = 0x0a;
/** Stand in an event for its text while it is found out what else changes with it. */
const PROBE = 'assay probe';
const FORM_MAX_BYTES = 4_096;
const EVENTS_MAX = 1_024;

/** Neighboring events of one form, read at once. */
export type Run = {
  /** The events as they came. */
  bytes: Buffer;
  /** Their texts in one. */
  text: string;
  /** Where each event ends in `bytes`, and its text in `text`. */
  byteEnds: number[];
  textEnds: number[];
};

/** Written again for each run. */
const scratch = Buffer.allocUnsafe(65_536);

/**
 * What the events of a stream have in common, byte for byte: all but one text, and members nothing looks at (padding and a
 * running number). An event of a known form need not be parsed: its text is what stands between the fixed bytes, as long as
 * nothing in it is escaped. A form is taken only when parsing the event with other values in its gaps gives the same parts.
 */
export class EventForm {
  readonly channel: string;
  /** Fixed bytes; between two of them is a gap. */
  readonly #fixed: readonly Buffer[];
  readonly #gaps: readonly Gap[];

  private constructor(channel: string, fixed: readonly Buffer[], gaps: readonly Gap[]) {
    this.channel = channel;
    this.#fixed = fixed;
    this.#gaps = gaps;
  }

  /** The form of an event that holds one text and nothing else to look at; null when it has none. */
  static of(endpoint: EndpointName, event: SseEvent, body: JsonObject, parts: EventParts): EventForm | null {
    const { bytes } = event;
    const [piece] = parts.pieces;
    if (piece === undefined || !isPlain(body, parts) || bytes.length > FORM_MAX_BYTES) return null;
    if (bytes.at(-1) !== LF || bytes.at(-2) !== LF) return null;
    // Latin-1 keeps bytes apart: a place in the text is a place in the bytes.
    const whole = bytes.toString('latin1');
    const found = gapsOf(whole, body, piece);
    if (found === null) return null;
    if (piece.text === PROBE || !isSame(endpoint, event, whole, found, body, parts)) return null;
    const fixed: Buffer[] = [];
    let at = 0;
    for (const gap of found) {
      fixed.push(bytes.subarray(at, gap.start));
      at = gap.end;
    }
    fixed.push(bytes.subarray(at));
    return new EventForm(
      piece.channel,
      fixed.map((one) => Buffer.from(one)),
      found.map((one) => one.gap),
    );
  }

  /** The events of this form that stand whole in `buffer` from `start` on; null when the first is of another form. */
  read(buffer: Buffer, start: number): Run | null {
    const byteEnds: number[] = [];
    const textEnds: number[] = [];
    const fixed = this.#fixed;
    const gaps = this.#gaps;
    const head = fixed[0] as Buffer;
    let text = '';
    let used = 0;
    let at = start;
    events: while (byteEnds.length < EVENTS_MAX) {
      let i = at;
      if (!isAt(buffer, i, head)) break;
      i += head.length;
      const usedBefore = used;
      let wideFrom = -1;
      let wideEnd = -1;
      for (let k = 0; k < gaps.length; k++) {
        const from = i;
        const gap = gaps[k] as Gap;
        if (gap === 'number') {
          while (i < buffer.length && isDigit(buffer[i] as number)) i++;
          // JSON knows no number with a leading zero but zero itself.
          if (i === from || i - from > 15 || (i - from > 1 && buffer[from] === 0x30)) break events;
        } else {
          let isWide = false;
          for (; i < buffer.length; i++) {
            const byte = buffer[i] as number;
            if (byte === QUOTE) break;
            if (byte < SPACE || byte === BACKSLASH) break events;
            if (byte > DEL) isWide = true;
            if (gap === 'text') {
              if (used === scratch.length) break events;
              scratch[used++] = byte;
            }
          }
          if (gap === 'text') {
            if (i === from) break events;
            if (isWide) {
              wideFrom = from;
              wideEnd = i;
            }
          }
        }
        const next = fixed[k + 1] as Buffer;
        if (!isAt(buffer, i, next)) break events;
        i += next.length;
      }
      if (wideFrom >= 0) {
        text += scratch.toString('latin1', 0, usedBefore) + buffer.toString('utf8', wideFrom, wideEnd);
        used = 0;
      }
      at = i;
      byteEnds.push(at - start);
      textEnds.push(text.length + used);
    }
    const count = byteEnds.length;
    if (count === 0) return null;
    const length = textEnds[count - 1] as number;
    if (length > text.length) text += scratch.toString('latin1', 0, length - text.length);
    return { bytes: buffer.subarray(start, at), text, byteEnds, textEnds };
  }
}

type Gap = 'text' | 'ignored' | 'number';
type Found = { gap: Gap; start: number; end: number };

/** Members of the body that are passed on unread and change from event to event. */
const IGNORED = ['obfuscation', 'sequence_number'] as const;

function isPlain(body: JsonObject, parts: EventParts): boolean {
  return (
    parts.pieces.length === 1 &&
    parts.pieces[0]?.kind === 'text' &&
    parts.ends.length + parts.tools.length + parts.wholes.length + parts.tokens.length + parts.late.length === 0 &&
    !parts.isEnd &&
    !parts.isError &&
    !parts.refused &&
    !body.usage &&
    !body.message &&
    !body.response
  );
}

/** Where the text and the ignored members stand, in order; null when that cannot be told. */
function gapsOf(whole: string, body: JsonObject, piece: Piece): Found[] | null {
  const found: Found[] = [];
  const text = placeOf(whole, latin1Json(piece.text));
  if (text === null) return null;
  found.push({ gap: 'text', start: text.start + 1, end: text.end - 1 });
  for (const member of IGNORED) {
    const value = body[member];
    if (typeof value === 'string') {
      const place = placeOf(whole, `"${member}":${latin1Json(value)}`);
      if (place === null) return null;
      found.push({ gap: 'ignored', start: place.start + member.length + 4, end: place.end - 1 });
    } else if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
      const place = placeOf(whole, `"${member}":${value}`);
      if (place === null) return null;
      found.push({ gap: 'number', start: place.start + member.length + 3, end: place.end });
    }
  }
  found.sort((a, b) => a.start - b.start);
  for (let i = 1; i < found.length; i++) if ((found[i] as Found).start < (found[i - 1] as Found).end) return null;
  return found;
}

function latin1Json(text: string): string {
  return Buffer.from(JSON.stringify(text)).toString('latin1');
}

function placeOf(whole: string, part: string): { start: number; end: number } | null {
  const start = whole.indexOf(part);
  if (start < 0 || whole.indexOf(part, start + 1) >= 0) return null;
  return { start, end: start + part.length };
}

/** Whether the event with a probe in its gaps is read as the same event with another text. */
function isSame(
  endpoint: EndpointName,
  event: SseEvent,
  whole: string,
  gaps: readonly Found[],
  body: JsonObject,
  parts: EventParts,
): boolean {
  let changed = '';
  let at = 0;
  for (const { gap, start, end } of gaps) {
    changed += whole.slice(at, start) + (gap === 'number' ? '7' : PROBE);
    at = end;
  }
  changed += whole.slice(at);
  const probed = readEvent(Buffer.from(changed, 'latin1'));
  if (probed.name !== event.name || probed.data === null) return false;
  let read: unknown;
  try {
    read = JSON.parse(probed.data);
  } catch {
    return false;
  }
  if (!isObject(read)) return false;
  const readParts = readEventParts(endpoint, read);
  const [piece] = parts.pieces;
  const [probedPiece] = readParts.pieces;
  if (piece === undefined || probedPiece?.text !== PROBE || !isPlain(read, readParts)) return false;
  if (probedPiece.channel !== piece.channel || probedPiece.member !== piece.member) return false;
  if (readParts.model !== parts.model) return false;
  // With the gaps filled as they were, it is the same event.
  probedPiece.holder[probedPiece.member] = piece.text;
  for (const member of IGNORED) if (Object.hasOwn(body, member)) read[member] = body[member];
  return JSON.stringify(read) === JSON.stringify(body);
}

function isAt(buffer: Buffer, at: number, part: Buffer): boolean {
  const { length } = part;
  if (at + length > buffer.length) return false;
  // From its end: what tells forms apart stands there.
  for (let i = length - 1; i >= 0; i--) if (buffer[at + i] !== part[i]) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
