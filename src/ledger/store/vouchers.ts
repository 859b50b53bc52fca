import { type BundleVouchers, NO_VOUCHERS } from '../bundle/bundle-write.ts';
import { assuranceOf } from '../log/assurance.ts';
import type { Assurance, AssuranceLevel } from '../log/assurance-levels.ts';
import { utf8Bytes } from '../log/bytes.ts';
import type { Policy } from '../log/policy.ts';
import { parseVerifierKey } from '../log/verifier-key.ts';
import type { ReadableLog } from './former-log.ts';
import type { Ledger } from './store.ts';
import { logIdOf } from './store-log.ts';
import type { HeadOfLog, SignedHead } from './store-read.ts';

/** What others said about a head: `note` is the checkpoint with the cosignatures at hand. */
export type Vouchers = BundleVouchers & { note: string };

/** The parties outside that vouch for heads, as the ledger sees them. */
export type LedgerOutside = {
  /** Shows them a head at once. `overtaken`: one of them has seen a later head and says nothing about this one. */
  settle(given: HeadOfLog): Promise<{ overtaken: boolean }>;
  vouchersOf(given: HeadOfLog): Promise<Vouchers>;
  largestMirrored(origin: string): Promise<number | null>;
};

const TRIES_MAX = 3;

/** A head that covers entry `index`, once everybody outside who answers in time has seen it. Never fails for them. */
export async function settledHead(ledger: Ledger, index: number): Promise<{ head: SignedHead; vouchers: Vouchers }> {
  for (let tries = 1; ; tries++) {
    const head = await ledger.signedHead();
    if (head.size <= index) throw new RangeError(`entry ${index} is not under the signed head of ${head.size} entries`);
    const given = { identity: identityOf(ledger), head };
    const settled = await ledger.outside?.settle(given);
    if (settled?.overtaken && tries < TRIES_MAX) continue;
    return { head, vouchers: await vouchersOf(ledger, head) };
  }
}

export async function vouchersOf(ledger: ReadableLog, head: SignedHead): Promise<Vouchers> {
  const none = { ...NO_VOUCHERS, note: head.note };
  return (await ledger.outside?.vouchersOf({ identity: identityOf(ledger), head })) ?? none;
}

/** The level a head has reached in the eyes of its operator: all witnesses that are set up count, and any of them will do. */
export async function assuranceOfHead(ledger: ReadableLog, head: SignedHead, vouchers: Vouchers): Promise<Assurance> {
  const { witnesses, timestamps, mirrors } = vouchers;
  const names = witnesses.map(({ name }) => name);
  const any = 'any of those set up';
  const policy: Policy = {
    logs: ledger.ring.activeAt('log', head.size).map(({ key }) => key),
    witnesses: new Map(witnesses.map(({ name, vkey }) => [name, parseVerifierKey(vkey)])),
    groups: new Map(names.length === 0 ? [] : [[any, { threshold: 1, members: names }]]),
    quorum: names.length === 0 ? 'none' : any,
  };
  return assuranceOf({
    note: utf8Bytes(vouchers.note),
    policy,
    timestamps: {
      responses: timestamps.map(({ response }) => response),
      trusted: timestamps.map(({ trusted }) => trusted).join('\n'),
    },
    mirrors: mirrors.map(({ name }) => name),
  });
}

/** The largest signed head that reached each level, by what is stored about heads: for a log that grows all the time. */
export async function sizesReached(ledger: ReadableLog): Promise<{ level: AssuranceLevel; size: number | null }[]> {
  const { rows } = await ledger.database.pool.query<{ signed: number; stamped: number; witnessed: number }>(
    `select (select max(size) from ledger_signed where log_id = $1 and note is not null) as signed,
        (select max(size) from ledger_timestamp where log_id = $1) as stamped,
        (select max(size) from ledger_cosignature where log_id = $1) as witnessed`,
    [logIdOf(ledger.origin)],
  );
  const row = rows[0];
  const mirrored = (await ledger.outside?.largestMirrored(ledger.origin)) ?? null;
  const witnessed = row?.witnessed ?? null;
  return [
    { level: 'signed', size: row?.signed ?? null },
    { level: 'time-stamped', size: row?.stamped ?? null },
    { level: 'witnessed', size: witnessed },
    // Mirrored is about a head that is witnessed too.
    { level: 'mirrored', size: mirrored === null || witnessed === null ? null : Math.min(mirrored, witnessed) },
  ];
}

function identityOf({ origin }: ReadableLog): HeadOfLog['identity'] {
  return { id: logIdOf(origin), origin };
}
