import * as z from 'zod';
import { actorOf } from '#src/features/records/index.ts';
import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { Endpoint, EndpointAddress, EndpointPage } from './model.ts';
import { type EndpointParts, listEndpoints, probeEndpoint } from './probe-endpoints.ts';

const ById = z.object({ itemId: z.string().max(64) });

export function endpointProbeRoutes(parts: EndpointParts): Routes {
  return defineRoutes((app) => {
    app.get(
      '/endpoint-probes',
      { config: { permission: 'gateway.read' }, schema: { response: { 200: EndpointPage } } },
      () => listEndpoints(parts),
    );
    app.put(
      '/endpoint-probes/:itemId',
      {
        config: { permission: 'gateway.write', perMinute: 20 },
        schema: { params: ById, body: EndpointAddress, response: { 200: Endpoint } },
      },
      (request) => probeEndpoint(parts, request.params.itemId, request.body, actorOf(callerOf(request))),
    );
  });
}
