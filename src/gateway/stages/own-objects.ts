import type { Call, Refusal } from '../call.ts';
import type { Verdict } from '../decision.ts';
import { accountOf } from '../wire/endpoints.ts';
import { notFound } from '../wire/not-found.ts';
import {
  answerObjects,
  decoded,
  keepInLists,
  listedIds,
  type NamedObject,
  type ObjectReference,
  objectReferences,
  REFERENCES_MAX,
} from '../wire/object-ids.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { pushCheck } from './push-check.ts';

const CHECK = 'check:stored_objects';
/** Lists longer than any page of a provider are not looked through. */
const LISTED_MAX = 20_000;

/**
 * Refuses a call that names what another tenant stored with the provider, in the provider's own words for what is not there.
 * What was never seen is refused too, unless the policy passes it on. A call that names nothing costs nothing.
 */
export function ownObjects(call: Call): Refusal | null | Promise<Refusal | null> {
  const { endpoint, asked } = call;
  if (endpoint === null || asked === null) throw new Error('nothing asked');
  const references = objectReferences({
    endpoint: endpoint.name,
    path: call.rest,
    query: call.query,
    body: asked.body,
    unread: asked.body === null ? call.bytes : null,
  });
  if (references.length === 0) return null;
  if (references.length > REFERENCES_MAX)
    return { code: 'invalid_request', message: `The call names more than ${REFERENCES_MAX} stored objects.` };
  return checkOwners(call, references);
}

async function checkOwners(call: Call, references: readonly ObjectReference[]): Promise<Refusal | null> {
  const owners = await ownersOf(
    call,
    references.map(({ id }) => id),
  );
  if (owners === null) return unavailable();
  const unseen: ObjectReference[] = [];
  let ofAnother: ObjectReference | null = null;
  for (const reference of references) {
    const owner = owners.get(reference.id);
    if (owner === undefined) {
      if (!reference.isCarried) unseen.push(reference);
    } else if (owner !== call.tenantId) ofAnother ??= reference;
  }
  const firstUnseen = unseen[0] ?? null;
  const refused = ofAnother ?? (passesUnseen(call) ? null : firstUnseen);
  call.objects = {
    asked: new Set(references.map(({ id }) => id)),
    inPath: references.filter(({ inPath }) => inPath).map(({ id }) => id),
    hasUnseenInPath: unseen.some(({ inPath }) => inPath),
  };
  note(call, {
    outcome: refused !== null ? 'blocked' : firstUnseen !== null ? 'flagged' : 'clean',
    count: references.length,
    reason:
      ofAnother !== null
        ? 'another tenant’s'
        : firstUnseen === null
          ? null
          : refused !== null
            ? 'never seen in an answer of this provider'
            : 'never seen in an answer of this provider, and passed on by the policy',
  });
  if (refused === null) return null;
  const said = notFound(call.shape, refused);
  return { code: 'object_not_found', message: said.message, said };
}

function note(call: Call, given: { outcome: Verdict['outcome']; count: number; reason: string | null }): void {
  const { outcome, count, reason } = given;
  pushCheck(call, CHECK, outcome, reason, { direction: 'input', fieldsScanned: count });
}

function passesUnseen(call: Call): boolean {
  return call.policy?.policy.storedObjects?.unseen === 'pass';
}

function unavailable(): Refusal {
  return {
    code: 'objects_unavailable',
    message: 'Whose the named objects are cannot be found out now, so the call is not served. Try again.',
    headers: { 'retry-after': '2' },
  };
}

/** Null when it cannot be known. */
async function ownersOf(call: Call, ids: readonly string[]): Promise<ReadonlyMap<string, string> | null> {
  const { storedObjects, log } = call.parts;
  if (storedObjects === null || call.provider === null) return null;
  try {
    return await storedObjects.ownersOf(accountOf(call.provider), ids);
  } catch (error) {
    log.error({ err: error, decision: call.id }, 'whose stored objects are cannot be found out');
    return null;
  }
}

/** Whether a whole answer has to be looked at: for what it names, lists or deletes. */
export function namesObjects(call: Call): boolean {
  const name = call.endpoint?.name;
  return name === 'other' || name === 'models' || mayNameObjects(call);
}

