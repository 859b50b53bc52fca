import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';
import { Hold } from '#src/features/retention/model.ts';

/*
 * Routes, all under /api/v1/persons:
 *   GET  ''            -> PersonPage                        persons.read
 *   GET  :id           -> PersonDetail                      persons.read
 *   POST :id/erase     PersonErasure -> PersonDetail        persons.erase
 */

/** Why a person is erased: what the ledger says of it. The articles are those of Regulation (EU) 2016/679. */
export const ERASURE_REASONS = {
  request: 'The person asked for it (GDPR article 17(1)(c))',
  'consent-withdrawn': 'Consent was withdrawn (GDPR article 17(1)(b))',
  'no-longer-needed': 'No longer needed for what it was collected for (GDPR article 17(1)(a))',
  unlawful: 'It was held unlawfully (GDPR article 17(1)(d))',
  law: 'A law asks for it (GDPR article 17(1)(e))',
} as const;
export const ErasureReason = z.enum(['request', 'consent-withdrawn', 'no-longer-needed', 'unlawful', 'law']);
export type ErasureReason = z.infer<typeof ErasureReason>;

export const Person = z
  .object({
    /** The opaque id under which entries of the ledger name the person. */
    id: z.string(),
    /** Null where no name is kept. */
    name: z.string().nullable(),
    email: z.string().nullable(),
    state: z.enum(['held', 'erased']),
    /** Entries of the ledger with values kept beside them. */
    entries: z.number().int(),
    values: z.number().int(),
    /** Files handed in, encrypted under the key of the person. */
    files: z.number().int(),
    /** True while a legal hold keeps it all. */
    onHold: z.boolean(),
    erasedAt: z.string().nullable(),
  })
  .meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

export const PersonPage = z.object({ items: z.array(Person), total: z.number().int() });
export type PersonPage = z.infer<typeof PersonPage>;

export const PersonDetail = Person.extend({
  /** One sentence for each thing that erasing destroys. */
  willBeLost: z.array(z.string()),
  /** What stays and why that is no personal data any more. */
  willStay: z.array(z.string()),
  /** Why erasing is refused now; null where it is possible. */
  blockedBy: z.string().nullable(),
  holds: z.array(Hold),
  /** Remarks of nobody knows whom, the first 200: erasing takes those that are named with it. Empty once erased. */
  unattributed: z.array(z.object({ ref: z.string(), words: z.string() })),
  erasure: z
    .object({
      at: z.string(),
      by: Who,
      reason: ErasureReason,
      basis: z.string(),
      values: z.number().int(),
      files: z.number().int(),
    })
    .nullable(),
}).meta({ id: 'PersonDetail' });
export type PersonDetail = z.infer<typeof PersonDetail>;

export const PersonErasure = z.strictObject({
  reason: ErasureReason,
  /** The rule it rests on, such as a number of the request. Goes into the ledger, so it must not name anybody. */
  basis: z
    .string()
    .trim()
    .min(1, 'must say on what it rests, such as "request 2026-14"')
    .max(200)
    .regex(/^[^@]*$/, 'must not hold an address: it stays in the ledger'),
  /** The id once more, so that nobody is erased by a slip. */
  confirm: z.string().max(128),
  /** Remarks without a recorded author that are this person's, by their `ref` in `unattributed`. */
  words: z.array(z.string().max(300)).max(200).default([]),
});
export type PersonErasure = z.infer<typeof PersonErasure>;
