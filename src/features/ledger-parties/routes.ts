import * as z from 'zod';
import { actorOf, type NamesOf, resolveWho } from '#src/features/records/index.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Database } from '#src/platform/database/connect.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { LedgerParties, LedgerParty, NewLedgerParty } from './model.ts';
import type { Parties } from './parties.ts';
import { addParty, listParties, listProblems, partyById, removeParty } from './party-store.ts';
import { presentParty } from './present-party.ts';
import type { PartyRow } from './tables.ts';

const ById = z.object({ id: z.string().max(64) });
const write = { permission: 'ledger-parties.write' } as const;

export function ledgerPartyRoutes(services: {
  database: Database;
  clock: Clock;
  dataDir: string;
  parties: Pick<Parties, 'tryNow'>;
  namesOf: NamesOf;
}): Routes {
  const { database, parties, namesOf } = services;
  const { drizzle } = database;
  const present = async (rows: readonly PartyRow[]) => {
    const who = await resolveWho(
      namesOf,
      rows.map((row) => row.addedBy),
    );
    return rows.map((row) => presentParty(row, who));
  };
  const presentOne = async (row: PartyRow) => (await present([row]))[0] as LedgerParty;
  return defineRoutes((app) => {
    app.get(
      '/ledger-parties',
      { config: { permission: 'ledger-parties.read' }, schema: { response: { 200: LedgerParties } } },
      async () => ({
        items: await present(await listParties(drizzle)),
        problems: (await listProblems(drizzle)).map((one) => ({
          ...one,
          beganAt: one.beganAt.toISOString(),
          endedAt: one.endedAt?.toISOString() ?? null,
        })),
      }),
    );
    app.post(
      '/ledger-parties',
      { config: { ...write, perMinute: 30 }, schema: { body: NewLedgerParty, response: { 201: LedgerParty } } },
      async (request, reply) => {
        const row = await addParty(services, request.body, actorOf(callerOf(request)));
        return reply.code(201).send(await presentOne(row));
      },
    );
    app.post(
      '/ledger-parties/:id/try',
      { config: { ...write, perMinute: 30 }, schema: { params: ById, response: { 200: LedgerParty } } },
      async (request) => {
        const { id } = request.params;
        await parties.tryNow(await partyById(drizzle, id));
        return presentOne(await partyById(drizzle, id));
      },
    );
    app.delete(
      '/ledger-parties/:id',
      { config: write, schema: { params: ById, response: { 204: z.undefined() } } },
      async (request, reply) => {
        await removeParty(services, request.params.id, actorOf(callerOf(request)));
        return reply.code(204).send();
      },
    );
  });
}
