import { randomBytes } from 'node:crypto';
import { inArray } from 'drizzle-orm';
import { inventorySystem } from '#src/features/inventory/tables.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database, Executor } from '#src/platform/database/connect.ts';
import { EventPart, type PlacedEvent, placeEvent } from './event-part.ts';
import { EventShapes } from './event-shapes.ts';
import { type BatchResult, EVENT_LIMITS, type Rejection } from './model.ts';
import { type ParseContext, type Parsed, parseEventText } from './parse-event.ts';
import type { SplitItem } from './split-json.ts';
import { storeEvents } from './store-events.ts';
import { eventBatch } from './tables.ts';

export type EventServices = {
  database: Database;
  clock: Clock;
  /** Up to when windows of each AI system are closed, in Unix milliseconds. */
  closedUntil(executor: Executor): Promise<ReadonlyMap<string, number>>;
};

/** What one delivery brings: items in order, each read or refused; or that it broke off. */
export type DeliveryItem = { line: number } & (Parsed | { placed: PlacedEvent } | { broken: string });

export type Delivery = {
  /** Who sent it, as stored actors are written. */
  from: string;
  form: 'json' | 'ndjson' | 'otlp' | 'file' | 'gateway';
  items: AsyncIterable<readonly DeliveryItem[]>;
};

const REJECTIONS_TOLD = 1_000;
const REJECTIONS_KEPT = 100;
const SOURCES_MAX = 1_000;

/**
 * Takes one delivery part by part: each part is stored whole or not at all, while the next one is read. What is refused is
 * told with line and field; nothing else is left out.
 */
export async function ingest(services: EventServices, delivery: Delivery): Promise<BatchResult> {
  const taking = new Taking(services, delivery, await services.closedUntil(services.database.drizzle));
  for await (const items of untilBroken(delivery.items)) {
    for (const item of items) {
      taking.add(item);
      if (taking.isFull) await taking.pass();
    }
    if (taking.isOver) break;
  }
  await taking.pass();
  return taking.finish();
}

class Taking {
  isOver = false;
  #part = new EventPart();
  // What the part before was held in, once that is stored.
  #spare: EventPart | undefined;
  #sources = new Map<string, string>();
  #storing: Promise<void> = Promise.resolve();
  // A delivery that is sent again is known from its first event to the one at which it broke off.
  #knewSome = false;
  #result: BatchResult;

  readonly #services: EventServices;
  readonly #delivery: Delivery;
  readonly #closedUntil: ReadonlyMap<string, number>;

  constructor(services: EventServices, delivery: Delivery, closedUntil: ReadonlyMap<string, number>) {
    this.#services = services;
    this.#delivery = delivery;
    this.#closedUntil = closedUntil;
    const batchId = makeId('evb', services.clock(), randomBytes(10));
    const none = { received: 0, accepted: 0, duplicates: 0, rejected: 0, late: 0, outOfOrder: 0, skewed: 0 };
    this.#result = { batchId, ...none, complete: true, rejections: [] };
  }

  get isFull(): boolean {
    return this.#part.isFull;
  }

  add(item: DeliveryItem): void {
    if ('broken' in item) {
      this.#result.complete = false;
      this.#reject({ line: item.line, id: null, field: null, code: 'broken_batch', message: item.broken });
      this.isOver = true;
      return;
    }
    this.#result.received++;
    if (this.#result.received > EVENT_LIMITS.batchEvents) {
      this.#result.received--;
      this.#result.complete = false;
      this.isOver = true;
      const message = `A delivery holds at most ${EVENT_LIMITS.batchEvents} events. Send the rest in another one.`;
      this.#reject({ line: item.line, id: null, field: null, code: 'broken_batch', message });
      return;
    }
    if ('refused' in item) {
      const { source, ...refused } = item.refused;
      if (source !== undefined && this.#sourceOf(source) !== undefined) {
        const { refusedBySource } = this.#part;
        refusedBySource.set(source, (refusedBySource.get(source) ?? 0) + 1);
      }
      this.#reject({ line: item.line, ...refused });
      return;
    }
    const placed = 'placed' in item ? item.placed : placeEvent(item.event, item.line, item.skewed);
    const source = this.#sourceOf(placed.source);
    if (source !== undefined) this.#part.add({ ...placed, source });
    else {
      const message = `A delivery comes from at most ${SOURCES_MAX} sources: a source is a process, not a request.`;
      this.#reject({ line: item.line, id: placed.id, field: 'source', code: 'out_of_range', message });
    }
  }

