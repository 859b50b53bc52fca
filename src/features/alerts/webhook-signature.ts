import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX = 'whsec_';

/** A fresh key for signing, in the form the Standard Webhooks libraries take. */
export function newSigningSecret(): string {
  return `${PREFIX}${randomBytes(24).toString('base64')}`;
}

/**
 * The headers that let a receiver check a message: its id (the same at every retry), when it was signed, and HMAC-SHA256
 * over `id.timestamp.body`. Source: Standard Webhooks 1.0.0, "Signature scheme".
 */
export function signedHeaders(message: { id: string; atMs: number; body: string }, secret: string) {
  const timestamp = String(Math.floor(message.atMs / 1_000));
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${sign(`${message.id}.${timestamp}.${message.body}`, secret)}`,
  };
}

/** True when one of the signatures is right and the message is at most `toleranceMs` old or early. For receivers and tests. */
export function isSigned(
  message: { id: string; timestamp: string; signature: string; body: string },
  secret: string,
  nowMs: number,
  toleranceMs = 300_000,
): boolean {
  if (!(Math.abs(nowMs - Number(message.timestamp) * 1_000) <= toleranceMs)) return false;
  const expected = Buffer.from(sign(`${message.id}.${message.timestamp}.${message.body}`, secret));
  return message.signature.split(' ').some((given) => {
    const bytes = Buffer.from(given.startsWith('v1,') ? given.slice(3) : '');
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

function sign(content: string, secret: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
