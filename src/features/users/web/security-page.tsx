import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api, openApi } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useMay, useSession } from '#src/apps/web/session.ts';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { FormButtons, FormProblem } from '#src/ui/form.tsx';
import { Section } from '#src/ui/page.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { NewPassword } from './setup-page.tsx';
import classes from './users.module.css';

/** How the reader signs in: the password, and a second factor. */
export function SecurityPage() {
  return (
    <>
      <Password />
      <SecondFactor />
    </>
  );
}

function Password() {
  const toast = useToast();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const change = useMutation({
    mutationFn: () => answerOf(openApi.POST('/api/v1/session/password', { body: { currentPassword, newPassword } })),
    onSuccess: () => {
      setCurrent('');
      setNew('');
      toast.done('The password is changed', 'Your other sessions have ended.');
    },
  });
  const failure = change.error ? asFailure(change.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate();
  }
  return (
    <Section title="Password">
      <form onSubmit={submit} className={classes.panel}>
        <FormProblem failure={failure && !failure.fields.newPassword ? failure : null} />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        <NewPassword label="New password" value={newPassword} onChange={setNew} error={failure?.fields.newPassword} />
        <FormButtons align="start">
          <Button type="submit" loading={change.isPending}>
            Change the password
          </Button>
        </FormButtons>
      </form>
    </Section>
  );
}

type Enrollment = { totpURI: string; backupCodes: string[] };

/** Whether the reader has a second factor: only those who may list the users are told; for the rest both ways are offered. */
function useSecondFactorState(): boolean | null {
  const me = useSession().user;
  const mayList = useMay('users.read');
  const users = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/users', { signal })),
    enabled: mayList,
  }).data;
  return users?.items.find(({ id }) => id === me?.id)?.twoFactor ?? null;
}

function SecondFactor() {
  const toast = useToast();
  const isOn = useSecondFactorState();
  const [password, setPassword] = useState('');
  const [enrollment, setEnrollment] = useState<Enrollment | null>(null);
  const enable = useMutation({
    mutationFn: () => answerOf(openApi.POST('/api/auth/two-factor/enable', { body: { password } })),
    onSuccess: (answer) => {
      setPassword('');
      setEnrollment(answer);
    },
  });
  const disable = useMutation({
    mutationFn: () => answerOf(openApi.POST('/api/auth/two-factor/disable', { body: { password } })),
    onSuccess: () => {
      setPassword('');
      toast.done('The second factor is off');
    },
  });
  const error = enable.error ?? disable.error;
  if (enrollment) return <Enroll enrollment={enrollment} onDone={() => setEnrollment(null)} />;
  return (
    <Section
      title="Second factor"
      lead="Six digits from an authenticator app, asked for after the password. Anyone who may change evidence should have one."
      aside={isOn === null ? null : isOn ? 'On' : 'Off'}
    >
      <form
        className={classes.panel}
        onSubmit={(event) => {
          event.preventDefault();
          if (isOn) disable.mutate();
          else enable.mutate();
        }}
      >
        <FormProblem failure={error ? asFailure(error) : null} />
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        <FormButtons align="start">
          {isOn !== true ? (
            <Button type="submit" loading={enable.isPending}>
              Set up a second factor
            </Button>
          ) : null}
          {isOn !== false ? (
            <Button
              variant="default"
              type={isOn ? 'submit' : 'button'}
              loading={disable.isPending}
              onClick={isOn ? undefined : () => disable.mutate()}
            >
              Turn it off
            </Button>
          ) : null}
        </FormButtons>
      </form>
    </Section>
  );
}

function Enroll({ enrollment, onDone }: { enrollment: Enrollment; onDone: () => void }) {
  const toast = useToast();
  const [code, setCode] = useState('');
  const secret = new URL(enrollment.totpURI).searchParams.get('secret') ?? '';
  const verify = useMutation({
    mutationFn: () =>
      answerOf(openApi.POST('/api/auth/two-factor/verify-totp', { body: { code: code.replace(/\s/g, '') } })),
    onSuccess: () => {
      toast.done('The second factor is on');
      onDone();
    },
  });
  return (
    <Section title="Second factor">
      <form
        className={classes.panel}
        onSubmit={(event) => {
          event.preventDefault();
          verify.mutate();
        }}
      >
        <p>
          1. Add this key to your authenticator app, or open <a href={enrollment.totpURI}>the setup link</a> on the
          device that has it.
        </p>
        <div className={classes.secret}>
          <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
          <CopyButton text={secret} what="key" />
        </div>
        <p>
          2. Keep these codes somewhere safe. Each signs you in once if the device is lost. They are not shown again.
        </p>
        <div className={classes.secret}>
          <ul className={classes.codes} style={{ flex: 1 }}>
            {enrollment.backupCodes.map((backup) => (
              <li key={backup}>{backup}</li>
            ))}
          </ul>
          <CopyButton text={enrollment.backupCodes.join('\n')} what="backup codes" />
        </div>
        <FormProblem failure={verify.error ? asFailure(verify.error) : null} />
        <TextInput
          label="3. Code from the app"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <FormButtons align="start">
          <Button type="submit" loading={verify.isPending}>
            Turn it on
          </Button>
          <Button variant="default" onClick={onDone}>
            Not now
          </Button>
        </FormButtons>
      </form>
    </Section>
  );
}
