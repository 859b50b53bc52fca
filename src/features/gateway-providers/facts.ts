import type { KnownFact } from '#src/facts/index.ts';
import type { Executor } from '#src/platform/database/connect.ts';
import { listProviderRows } from './store.ts';

/** Every provider for the control tests. Says that a key is in the secret store, never anything of the key. */
export async function gatewayProviderFacts(executor: Executor): Promise<KnownFact<'gateway-provider'>[]> {
  return (await listProviderRows(executor)).map((row) => ({
    kind: 'gateway-provider',
    key: row.id,
    body: {
      name: row.name,
      providerKind: row.kind,
      host: new URL(row.baseUrl).host,
      encrypted: row.baseUrl.startsWith('https://'),
      privateAddressAllowed: row.allowPrivateAddress,
      key: row.authStyle === 'none' ? 'not_needed' : row.secretName === null ? 'missing' : 'in_secret_store',
      keySetAt: row.keySetAt?.toISOString() ?? null,
      models: row.models,
    },
  }));
}
