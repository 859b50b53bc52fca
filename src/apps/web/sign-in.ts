import { answerOf, openApi } from './client.ts';

export type SignInOutcome = 'signed-in' | 'code-needed';

export async function signIn(email: string, password: string): Promise<SignInOutcome> {
  const answer = await answerOf(openApi.POST('/api/auth/sign-in/email', { body: { email, password } }));
  return answer.twoFactorRedirect ? 'code-needed' : 'signed-in';
}

/** The second step: six digits from the authenticator app, or one of the backup codes. */
export async function verifyCode(text: string): Promise<void> {
  const body = { code: text.replace(/\s/g, '') };
  await answerOf(
    /^\d{6}$/.test(body.code)
      ? openApi.POST('/api/auth/two-factor/verify-totp', { body })
      : openApi.POST('/api/auth/two-factor/verify-backup-code', { body }),
  );
}

export async function signOut(): Promise<void> {
  await answerOf(openApi.POST('/api/auth/sign-out'));
}
