import { call } from './client.ts';

export type SignInOutcome = 'signed-in' | 'code-needed';
type Answer = { twoFactorRedirect: boolean };

// A refusal here is about what was typed, never about a session that ended.
const quiet401 = true;

export const outcomeOf = (answer: Answer): SignInOutcome => (answer.twoFactorRedirect ? 'code-needed' : 'signed-in');

export async function signIn(email: string, password: string): Promise<SignInOutcome> {
  return outcomeOf(await call<Answer>('POST', '/api/auth/sign-in/email', { body: { email, password }, quiet401 }));
}

/** The second step: six digits from the authenticator app, or one of the backup codes. */
export async function verifyCode(text: string): Promise<void> {
  const code = text.replace(/\s/g, '');
  const path = /^\d{6}$/.test(code) ? 'verify-totp' : 'verify-backup-code';
  await call('POST', `/api/auth/two-factor/${path}`, { body: { code }, quiet401 });
}

export async function signOut(): Promise<void> {
  await call('POST', '/api/auth/sign-out', { body: {}, quiet401 });
}
