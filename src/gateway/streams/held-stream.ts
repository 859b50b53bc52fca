import { applyCuts, type HeldText } from '../screening/held-text.ts';
import type { Screening } from '../screening/screening.ts';
import type { EndpointName } from '../wire/endpoints.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { readEvent, type SseEvent, SseScanner, SseTooLarge, writeEvent } from '../wire/sse-scanner.ts';
import { isObject, textsBelow } from '../wire/text-fields.ts';
import type { Usage } from '../wire/usage.ts';
import { EventForm, type Run } from './event-form.ts';
import { type EventParts, type Piece, readEventParts } from './stream-parts.ts';

/** What is held back at most; a stream that needs more cannot be checked. */
const HELD_MAX_BYTES = 8 * 1024 * 1024;
const CHANNELS_MAX = 512;
/** A stream whose events are never alike is not searched for their form for ever. */
const FORM_TRIES_MAX = 8;
const FORMS_MAX = 4;

export type StreamEnd = 'complete' | 'truncated' | 'provider_error';

/**
 * Judges one tool call of a stream. `text` is what is passed on of its arguments; null: the call is refused. `mustWait`: it
 * is held, and all that comes after it, until the end of the stream may go out.
 */
export type JudgeTool = (call: {
  name: string;
  path: string;
  argumentsText: string;
  /** The input is free text and no JSON. */
  isText: boolean;
}) => Promise<{ text: string; mustWait: boolean } | null>;

export type HeldStreamParts = {
  endpoint: EndpointName;
  /** null: nothing is judged and events pass as they come. */
  screening: Screening | null;
  usage: Usage;
  judgeTool: JudgeTool | null;
  /** Takes out the event that tells usage to a caller who did not ask for it. */
  dropUsage: boolean;
  /** Sees each event before any of it goes out, where it has to; false: it must not. */
  seeEvent: ((body: JsonObject) => Promise<boolean> | null) | null;
  /** Judges the text of the whole answer before its end goes out. Only when everything is held. */
  judgeWhole: ((text: string) => boolean) | null;
  /** The last word, once the answer is whole and nothing else refuses it. */
  mayEnd: (() => Promise<boolean>) | null;
};

type Channel = {
  held: HeldText | null;
  text: string;
  kind: Piece['kind'];
  length: number;
  tool: string;
  isText: boolean;
  judged: string | null;
  mustWait: boolean;
  cutsSeen: number;
};
type Placed = Piece & { at: Channel; from: number; to: number };
type Single = {
  event: SseEvent;
  body: JsonObject | null;
  pieces: Placed[];
  parts: EventParts | null;
  changed: boolean;
};
/** The first `count` events of a run; `from` is where their text begins in its channel, `sent` how many have gone out. */
type Several = { run: Run; count: number; at: Channel; from: number; sent: number };
type Pending = Single | Several;

/**
 * Passes the events of a streamed answer on as soon as the text in them is certain. Events keep their order and, where
 * nothing was taken out, their bytes.
 */
export class HeldStream {
  readonly #parts: HeldStreamParts;
  readonly #scanner = new SseScanner();
  readonly #channels = new Map<string, Channel>();
  readonly #pending: Pending[] = [];
  readonly #forms: EventForm[] = [];
  #formTries = 0;
  #heldBytes = 0;
  #isEnded = false;
  #hasMark = false;
  #isError = false;
  /** Set when the stream must not go on. */
  refused: 'content' | 'tool' | 'whole' | 'too_large' | 'malformed' | null = null;
  model: string | null = null;
  modelRefused = false;
  characters = 0;

  constructor(parts: HeldStreamParts) {
    this.#parts = parts;
  }