  // One part is stored while the next is read; a second one waits, so that memory stays bounded.
  async pass(): Promise<void> {
    await this.#storing;
    const part = this.#part;
    if (part.isEmpty) return;
    this.#part = this.#spare ?? new EventPart();
    this.#spare = undefined;
    const [closedUntil, services] = [this.#closedUntil, this.#services];
    this.#storing = storeEvents(part, {
      pool: services.database.pool,
      nowMs: services.clock(),
      closedUntil: (systemId) => closedUntil.get(systemId) ?? Number.NEGATIVE_INFINITY,
      expectKnown: this.#knewSome,
    }).then((stored) => {
      const result = this.#result;
      part.clear();
      this.#spare = part;
      this.#knewSome = stored.knewSome;
      for (const member of ['accepted', 'duplicates', 'late', 'outOfOrder', 'skewed'] as const)
        result[member] += stored[member];
      for (const rejection of stored.rejections) this.#reject(rejection);
    });
    // Met where it is awaited; without a listener it would end the process before.
    this.#storing.catch(() => undefined);
  }

  async finish(): Promise<BatchResult> {
    await this.#storing;
    const result = this.#result;
    result.rejections.sort((a, b) => a.line - b.line);
    const { batchId, rejections, ...counts } = result;
    await this.#services.database.drizzle.insert(eventBatch).values({
      id: batchId,
      ...counts,
      receivedAt: new Date(this.#services.clock()),
      receivedFrom: this.#delivery.from,
      form: this.#delivery.form,
      rejections: rejections.slice(0, REJECTIONS_KEPT),
    });
    return result;
  }

  /** One text for each source, however many events name it; undefined beyond the limit. */
  #sourceOf(name: string): string | undefined {
    const known = this.#sources.get(name);
    if (known !== undefined || this.#sources.size >= SOURCES_MAX) return known;
    this.#sources.set(name, name);
    return name;
  }

  #reject(rejection: Rejection): void {
    if (rejection.code !== 'broken_batch') this.#result.rejected++;
    if (this.#result.rejections.length < REJECTIONS_TOLD) this.#result.rejections.push(rejection);
  }
}

/** What breaks a delivery off ends it as a broken one: what came before is taken, and said to be. */
/** Items that are all there already, as a delivery takes them. */
export async function* once(items: readonly DeliveryItem[]): AsyncGenerator<readonly DeliveryItem[]> {
  yield items;
}

async function* untilBroken(items: Delivery['items']): AsyncGenerator<readonly DeliveryItem[]> {
  let line = 0;
  let begun = false;
  try {
    for await (const part of items) {
      begun = true;
      line = part.at(-1)?.line ?? line;
      yield part;
    }
  } catch (error) {
    // Before anything was taken it is not the delivery that broke, but how it was asked for.
    if (!begun && error instanceof AppError) throw error;
    const message = error instanceof AppError ? error.message : 'The connection ended before the delivery did.';
    yield [{ line: line + 1, broken: message }];
  }
}

/** How systems are found by their id or their exact name; a name two systems have finds neither. */
export async function systemFinder(executor: Executor): Promise<ParseContext['systemOf']> {
  const rows = await executor
    .select({ id: inventorySystem.id, name: inventorySystem.name })
    .from(inventorySystem)
    .where(inArray(inventorySystem.state, ['proposed', 'confirmed']));
  const found = new Map<string, string | null>();
  for (const { id, name } of rows) found.set(name, found.has(name) ? null : id);
  for (const { id } of rows) found.set(id, id);
  return (text) => found.get(text) ?? undefined;
}

/** Reads the items of a stream of JSON as events. */
export async function* readItems(
  parts: AsyncIterable<readonly SplitItem[]>,
  context: ParseContext,
): AsyncGenerator<DeliveryItem[]> {
  const shapes = new EventShapes(context);
  let isFirst = true;
  for await (const part of parts)
    yield part.map((item): DeliveryItem => {
      const { line } = item;
      if ('broken' in item) return item;
      if ('text' in item) {
        const placed = shapes.place(item.text, line);
        if (placed) return { line, placed };
        const parsed = parseEventText(item.text, context);
        // One event alone has nobody to share its shape with.
        if ('event' in parsed && !isFirst) shapes.learn(item.text);
        isFirst = false;
        return { line, ...parsed };
      }
      const message = `One event may have ${EVENT_LIMITS.eventBytes} bytes.`;
      return { line, refused: { id: null, field: null, code: 'too_large', message } };
    });
}
