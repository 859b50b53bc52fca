import { isCanonicalText, MemberPlaces } from '#src/kernel/canonical-text.ts';
import { fromDecimal } from './bytes.ts';
import { type EntrySeries, isActorKind, isHashHex, isInstant, isType, LEAF_BYTES_MAX, type Leaf } from './leaf-form.ts';

// The plainest leaf has 16 members, and those of its body.
const places = new MemberPlaces(64);
let row = 0;

const NONE = -1;
const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;

/**
 * The leaf in `text` when it is one of the profile in full and of the plainest kind, as most are: without blobs, commitments,
 * references and escapes, with nothing besides the members the profile names. Null for every other text, right or wrong.
 * Its value is made when it is asked for: a bundle has hundreds of thousands of leaves, and needs the values of a few.
 */
export function readPlainLeaf(text: string): Leaf | null {
  if (!isCanonicalText(text, places) || places.count > places.room || text.includes('\\')) return null;
  row = 0;
  if (!passObject(text, '"actor":') || passText(text, '"id":', 1, 128) < 0) return null;
  const actorKind = passText(text, '"kind":', 1, 64);
  if (actorKind < 0 || !isActorKind(textAt(text, actorKind))) return null;
  const at = passText(text, '"at":', 0, 64);
  if (at < 0 || !passObject(text, '"body":')) return null;
  while (row < places.count && places.depths[row] === 1) row++;
  if (passText(text, '"id":', 0, 64) < 0) return null;
  const numbered = pass(text, '"series":', 0);
  const series = numbered >= 0 ? passSeries(text, numbered) : null;
  if (numbered >= 0 && series === null) return null;
  if (!passObject(text, '"subject":') || passText(text, '"id":', 1, 512) < 0) return null;
  if (passText(text, '"kind":', 1, 64) < 0) return null;
  pass(text, '"version":', 1);
  const type = passText(text, '"type":', 0, LEAF_BYTES_MAX);
  const v = pass(text, '"v":', 0);
  if (type < 0 || v < 0 || row !== places.count || !isOne(text, v)) return null;
  const leaf = new PlainLeaf(text, textAt(text, type), textAt(text, at), series);
  return isType(leaf.type) && isInstant(leaf.at) ? leaf : null;
}

class PlainLeaf implements Leaf {
  readonly blobs: Leaf['blobs'] = [];
  readonly commitments: Leaf['commitments'] = {};
  readonly type: string;
  readonly at: string;
  readonly series: EntrySeries | null;
  readonly #text: string;

  constructor(text: string, type: string, at: string, series: EntrySeries | null) {
    this.#text = text;
    this.type = type;
    this.at = at;
    this.series = series;
  }

  get value(): Leaf['value'] {
    return JSON.parse(this.#text);
  }
}

// Gives the row of a member and goes on behind it; NONE, and stays, where another one stands.
function pass(text: string, name: string, depth: number): number {
  const isThere = row < places.count && places.depths[row] === depth && text.startsWith(name, places.names[row]);
  return isThere ? row++ : NONE;
}

function passObject(text: string, name: string): boolean {
  const found = pass(text, name, 0);
  return found >= 0 && isObject(text, found);
}

function isObject(text: string, found: number): boolean {
  return text.charCodeAt(places.values[found] as number) === OPEN_OBJECT;
}

// As no text has escapes, the units between the quotes are those of the value.
function passText(text: string, name: string, depth: number, max: number): number {
  const found = pass(text, name, depth);
  if (found < 0) return NONE;
  const value = places.values[found] as number;
  const length = (places.ends[found] as number) - value - 2;
  return text.charCodeAt(value) === QUOTE && length >= 1 && length <= max ? found : NONE;
}

function textAt(text: string, found: number): string {
  return text.slice((places.values[found] as number) + 1, (places.ends[found] as number) - 1);
}

function isOne(text: string, found: number): boolean {
  const value = places.values[found] as number;
  return places.ends[found] === value + 1 && text[value] === '1';
}

function passSeries(text: string, numbered: number): EntrySeries | null {
  if (!isObject(text, numbered)) return null;
  const id = passText(text, '"id":', 1, LEAF_BYTES_MAX);
  const prev = pass(text, '"prev":', 1);
  const seq = pass(text, '"seq":', 1);
  if (id < 0 || seq < 0) return null;
  const number = fromDecimal(text.slice(places.values[seq], places.ends[seq]));
  const link = prev < 0 ? undefined : textAt(text, prev);
  if (number === null || (number === 0 ? link !== undefined : !isHashHex(link))) return null;
  return link === undefined ? { id: textAt(text, id), seq: number } : { id: textAt(text, id), seq: number, prev: link };
}