  /** What can go out after `chunk`. */
  async push(chunk: Buffer): Promise<Buffer[]> {
    try {
      this.#scanner.push(chunk);
      while (this.refused === null) {
        if (this.#takeRun()) continue;
        const event = this.#scanner.next();
        if (event === null) break;
        const waiting = this.#take(event);
        if (waiting) await waiting;
      }
    } catch (error) {
      if (!(error instanceof SseTooLarge)) throw error;
      this.refused = 'too_large';
      return [];
    }
    return this.#release();
  }

  /** The last that can go out, after the provider has ended the stream. */
  async end(): Promise<{ out: Buffer[]; end: StreamEnd }> {
    if (this.refused) return { out: this.#release(), end: 'truncated' };
    await this.#endChannels('');
    if (this.#parts.judgeWhole && !this.refused && !this.#parts.judgeWhole(this.wholeText())) this.refused = 'whole';
    const isComplete = this.#hasMark && this.#scanner.rest() === null && !this.#isError;
    if (isComplete && !this.refused && this.#parts.mayEnd) {
      if (await this.#parts.mayEnd()) for (const channel of this.#channels.values()) channel.mustWait = false;
      else this.refused = 'tool';
    }
    this.#isEnded = true;
    const out = this.#release();
    if (this.#isError) return { out, end: 'provider_error' };
    return { out, end: isComplete ? 'complete' : 'truncated' };
  }

  /** The text of the answer as it went out, without tool calls. */
  wholeText(): string {
    let whole = '';
    for (const channel of this.#channels.values())
      if (channel.kind === 'text') whole += channel.held ? applyCuts(channel.text, 0, channel.held.cuts) : channel.text;
    return whole;
  }

  /** What is certain of each text and tool call, after redaction, whether or not it has gone out. */
  certainTexts(): { field: string; text: string }[] {
    const found: { field: string; text: string }[] = [];
    for (const [field, { kind, text, held, judged }] of this.#channels) {
      const certain = kind === 'tool' ? judged : held && applyCuts(text.slice(0, held.released), 0, held.cuts);
      if (certain) found.push({ field, text: certain });
    }
    return found;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes the events ahead that are of a form that is known. */
  #takeRun(): boolean {
    // Where much is held already, events are counted one by one.
    if (this.#heldBytes > HELD_MAX_BYTES / 2) return false;
    for (const form of this.#forms) {
      const run = this.#scanner.take((buffer, from) => form.read(buffer, from));
      if (run === null) continue;
      this.#takeTexts(run, this.#channel(form.channel, 'text'));
      return true;
    }
    return false;
  }

  #takeTexts(run: Run, at: Channel): void {
    const { byteEnds, textEnds } = run;
    const from = at.length;
    at.held?.push(run.text);
    let count = byteEnds.length;
    let read = run.text.length;
    if (at.held?.stopped) {
      this.refused = 'content';
      // Of the event in which the text was stopped nothing goes out, and none after it was read.
      const { stoppedAt } = at.held;
      count = textEnds.findIndex((end) => from + end > stoppedAt);
      read = textEnds[count] ?? read;
    }
    at.length += read;
    this.characters += read;
    if (this.#parts.judgeWhole !== null || this.#parts.screening !== null) at.text += run.text.slice(0, read);
    if (count === 0) return;
    this.#heldBytes += byteEnds[count - 1] ?? 0;
    this.#pending.push({ run, at, from, sent: 0, count });
  }

  #take(event: SseEvent): Promise<void> | null {
    this.#heldBytes += event.bytes.length;
    if (this.#heldBytes > HELD_MAX_BYTES) {
      this.refused = 'too_large';
      return null;
    }
    if (event.data === null || event.data === '') {
      this.#pending.push({ event, body: null, pieces: [], parts: null, changed: false });
      return null;
    }
    if (event.data === '[DONE]') {
      this.#hasMark = true;
      return this.#endChannels('').then(() => {
        this.#pending.push({ event, body: null, pieces: [], parts: null, changed: false });
      });
    }
    let body: unknown;
    try {
      body = JSON.parse(event.data);
    } catch {
      this.refused = 'malformed';
      return null;
    }
    if (!isObject(body)) {
      this.refused = 'malformed';
      return null;
    }
    const seen = this.#parts.seeEvent?.(body);
    if (!seen) return this.#takeBody(event, body);
    return seen.then(async (mayPass) => {
      if (mayPass) await this.#takeBody(event, body);
      else this.refused = 'content';
    });
  }

  #takeBody(event: SseEvent, body: JsonObject): Promise<void> | null {
    const { endpoint, usage, screening } = this.#parts;
    const parts = readEventParts(endpoint, body);
    if (body.usage || body.message || body.response) usage.read(body);
    if (parts.model !== null) this.model ??= parts.model;
    if (parts.refused) this.modelRefused = true;
    if (parts.isEnd) this.#hasMark = true;
    if (parts.isError) this.#isError = true;
    if (this.#parts.dropUsage && isUsageOnly(body)) {
      this.#heldBytes -= event.bytes.length;
      return null;
    }
    this.#learn(event, body, parts);
    const pending: Single = { event, body, pieces: [], parts, changed: false };
    for (const { channel, name, isText } of parts.tools)
      Object.assign(this.#channel(channel, 'tool'), { tool: name, isText });
    for (const piece of [...parts.pieces, ...this.#unseen(parts.late)]) {
      const at = this.#channel(piece.channel, piece.kind);
      const from = at.length;
      at.length += piece.text.length;
      this.characters += piece.text.length;
      if (at.kind === 'tool' || this.#parts.judgeWhole !== null || screening !== null) at.text += piece.text;
      at.held?.push(piece.text);
      if (at.held?.stopped) {
        this.refused = 'content';
        return null;
      }
      pending.pieces.push({ ...piece, at, from, to: at.length });
    }
    if (parts.ends.length === 0 && parts.wholes.length === 0) {
      this.#pending.push(pending);
      return null;
    }
    return this.#finish(pending, parts);
  }

  /** Of arguments told whole those of which nothing came before. */
  #unseen(late: readonly Piece[]): readonly Piece[] {
    return late.filter(({ channel, text, tool }) => {
      const known = this.#channels.get(channel);
      if (known ? known.length > 0 || known.judged !== null : this.#isJudged(text)) return false;
      if (tool && !known?.tool) Object.assign(this.#channel(channel, 'tool'), { tool: tool.name, isText: tool.isText });
      return true;
    });
  }

  /** Whether a tool call with these arguments was judged under another name of its place. */
  #isJudged(argumentsText: string): boolean {
    for (const { kind, text } of this.#channels.values()) if (kind === 'tool' && text === argumentsText) return true;
    return false;
  }

  /** The next events of the same form need not be parsed. */
  #learn(event: SseEvent, body: JsonObject, parts: EventParts): void {
    if (parts.pieces.length !== 1 || this.#formTries >= FORM_TRIES_MAX || this.#forms.length >= FORMS_MAX) return;
    if (this.#forms.some((form) => form.channel === parts.pieces[0]?.channel)) return;
    this.#formTries++;
    const form = EventForm.of(this.#parts.endpoint, event, body, parts);
    if (form !== null) this.#forms.push(form);
  }

  async #finish(pending: Single, parts: EventParts): Promise<void> {
    for (const prefix of parts.ends) await this.#endChannels(prefix);
    if (this.refused) return;
    for (const whole of parts.wholes) await this.#judgeWholeMember(pending, whole);
    if (!this.refused) this.#pending.push(pending);
  }

  #channel(name: string, kind: Piece['kind']): Channel {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      if (this.#channels.size >= CHANNELS_MAX) this.refused = 'too_large';
      const { screening } = this.#parts;
      const held = kind === 'text' && screening !== null ? screening.stream(name) : null;
      channel = {
        held,
        text: '',
        kind,
        length: 0,
        tool: '',
        isText: false,
        judged: null,
        mustWait: false,
        cutsSeen: 0,
      };
      this.#channels.set(name, channel);
    }
    return channel;
  }

  async #endChannels(prefix: string): Promise<void> {
    for (const [name, channel] of this.#channels) {
      if (
        !name.startsWith(prefix) ||
        (prefix !== '' && name.length > prefix.length && !/[.[ ]/.test(name[prefix.length] ?? ''))
      )
        continue;
      if (channel.held && channel.held.released < channel.length) {
        channel.held.end();
        if (channel.held.stopped) this.refused = 'content';
      } else if (channel.kind === 'tool' && channel.judged === null) await this.#judgeTool(name, channel);
      if (this.refused) return;
    }
  }

  async #judgeTool(name: string, channel: Channel): Promise<void> {
    const { judgeTool } = this.#parts;
    if (judgeTool === null) {
      channel.judged = channel.text;
      return;
    }
    const judged = await judgeTool({
      name: channel.tool,
      path: name,
      argumentsText: channel.text,
      isText: channel.isText,
    });
    if (judged === null) this.refused = 'tool';
    else {
      channel.judged = judged.text;
      channel.mustWait = judged.mustWait;
    }
  }

  async #judgeWholeMember(pending: Single, { holder, member }: { holder: JsonObject; member: string }): Promise<void> {
    const { screening } = this.#parts;
    if (screening === null) return;
    for (const field of textsBelow(holder, member, 'assistant').fields) {
      const streamed = this.#streamedAs(field.text);
      const text = streamed ?? (await screening.text(field.path, field.text, 'assistant'));
      if (screening.blocked) {
        this.refused = 'content';
        return;
      }
      if (text === field.text) continue;
      field.set(text);
      pending.changed = true;
    }
  }

  /** A text that was streamed before comes again whole: what went out then goes out now. */
  #streamedAs(text: string): string | null {
    for (const channel of this.#channels.values()) {
      if (channel.length !== text.length || channel.text !== text) continue;
      if (channel.kind === 'tool') return channel.judged;
      if (channel.held && channel.held.released >= channel.length) return applyCuts(text, 0, channel.held.cuts);
    }
    return null;
  }

  #release(): Buffer[] {
    const out: Buffer[] = [];
    while (this.#pending.length > 0) {
      const first = this.#pending[0];
      if (first === undefined || (this.#parts.judgeWhole && !this.#isEnded) || this.refused === 'whole') break;
      if ('run' in first) {
        if (!this.#releaseSeveral(first, out)) break;
      } else {
        if (!first.pieces.every((piece) => this.#isCertain(piece))) break;
        this.#heldBytes -= first.event.bytes.length;
        out.push(this.#write(first));
      }
      this.#pending.shift();
    }
    return out;
  }

  /** Lets out what is certain of a run; true when that is all of it. */
  #releaseSeveral(several: Several, out: Buffer[]): boolean {
    const { run, at, from, count } = several;
    const { held } = at;
    const first = several.sent;
    let last = first;
    while (last < count && (held === null || held.released >= from + (run.textEnds[last] ?? 0))) last++;
    if (last === first) return false;
    several.sent = last;
    const start = first === 0 ? 0 : (run.byteEnds[first - 1] ?? 0);
    const end = run.byteEnds[last - 1] ?? 0;
    this.#heldBytes -= end - start;
    const textStart = from + (first === 0 ? 0 : (run.textEnds[first - 1] ?? 0));
    const textEnd = from + (run.textEnds[last - 1] ?? 0);
    if (held === null || !held.cuts.some((cut) => cut.start < textEnd && cut.end > textStart))
      out.push(run.bytes.subarray(start, end));
    else for (let i = first; i < last; i++) out.push(this.#writeOne(several, i));
    return last === count;
  }

  /** One event of a run, without what was cut out of its text. */
  #writeOne({ run, at, from }: Several, i: number): Buffer {
    const bytes = run.bytes.subarray(i === 0 ? 0 : run.byteEnds[i - 1], run.byteEnds[i]);
    const event = readEvent(bytes);
    const body: unknown = JSON.parse(event.data ?? 'null');
    const parts = isObject(body) ? readEventParts(this.#parts.endpoint, body) : null;
    const [piece] = parts?.pieces ?? [];
    if (!isObject(body) || parts === null || piece === undefined) throw new Error('an event of a run has no text');
    const start = from + (i === 0 ? 0 : (run.textEnds[i - 1] ?? 0));
    const placed = { ...piece, at, from: start, to: from + (run.textEnds[i] ?? 0) };
    return this.#write({ event, body, pieces: [placed], parts, changed: false });
  }

  #isCertain(piece: Placed): boolean {
    if (piece.kind === 'tool') return piece.at.judged !== null && !piece.at.mustWait;
    return piece.at.held === null || piece.at.held.released >= piece.to;
  }

  #write(pending: Single): Buffer {
    let { changed } = pending;
    for (const piece of pending.pieces) {
      const text = this.#certainText(piece);
      if (text === piece.text) continue;
      piece.holder[piece.member] = text;
      changed = true;
    }
    if (!changed || pending.body === null) return pending.event.bytes;
    // Tokens and their alternatives would give back what was taken out.
    for (const holder of pending.parts?.tokens ?? []) holder.logprobs = Array.isArray(holder.logprobs) ? [] : null;
    return writeEvent(pending.event.name, JSON.stringify(pending.body));
  }

  #certainText(piece: Placed): string {
    const { at } = piece;
    if (piece.kind === 'tool') {
      if (at.judged === null || at.judged === at.text) return piece.text;
      // Changed arguments go out whole in the first piece.
      return piece.from === 0 ? at.judged : '';
    }
    if (at.held === null || at.held.cuts.length === 0) return piece.text;
    return applyCuts(piece.text, piece.from, at.held.cuts);
  }
}

function isUsageOnly(body: JsonObject): boolean {
  return Array.isArray(body.choices) && body.choices.length === 0 && isObject(body.usage);
}
