import { callerOf, defineRoutes, type Routes } from '#src/platform/http/route.ts';
import { organizationSchema, putOrganizationSchema } from './model.ts';
import type { OrganizationService } from './service.ts';

export function organizationRoutes(service: OrganizationService): Routes {
  return defineRoutes((app) => {
    app.get(
      '/organization',
      { config: { permission: 'organization.read' }, schema: { response: { 200: organizationSchema } } },
      () => service.read(),
    );
    app.put(
      '/organization',
      {
        config: { permission: 'organization.write' },
        schema: { body: putOrganizationSchema, response: { 200: organizationSchema } },
      },
      (request) => service.replace(callerOf(request), request.body),
    );
  });
}
