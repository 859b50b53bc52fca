import * as z from 'zod';
import { FILE_MAX_BYTES, FILES_MAX, GATEWAY_KINDS, type GatewayKind } from '#src/connectors/gateway-config/model.ts';

/*
 * Routes, all under /api/v1:
 *   GET    gateway-imports            -> GatewayImportPage                      gateway.read
 *   POST   gateway-imports            NewGatewayImport -> GatewayImport          gateway.write
 *   DELETE gateway-imports/:name      -> 204                                     gateway.write
 */

/** How people call them. */
export const KIND_TITLES: Record<GatewayKind, string> = {
  kong: 'Kong Gateway',
  envoy: 'Envoy Gateway or AI Gateway',
  nginx: 'NGINX',
  litellm: 'LiteLLM proxy',
};

const importNameSchema = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be small letters, digits and . _ - only, at most 63');

export const NewGatewayImport = z.strictObject({
  /** What people call the gateway. The same name replaces what was imported before. */
  name: importNameSchema,
  /** Left out: found out from the files. */
  gateway: z.enum(GATEWAY_KINDS).optional(),
  files: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(300),
        text: z.string().max(FILE_MAX_BYTES, `must be at most ${FILE_MAX_BYTES} characters`),
      }),
    )
    .min(1)
    .max(FILES_MAX),
});
export type NewGatewayImport = z.infer<typeof NewGatewayImport>;

const Said = z.object({ state: z.enum(['yes', 'no', 'unknown']), by: z.string() });
export const ImportedRoute = z
  .object({
    route: z.string(),
    file: z.string(),
    line: z.int(),
    isClosed: z.boolean(),
    authenticated: Said,
    requestsLimited: Said,
    tokensLimited: Said,
  })
  .meta({ id: 'ImportedGatewayRoute' });
export type ImportedRoute = z.infer<typeof ImportedRoute>;

export const GatewayImport = z
  .object({
    name: z.string(),
    gateway: z.enum(GATEWAY_KINDS),
    importedAt: z.iso.datetime(),
    /** What of the files was not read, and why; null where they were read whole. */
    cut: z.string().nullable(),
    routes: z.array(ImportedRoute),
    evidenceId: z.string(),
  })
  .meta({ id: 'GatewayImport' });
export type GatewayImport = z.infer<typeof GatewayImport>;
export const GatewayImportPage = z
  .object({ items: z.array(GatewayImport), total: z.int() })
  .meta({ id: 'GatewayImportPage' });
export type GatewayImportPage = z.infer<typeof GatewayImportPage>;
