import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { actorOf, ledgerActor } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { formatKeyId } from '#src/ledger/log/verifier-key.ts';
import { retireKey, rotateKey } from '#src/ledger/store/rotate-key.ts';
import type { Ledger } from '#src/ledger/store/store.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { LedgerKeys, RetireLedgerKey, RotateLedgerKey } from './model.ts';
import { presentKeys } from './present-keys.ts';

const write = { permission: 'ledger-keys.write', perMinute: 10 } as const;
const ById = z.object({ id: z.string().regex(/^[0-9a-f]{8}$/, 'must be the id of a key, 8 hex digits') });

export function ledgerKeyRoutes(parts: { ledger: Ledger; database: Database; dataDir: string }): Routes {
  const { ledger, database, dataDir } = parts;
  const inTurn = turns();
  return defineRoutes((app) => {
    app.get('/ledger-keys', { config: { permission: 'ledger.read' }, schema: { response: { 200: LedgerKeys } } }, () =>
      presentKeys(ledger, database),
    );
    app.post(
      '/ledger-keys',
      { config: write, schema: { body: RotateLedgerKey, response: { 201: LedgerKeys } } },
      async (request, reply) => {
        const actor = personActing(request);
        const { purpose, confirm } = request.body;
        await inTurn(async () => {
          await ledger.ring.refresh();
          requireConfirmed(confirm, formatKeyId(ledger.ring.newest(purpose).key.id));
          await rotateKey(ledger, { purpose, actor, dataDir });
        });
        return reply.code(201).send(await presentKeys(ledger, database));
      },
    );
    app.post(
      '/ledger-keys/:id/retire',
      { config: write, schema: { params: ById, body: RetireLedgerKey, response: { 200: LedgerKeys } } },
      async (request) => {
        const actor = personActing(request);
        const { id } = request.params;
        requireConfirmed(request.body.confirm, id);
        await inTurn(() => retireKey(ledger, { wanted: id, actor, dataDir }));
        return presentKeys(ledger, database);
      },
    );
  });
}

/** A key that leaked must not be able to change what the ledger is signed with. Throws `forbidden`. */
function personActing(request: FastifyRequest) {
  const caller = callerOf(request);
  if (caller.kind !== 'user')
    throw new AppError(
      'forbidden',
      'An API key cannot change the keys of the ledger. Sign in, or use the command line.',
    );
  return ledgerActor(actorOf(caller));
}

function requireConfirmed(given: string, id: string): void {
  if (given.toLowerCase() !== id)
    throw new AppError('invalid_input', `confirm: type the id of the key, ${id}, to confirm.`);
}

/** One change after the other: two at once would both find that no other key is taking over. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
