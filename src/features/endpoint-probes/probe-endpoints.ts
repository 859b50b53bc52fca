import { randomBytes } from 'node:crypto';
import { and, asc, eq, inArray, lt } from 'drizzle-orm';
import { addEvidence } from '#src/features/evidence/index.ts';
import { inventoryItem } from '#src/features/inventory/tables.ts';
import { type Actor, actorText, type Records } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import { type Called, callEndpoint } from './call-endpoint.ts';
import type { Endpoint, EndpointAddress, EndpointPage } from './model.ts';
import { type EndpointProbeRow, endpointProbe } from './tables.ts';

export type EndpointParts = { records: Records; blobs: Pick<Blobs, 'put'> };

const KIND = 'inference_api';
const DAILY_MS = 22 * HOUR_MS;
/** In one run of the clock; the rest has its turn an hour later. */
const RUN_MAX = 50;

/** Every inference endpoint that is there or proposed, with its probe: what nobody gave an address stands there without one. */
export async function listEndpoints({ records }: Pick<EndpointParts, 'records'>): Promise<EndpointPage> {
  const rows = await records.database.drizzle
    .select()
    .from(inventoryItem)
    .leftJoin(endpointProbe, eq(endpointProbe.itemId, inventoryItem.id))
    .where(and(eq(inventoryItem.kind, KIND), inArray(inventoryItem.state, ['proposed', 'confirmed'])))
    .orderBy(asc(inventoryItem.title), asc(inventoryItem.id));
  const items = rows.map(
    ({ inventory_item: item, endpoint_probe: probe }): Endpoint => ({
      itemId: item.id,
      title: item.title,
      source: item.sourceKey,
      probe: probe && presented(probe),
    }),
  );
  return { items, total: items.length, probed: items.filter(({ probe }) => probe !== null).length };
}

function presented({
  itemId: _,
  registeredBy: __,
  allowPrivate,
  probedAt,
  ...row
}: EndpointProbeRow): Endpoint['probe'] {
  return { ...row, allowPrivateAddress: allowPrivate, probedAt: probedAt.toISOString() };
}

/**
 * Notes where an endpoint answers, and probes it there at once; what came of it is evidence. Throws `not_found` for an item that
 * is no endpoint, and `forbidden` for an address that must not be called.
 */
export async function probeEndpoint(
  parts: EndpointParts,
  itemId: string,
  address: EndpointAddress,
  by: Actor,
): Promise<Endpoint> {
  const { records } = parts;
  const [item] = await records.database.drizzle
    .select()
    .from(inventoryItem)
    .where(and(eq(inventoryItem.id, itemId), eq(inventoryItem.kind, KIND)));
  if (!item || item.state === 'rejected' || item.state === 'gone')
    throw new AppError('not_found', `The inventory has no inference endpoint ${itemId.slice(0, 80)}.`);
  const startedAt = new Date(records.clock());
  const called = await callEndpoint(address);
  await store(parts, { itemId, title: item.title, address, called, startedAt, by });
  const found = (await listEndpoints(parts)).items.find((one) => one.itemId === itemId);
  if (!found) throw new AppError('conflict', 'The endpoint was decided about meanwhile. Reload the list.');
  return found;
}

/** Probes anew what was not probed within the last day, the oldest first. One that cannot be called keeps none of the others. */
export async function probeEndpointsDaily(parts: EndpointParts, signal?: AbortSignal): Promise<number> {
  const { records } = parts;
  const due = await records.database.drizzle
    .select()
    .from(endpointProbe)
    .innerJoin(inventoryItem, eq(inventoryItem.id, endpointProbe.itemId))
    .where(
      and(
        lt(endpointProbe.probedAt, new Date(records.clock() - DAILY_MS)),
        inArray(inventoryItem.state, ['proposed', 'confirmed']),
      ),
    )
    .orderBy(asc(endpointProbe.probedAt))
    .limit(RUN_MAX);
  let done = 0;
  for (const { endpoint_probe: row, inventory_item: item } of due) {
    if (signal?.aborted) break;
    const address = { url: row.url, method: row.method, allowPrivateAddress: row.allowPrivate };
    const startedAt = new Date(records.clock());
    const called = await callEndpoint(address).catch((error: unknown): Called => {
      if (!(error instanceof AppError)) throw error;
      return { withoutKey: null, wrongKey: null, problem: error.message };
    });
    const by: Actor = { kind: 'service', id: 'assay' };
    await store(parts, { itemId: row.itemId, title: item.title, address, called, startedAt, by });
    done++;
  }
  return done;
}

async function store(
  { records, blobs }: EndpointParts,
  probe: { itemId: string; title: string; address: EndpointAddress; called: Called; startedAt: Date; by: Actor },
): Promise<void> {
  const { itemId, title, address, called, startedAt, by } = probe;
  const at = new Date(records.clock());
  const { url, method } = address;
  const content = canonicalJson({
    format: 'assay-endpoint-probe/1',
    item: itemId,
    url,
    method,
    startedAt: startedAt.toISOString(),
    finishedAt: at.toISOString(),
    ...called,
  });
  const blob = await blobs.put(new TextEncoder().encode(content), 'application/json');
  await records.change('endpoint-probe', ['endpoint-probe'], async (tx) => {
    const evidenceId = makeId('evd', at.getTime(), randomBytes(10));
    await addEvidence(tx, records.append, {
      id: evidenceId,
      kind: 'records',
      title: `Probe of the endpoint ${title}`.slice(0, 200),
      source: { key: `assay:endpoint:${itemId}`, title: 'Inference endpoint' },
      query: `${method} ${url}, without credentials and with some that cannot be valid`,
      collector: by,
      grade: 'B',
      occurredAt: startedAt,
      observedAt: at,
      recordedAt: at,
      content: { ...blob, mediaType: 'application/json', fileName: `endpoint-probe-${itemId}.json` },
      controls: ['API-01'],
      tests: [],
      leaf: { probe: 'endpoint', item: itemId, withoutKey: called.withoutKey, wrongKey: called.wrongKey },
    });
    const set = {
      url,
      method,
      allowPrivate: address.allowPrivateAddress,
      probedAt: at,
      withoutKey: called.withoutKey,
      wrongKey: called.wrongKey,
      problem: called.problem,
      evidenceId,
    };
    await tx
      .insert(endpointProbe)
      .values({ itemId, registeredBy: actorText(by), ...set })
      .onConflictDoUpdate({ target: endpointProbe.itemId, set });
  });
}
