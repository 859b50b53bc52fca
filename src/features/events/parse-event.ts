import { projectVector } from '#src/statistics/projection.ts';
import {
  EVENT_KINDS,
  EVENT_LIMITS,
  type EventKind,
  type EventValue,
  type MonitorEvent,
  type Rejection,
} from './model.ts';

/** `source` where it could be read: a refused event still counts against who sent it. */
export type Refused = Omit<Rejection, 'line'> & { source?: string };
export type Parsed = { event: MonitorEvent; skewed: boolean } | { refused: Refused };

export type ParseContext = {
  nowMs: number;
  /** The id of a system by id or exact name; undefined where there is none. */
  systemOf(text: string): string | undefined;
  /** Where an event names no source. */
  defaultSource: string;
};

const MEMBERS = new Set([
  'id',
  'source',
  'sequence',
  'occurredAt',
  'systemId',
  'system',
  'modelVersion',
  'segment',
  'kind',
  'about',
  'values',
  'vectors',
]);
const KINDS: ReadonlySet<string> = new Set(EVENT_KINDS);
// An instant needs its offset: a local time names two instants on the day clocks go back.
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(:\d\d(?:[.,]\d{1,9})?)?(Z|z|[+-]\d\d:?\d\d)$/;
// As most programs write it, on a day every month has.
const USUAL_INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const SECONDS_BELOW = 100_000_000_000;
const BARE_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

class Refusal extends Error {
  readonly code: Rejection['code'];
  readonly field: string | null;

