import * as z from 'zod';

/*
 * Routes, all under /api/v1:
 *   GET  endpoint-probes           -> EndpointPage                 gateway.read
 *   PUT  endpoint-probes/:itemId   EndpointAddress -> Endpoint     gateway.write
 */

export const EndpointAddress = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an address like https://api.example.com/v1/chat' })
    .max(500)
    .refine((text) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
    }, 'must not hold credentials, a query or a fragment: it becomes part of the evidence'),
  method: z.enum(['GET', 'POST']).default('POST'),
  /** Lets the endpoint be on a private network or this machine; never on a link-local address. */
  allowPrivateAddress: z.boolean().default(false),
});
export type EndpointAddress = z.infer<typeof EndpointAddress>;

/** An inference endpoint of the inventory, with its probe; null where nobody said yet where it answers. */
export const Endpoint = z
  .object({
    itemId: z.string(),
    title: z.string(),
    source: z.string().nullable(),
    probe: z
      .object({
        url: z.string(),
        method: z.enum(['GET', 'POST']),
        allowPrivateAddress: z.boolean(),
        probedAt: z.iso.datetime(),
        /** HTTP status of a call without credentials, and with some that cannot be valid; null where none came. */
        withoutKey: z.int().nullable(),
        wrongKey: z.int().nullable(),
        problem: z.string().nullable(),
        evidenceId: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Endpoint' });
export type Endpoint = z.infer<typeof Endpoint>;
export const EndpointPage = z
  .object({ items: z.array(Endpoint), total: z.int(), probed: z.int() })
  .meta({ id: 'EndpointPage' });
export type EndpointPage = z.infer<typeof EndpointPage>;
