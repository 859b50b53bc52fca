import { randomBytes } from 'node:crypto';
import type { Secrets } from '#src/platform/secrets.ts';

const SALT_SECRET = 'gateway.salt';

/** The secret of this installation for hashes of addresses, findings and end users; made on first use. */
export function gatewaySalt(secrets: Pick<Secrets, 'getOrCreate'>): Promise<string> {
  return secrets.getOrCreate(SALT_SECRET, () => randomBytes(32).toString('base64url'));
}