  constructor(code: Rejection['code'], field: string | null, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Reads one event from its JSON text. Never throws: what is wrong is named with its field. */
export function parseEventText(text: string, context: ParseContext): Parsed {
  let raw: unknown;
  try {
    raw = readJson(text);
  } catch (error) {
    const message = `This is no JSON: ${error instanceof Error ? error.message.slice(0, 120) : 'it cannot be read'}.`;
    return { refused: { id: null, field: null, code: 'not_json', message } };
  }
  return parseEvent(raw, context);
}

/** JSON, and what Python writes for it: bare NaN and Infinity are read as the texts that stand for them. Throws `SyntaxError`. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(BARE_NUMBERS, (one) => (one.startsWith('"') ? one : `"${one}"`)));
  }
}

/** As `parseEventText`, for a value that was read already. */
export function parseEvent(raw: unknown, context: ParseContext): Parsed {
  try {
    return readEvent(raw, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const given = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : null;
    const id = typeof given === 'string' ? given.slice(0, EVENT_LIMITS.idCharacters).toWellFormed() : null;
    const source = typeof raw === 'object' && raw !== null && 'source' in raw ? raw.source : undefined;
    const known = typeof source === 'string' && source.length <= EVENT_LIMITS.idCharacters && !CONTROL.test(source);
    const refused = { id, field: error.field, code: error.code, message: error.message };
    return { refused: known && source.isWellFormed() ? { ...refused, source } : refused };
  }
}

function readEvent(raw: unknown, context: ParseContext): Parsed {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new Refusal('not_an_object', null, 'An event is a JSON object.');
  const given = raw as Record<string, unknown>;
  for (const member in given)
    if (!MEMBERS.has(member))
      throw new Refusal(
        'unknown_field',
        shown(member),
        `There is no member "${shown(member)}" in an event. Put measured values under "values" and labels of groups under "segment".`,
      );
  const occurredAtMs = readInstant(given.occurredAt);
  const ahead = occurredAtMs - context.nowMs;
  if (ahead > EVENT_LIMITS.futureMs)
    throw new Refusal(
      'far_future',
      'occurredAt',
      'The event is dated more than a day ahead. Check the clock that set it.',
    );
  const event: MonitorEvent = {
    id: readText(given.id, 'id', EVENT_LIMITS.idCharacters),
    source:
      given.source === undefined ? context.defaultSource : readText(given.source, 'source', EVENT_LIMITS.idCharacters),
    sequence: readSequence(given.sequence),
    occurredAtMs,
    systemId: readSystem(given, context),
    modelVersion:
      given.modelVersion === undefined || given.modelVersion === null
        ? null
        : readText(given.modelVersion, 'modelVersion', EVENT_LIMITS.idCharacters),
    segment: readSegment(given.segment),
    kind: readKind(given.kind),
    about:
      given.about === undefined || given.about === null
        ? null
        : readText(given.about, 'about', EVENT_LIMITS.idCharacters),
    values: readValues(given.values),
  };
  if (isOwnSource(event.source))
    throw new Refusal(
      'out_of_range',
      'source',
      'Sources that begin with "gateway:" are the gateway’s own. Choose another name.',
    );
  if (given.vectors !== undefined && given.vectors !== null) event.projections = readVectors(given.vectors);
  return { event, skewed: ahead > EVENT_LIMITS.skewMs };
}

/** Whether it is spelled as it is stored. */
export const isUsualInstant = (text: string) => USUAL_INSTANT.test(text);

/** Unix milliseconds of what an event gives as its time; NaN where it is none. */
export function instantOf(given: string | number): number {
  try {
    return readInstant(given);
  } catch (error) {
    if (error instanceof Refusal) return Number.NaN;
    throw error;
  }
}

function readInstant(given: unknown): number {
  if (given === undefined || given === null)
    throw new Refusal('missing', 'occurredAt', 'occurredAt is missing: say when it happened.');
  if (typeof given === 'number') {
    if (!Number.isFinite(given) || Math.abs(given) > 8.64e15)
      throw new Refusal(
        'bad_time',
        'occurredAt',
        'occurredAt is no instant: give milliseconds since 1970, or ISO 8601 with an offset.',
      );
    if (Math.abs(given) < SECONDS_BELOW)
      throw new Refusal('bad_time', 'occurredAt', 'occurredAt looks like seconds: give milliseconds since 1970.');
    return Math.floor(given);
  }
  if (typeof given === 'string' && isUsualInstant(given)) return Date.parse(given);
  const match = typeof given === 'string' && given.length <= 40 ? INSTANT.exec(given) : null;
  if (!match)
    throw new Refusal(
      'bad_time',
      'occurredAt',
      'occurredAt must be ISO 8601 with an offset, such as 2026-11-23T09:00:00Z, or milliseconds since 1970. A local time without offset names two instants when clocks go back.',
    );
  const [, year, month, day, hour, minute, seconds = '', offset = 'Z'] = match;
  const zone = /^[zZ]$/.test(offset) ? 'Z' : offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
  const clock = seconds.replace(',', '.').slice(0, 7);
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}${clock}${zone}`);
  if (!Number.isFinite(ms) || !isDay(Number(year), Number(month), Number(day)))
    throw new Refusal('bad_time', 'occurredAt', 'occurredAt names a day or a time that does not exist.');
  return ms;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(year: number, month: number, day: number): boolean {
  return day <= 28 || new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

function readText(given: unknown, field: string, max: number): string {
  if (given === undefined || given === null) throw new Refusal('missing', field, `${field} is missing.`);
  if (typeof given !== 'string') throw new Refusal('wrong_type', field, `${field} must be a text.`);
  if (given.length === 0 || given.length > max)
    throw new Refusal('out_of_range', field, `${field} must have 1 to ${max} characters.`);
  if (CONTROL.test(given) || !given.isWellFormed())
    throw new Refusal('out_of_range', field, `${field} holds a control character or half a character.`);
  return given;
}

function readSequence(given: unknown): number | null {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'number') throw new Refusal('wrong_type', 'sequence', 'sequence must be a whole number.');
  if (!Number.isSafeInteger(given) || given < 0)
    throw new Refusal('out_of_range', 'sequence', 'sequence must be a whole number from 0 to 2^53 - 1.');
  return given;
}

function readSystem(given: Record<string, unknown>, context: ParseContext): string {
  const field = given.systemId !== undefined ? 'systemId' : 'system';
  const text = readText(given[field], field, EVENT_LIMITS.idCharacters);
  const id = context.systemOf(text);
  if (id === undefined)
    throw new Refusal(
      'unknown_system',
      field,
      `There is no AI system "${shown(text)}". Register it under Inventory, or use its id.`,
    );
  return id;
}

/** Whether only the gateway may call itself so. */
export const isOwnSource = (source: string) => source.startsWith('gateway:');

export const isKind = (text: string): text is EventKind => KINDS.has(text);

function readKind(given: unknown): EventKind {
  if (typeof given !== 'string' || !isKind(given))
    throw new Refusal(
      given === undefined ? 'missing' : 'out_of_range',
      'kind',
      `kind must be one of ${EVENT_KINDS.join(', ')}.`,
    );
  return given;
}

function readSegment(given: unknown): Record<string, string> {
  if (given === undefined || given === null) return {};
  const segment = membersOf(given, 'segment', EVENT_LIMITS.segments);
  for (const name in segment) {
    const value = segment[name];
    if (typeof value !== 'string')
      throw new Refusal('wrong_type', `segment.${shown(name)}`, `segment.${shown(name)} must be a text.`);
    if (value.length > EVENT_LIMITS.idCharacters || !value.isWellFormed() || value.includes('\0'))
      throw new Refusal(
        'out_of_range',
        `segment.${shown(name)}`,
        `segment.${shown(name)} must have at most ${EVENT_LIMITS.idCharacters} characters.`,
      );
  }
  return segment as Record<string, string>;
}

function readValues(given: unknown): Record<string, EventValue> {
  if (given === undefined || given === null) return {};
  const values = membersOf(given, 'values', EVENT_LIMITS.values);
  let allFinite = true;
  for (const name in values) {
    const value = values[name];
    if (typeof value === 'number') allFinite &&= Number.isFinite(value);
    else if (typeof value === 'string') {
      if (value.length > EVENT_LIMITS.textCharacters || !value.isWellFormed() || value.includes('\0'))
        throw new Refusal(
          'out_of_range',
          `values.${shown(name)}`,
          `values.${shown(name)} must have at most ${EVENT_LIMITS.textCharacters} characters: report lengths, classes and scores, not texts.`,
        );
    } else if (typeof value !== 'boolean' && value !== null)
      throw new Refusal(
        'wrong_type',
        `values.${shown(name)}`,
        `values.${shown(name)} must be a number, a text, true, false or null.`,
      );
  }
  return (allFinite ? values : withNamedInfinities(values)) as Record<string, EventValue>;
}

// A number beyond a double is read as an infinity, and columns of files hold NaN: JSON can say neither.
function withNamedInfinities(values: Record<string, unknown>): Record<string, unknown> {
  const named: Record<string, unknown> = Object.create(null);
  for (const name in values) {
    const value = values[name];
    named[name] = typeof value !== 'number' || Number.isFinite(value) ? value : String(value);
  }
  return named;
}

function readVectors(given: unknown): Record<string, number[]> {
  const projections: Record<string, number[]> = Object.create(null);
  const vectors = membersOf(given, 'vectors', EVENT_LIMITS.vectors);
  for (const name in vectors) {
    const value = vectors[name];
    const field = `vectors.${shown(name)}`;
    if (!Array.isArray(value) || value.length === 0 || value.length > EVENT_LIMITS.vectorDimensions)
      throw new Refusal(
        'wrong_type',
        field,
        `${field} must be a list of 1 to ${EVENT_LIMITS.vectorDimensions} numbers.`,
      );
    if (!value.every((one) => typeof one === 'number' && Number.isFinite(one)))
      throw new Refusal('wrong_type', field, `${field} holds something that is no finite number.`);
    projections[name] = projectVector(value as number[]);
  }
  return projections;
}

// The same few names come with every event; those that were found good are not looked at again.
const goodNames = new Set<string>();
const GOOD_NAMES_MAX = 10_000;

function checkName(name: string, field: string): void {
  if (name.length === 0 || name.length > EVENT_LIMITS.nameCharacters || CONTROL.test(name) || !name.isWellFormed())
    throw new Refusal(
      'out_of_range',
      field,
      `A name in ${field} must have 1 to ${EVENT_LIMITS.nameCharacters} characters, none of them a control character.`,
    );
  if (goodNames.size < GOOD_NAMES_MAX) goodNames.add(name);
}

/** The object itself, once its names are good: a copy of each event's would cost more than all the checks. */
function membersOf(given: unknown, field: string, max: number): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Refusal('wrong_type', field, `${field} must be an object of names and values.`);
  let count = 0;
  for (const _ in given) count++;
  if (count > max) throw new Refusal('out_of_range', field, `${field} may hold at most ${max} names.`);
  for (const name in given) if (!goodNames.has(name)) checkName(name, field);
  return given as Record<string, unknown>;
}

/** A name from outside, short enough for a message. */
function shown(name: string): string {
  return name
    .slice(0, 60)
    .toWellFormed()
    .replaceAll(/[\p{Cc}"]/gu, ' ');
}