/** What an answer to this call may name for later calls is looked for at all. */
export function mayNameObjects(call: Call): boolean {
  const body = call.asked?.body;
  switch (call.endpoint?.name) {
    case 'other':
      return call.objects?.hasUnseenInPath !== true;
    case 'responses':
      return body?.store !== false;
    case 'chat_completions':
      return body?.store === true || (Array.isArray(body?.modalities) && body.modalities.includes('audio'));
    case 'messages':
      return Array.isArray(body?.tools) || body?.container !== undefined;
    default:
      return false;
  }
}

/**
 * Takes what others made out of a list, and binds what an answer names to the tenant, before any of it goes out. `changed`: the
 * answer is another than it was.
 */
export async function claimObjects(
  call: Call,
  body: JsonObject,
): Promise<{ changed: boolean; refusal: Refusal | null }> {
  const name = call.endpoint?.name;
  const isGet = call.request.method === 'GET';
  if (name === 'models' || (name === 'other' && isGet && (call.objects?.inPath ?? []).length === 0))
    return ownLists(call, body, name === 'models');
  await forgetDeleted(call);
  if (!mayNameObjects(call)) return { changed: false, refusal: null };
  return { changed: false, refusal: await bindObjects(call, objectsOf(call, body)) };
}

/** The objects that an answer, or an event of one, names. */
export function objectsOf(call: Call, body: JsonObject): NamedObject[] {
  return answerObjects(
    {
      endpoint: call.endpoint?.name ?? 'other',
      method: call.request.method ?? '',
      path: call.rest,
      asked: call.objects?.asked ?? NOTHING,
    },
    body,
    call.occurredAt,
  );
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Keeps for good whose these are. Where that fails and the policy refuses what was never seen, nobody can name them later:
 * the answer goes out, and the record says so. Otherwise it does not.
 */
export async function bindObjects(call: Call, objects: readonly NamedObject[]): Promise<Refusal | null> {
  const { storedObjects, log } = call.parts;
  const { provider, tenantId } = call;
  if (objects.length === 0 || provider === null || tenantId === null) return null;
  try {
    if (storedObjects === null) throw new Error('this gateway keeps no owners');
    await storedObjects.bind({ account: accountOf(provider), tenantId, objects });
    return null;
  } catch (error) {
    log.error({ err: error, decision: call.id }, 'whose stored objects are could not be kept');
    if (passesUnseen(call)) return unavailable();
    note(call, { outcome: 'not_evaluated', count: objects.length, reason: 'what the answer names could not be bound' });
    return null;
  }
}

async function ownLists(
  call: Call,
  body: JsonObject,
  isModels: boolean,
): Promise<{ changed: boolean; refusal: Refusal | null }> {
  const ids = listedIds(body).filter((id) => !isModels || id.startsWith('ft:'));
  if (ids.length === 0) return { changed: false, refusal: null };
  const owners = ids.length > LISTED_MAX ? null : await ownersOf(call, ids);
  if (owners === null) return { changed: false, refusal: unavailable() };
  // A model that was tuned elsewhere is granted by the lists of the provider and the key.
  const keepsUnseen = isModels || passesUnseen(call);
  const listed = new Set(ids);
  const changed = keepInLists(body, (id) => {
    if (!listed.has(id)) return true;
    const owner = owners.get(id);
    return owner === undefined ? keepsUnseen : owner === call.tenantId;
  });
  note(call, {
    outcome: changed ? 'redacted' : 'clean',
    count: ids.length,
    reason: changed ? 'objects of others were taken out of the list' : null,
  });
  return { changed, refusal: null };
}

async function forgetDeleted(call: Call): Promise<void> {
  const { storedObjects, log } = call.parts;
  const inPath = call.objects?.inPath ?? [];
  const [id] = inPath;
  if (call.request.method !== 'DELETE' || storedObjects === null || call.provider === null || call.tenantId === null)
    return;
  // Taking a file out of a vector store does not delete it.
  if (id === undefined || inPath.length !== 1 || decoded(call.rest.slice(call.rest.lastIndexOf('/') + 1)) !== id)
    return;
  try {
    await storedObjects.forget({ account: accountOf(call.provider), tenantId: call.tenantId, id });
  } catch (error) {
    log.warn({ err: error, decision: call.id }, 'a deleted object stays bound');
  }
}
