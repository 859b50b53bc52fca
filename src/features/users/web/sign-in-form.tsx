import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asFailure } from '#src/apps/web/failure.ts';
import { signIn, verifyCode } from '#src/apps/web/sign-in.ts';
import classes from './entrance.module.css';

/** E-mail and password, then a code where one is asked for. Used by the sign-in page and over a page whose session ended. */
export function SignInForm({ email: knownEmail = '', onSignedIn }: { email?: string; onSignedIn: () => void }) {
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [step, setStep] = useState<'password' | 'code'>('password');
  const enter = useMutation({
    mutationFn: async () => {
      if (step === 'code') await verifyCode(code);
      else if ((await signIn(email.trim(), password)) === 'code-needed') return 'code-needed';
      return 'signed-in';
    },
    onSuccess: (outcome) => {
      if (outcome === 'code-needed') setStep('code');
      else onSignedIn();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    enter.mutate();
  }
  const problem = enter.error ? asFailure(enter.error) : null;

  return (
    <form onSubmit={submit} className={classes.form}>
      {problem ? (
        <p className={classes.problem} role="alert">
          {problem.message}
        </p>
      ) : null}
      {step === 'password' ? (
        <>
          <TextInput
            label="Email"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            data-autofocus={knownEmail ? undefined : true}
            autoFocus={!knownEmail}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-autofocus={knownEmail ? true : undefined}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          />
        </>
      ) : (
        <TextInput
          label="Code"
          description="Six digits from your authenticator app, or a backup code."
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          withAsterisk={false}
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      <Button type="submit" size="sm" fullWidth loading={enter.isPending}>
        {step === 'code' ? 'Continue' : 'Sign in'}
      </Button>
    </form>
  );
}
