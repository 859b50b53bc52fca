import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  aRoute,
  aSnapshot,
  aTenant,
  type FakeProvider,
  openFakeProvider,
  openTestGateway,
  sendJson,
  type TestGateway,
} from '../../../tests/support/gateway.ts';

let provider: FakeProvider;
let rig: TestGateway;
let fetches = 0;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let other: typeof pair;
const issuerServer = createServer((_request, response) => {
  fetches++;
  void exportJWK(pair.publicKey).then((jwk) =>
    sendJson(response, { keys: [{ ...jwk, kid: 'k1', alg: 'ES256', use: 'sig' }] }),
  );
});

beforeAll(async () => {
  pair = await generateKeyPair('ES256');
  other = await generateKeyPair('ES256');
  await new Promise<void>((resolve) => issuerServer.listen(0, '127.0.0.1', resolve));
  provider = await openFakeProvider((_request, response) => sendJson(response, { object: 'list', data: [] }));
  const jwksUrl = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}/jwks`;
  rig = await openTestGateway(
    aSnapshot(provider, {
      tenants: [aTenant(), aTenant({ id: 'ten_off', state: 'suspended' })],
      routes: [aRoute()],
      jwtIssuers: [
        {
          id: 'iss_1',
          issuer: 'https://id.test',
          audience: 'gateway',
          jwksUrl,
          tenantClaim: 'tenant',
          algorithms: ['ES256'],
        },
      ],
    }),
  );
});
afterAll(async () => {
  await rig.close();
  await provider.close();
  issuerServer.close();
});

async function status(
  claims: Record<string, unknown>,
  change: {
    key?: typeof pair.privateKey;
    alg?: string;
    issuer?: string;
    audience?: string;
    expires?: number | null;
  } = {},
) {
  let token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(change.issuer ?? 'https://id.test')
    .setAudience(change.audience ?? 'gateway')
    .setSubject('app@corp.test')
    .setIssuedAt();
  if (change.expires !== null) token = token.setExpirationTime(change.expires ?? Math.floor(Date.now() / 1_000) + 300);
  const signed = await token.sign(change.key ?? pair.privateKey);
  const response = await fetch(`${rig.url}/v1/models`, { headers: { authorization: `Bearer ${signed}` } });
  await response.text();
  return response.status;
}

it('takes a token of a named issuer for its tenant, and fetches the issuer’s keys once', async () => {
  expect(await status({ tenant: 'ten_1' })).toBe(200);
  expect(await status({ tenant: 'ten_1', scope: 'gateway:models' })).toBe(200);
  expect(await status({ tenant: 'ten_1', scope: 'gateway:chat' })).toBe(403);
  expect(fetches).toBe(1);
  const [decision] = await rig.recorded(3);
  expect(decision).toMatchObject({ tenantId: 'ten_1', keyId: expect.stringMatching(/^iss_1:[0-9a-f]{16}$/) });
  expect(JSON.stringify(rig.decisions)).not.toContain('corp.test');
});

it('refuses every other token', async () => {
  expect(await status({ tenant: 'ten_none' })).toBe(401);
  expect(await status({})).toBe(401);
  expect(await status({ tenant: 'ten_off' })).toBe(403);
  expect(await status({ tenant: 'ten_1' }, { key: other.privateKey })).toBe(401);
  expect(await status({ tenant: 'ten_1' }, { issuer: 'https://else.test' })).toBe(401);
  expect(await status({ tenant: 'ten_1' }, { audience: 'another' })).toBe(401);
  expect(await status({ tenant: 'ten_1' }, { expires: 1_000 })).toBe(401);
  expect(await status({ tenant: 'ten_1' }, { expires: null })).toBe(401);
});
