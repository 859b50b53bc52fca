import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { PROBLEM_TYPE } from './problem.ts';
import type { App } from './route.ts';

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

// Formats whose generated pattern is hundreds of characters long and says nothing the format does not.
const SELF_EXPLAINING = new Set(['uuid', 'date-time', 'date', 'time', 'duration', 'email', 'ipv4', 'ipv6', 'uri']);

const SIGNED_IN: { [scheme: string]: string[] }[] = [{ session: [] }, { apiKey: [] }];

const transform = createJsonSchemaTransform({});
const transformObject = createJsonSchemaTransformObject({});

/** Describes every route under /api as OpenAPI 3.1, read from the zod schemas that also check the traffic. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Assay',
        version,
        description: 'The HTTP API of Assay. Every answer that is not a success is application/problem+json.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'ask_…' },
          session: { type: 'apiKey', in: 'cookie', name: 'assay.session_token' },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = transform(document);
      const permission = document.route.config?.permission;
      const isHidden = !url.startsWith('/api/') || schema?.hide === true;
      return {
        url,
        schema: {
          ...schema,
          hide: isHidden,
          security: permission === 'public' ? [] : SIGNED_IN,
          ...(permission?.includes('.') ? { description: describePermission(schema, permission) } : {}),
        },
      };
    },
    transformObject: (document) =>
      tidy(transformObject(document) as unknown as Json) as ReturnType<typeof transformObject>,
  });

  app.get(
    '/api/openapi.json',
    {
      config: { permission: 'public' },
      schema: { hide: true, response: { 200: z.record(z.string(), z.unknown()) } },
    },
    () => app.swagger() as unknown as Record<string, unknown>,
  );
}

/** The document as it is committed: call it once every route is registered and the server is ready. */
export function openApiText(app: App): string {
  return `${JSON.stringify(app.swagger(), null, 2)}\n`;
}

function describePermission(schema: { description?: string } | undefined, permission: string): string {
  return [schema?.description, `Needs the permission \`${permission}\`.`].filter(Boolean).join(' ');
}

const PROBLEM_ANSWER = {
  description: 'What failed, and what to do next',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Puts the one error answer on every operation, and leaves out what only makes the document long. */
function tidy(document: Json): Json {
  const cleaned = withoutPatterns(document);
  if (!isObject(cleaned) || !isObject(cleaned.paths)) return cleaned;
  for (const path of Object.values(cleaned.paths)) {
    if (!isObject(path)) continue;
    for (const operation of Object.values(path))
      if (isObject(operation) && isObject(operation.responses)) operation.responses.default = PROBLEM_ANSWER;
  }
  dropUnusedSchemas(cleaned);
  return cleaned;
}

function withoutPatterns(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutPatterns);
  if (!isObject(value)) return value;
  const isBloated = typeof value.pattern === 'string' && SELF_EXPLAINING.has(String(value.format));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([member]) => !(isBloated && member === 'pattern'))
      .map(([member, held]) => [member, withoutPatterns(held)]),
  );
}

/** The registry knows each schema as read and as written; keep those the document points to. */
function dropUnusedSchemas(document: { [member: string]: Json }): void {
  const components = document.components;
  if (!isObject(components) || !isObject(components.schemas)) return;
  const schemas = components.schemas;
  const used = new Set<string>();
  const pending: Json[] = [document.paths ?? null];
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const name of refsIn(next)) {
      if (used.has(name)) continue;
      used.add(name);
      pending.push(schemas[name] ?? null);
    }
  components.schemas = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function refsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isObject(value)) return [];
  const own = typeof value.$ref === 'string' ? [value.$ref.replace('#/components/schemas/', '')] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

function isObject(value: Json | undefined): value is { [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
