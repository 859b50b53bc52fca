import * as z from 'zod';
import { DAY_MS, HOUR_MS } from '#src/kernel/time.ts';

export const OPERATION_SPANS = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS } as const;
export type OperationSpan = keyof typeof OPERATION_SPANS;
export const OperationQuery = z.object({
  span: z.enum(['1h', '24h', '7d']).default('24h'),
  systemId: z.string().max(64).optional(),
});
export type OperationQuery = z.infer<typeof OperationQuery>;

const count = z.number().int();
const ms = z.number().nullable();
export const Operation = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    items: z.array(
      z.object({
        systemId: z.string(),
        /** Null for calls of routes that belong to no system. */
        systemName: z.string().nullable(),
        /** Path of a route of the gateway, or what the segment `endpoint` said; null where neither is told. */
        endpoint: z.string().nullable(),
        calls: count,
        errors: count,
        /** Operations that did not say whether they failed. */
        unknown: count,
        errorShare: z.number().nullable(),
        /** Wilson. */
        errorInterval95: z.object({ low: z.number(), high: z.number() }).nullable(),
        timed: count,
        p50Ms: ms,
        p95Ms: ms,
        p99Ms: ms,
      }),
    ),
  })
  .meta({ id: 'MonitorOperation' });
export type Operation = z.infer<typeof Operation>;
