import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { type ImportParts, importConfig, listImports, removeImport } from './import-config.ts';
import { GatewayImport, GatewayImportPage, NewGatewayImport } from './model.ts';

const BODY_MAX_BYTES = 6 * 1024 * 1024;

export function gatewayImportRoutes(parts: ImportParts): Routes {
  return defineRoutes((app) => {
    app.get(
      '/gateway-imports',
      { config: { permission: 'gateway.read' }, schema: { response: { 200: GatewayImportPage } } },
      () => listImports(parts),
    );
    app.post(
      '/gateway-imports',
      {
        config: { permission: 'gateway.write', perMinute: 20 },
        bodyLimit: BODY_MAX_BYTES,
        schema: { body: NewGatewayImport, response: { 201: GatewayImport } },
      },
      async (request, reply) => {
        reply.code(201);
        return importConfig(parts, request.body, actorOf(callerOf(request)));
      },
    );
    app.delete(
      '/gateway-imports/:name',
      {
        config: { permission: 'gateway.write' },
        schema: { params: z.object({ name: z.string().max(64) }), response: { 204: z.null() } },
      },
      async (request, reply) => {
        await removeImport(parts, request.params.name, actorOf(callerOf(request)));
        return reply.code(204).send(null);
      },
    );
  });
}
