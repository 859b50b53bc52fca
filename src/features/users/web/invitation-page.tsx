import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, openApi } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { sessionQuery } from '#src/apps/web/session.ts';
import classes from './entrance.module.css';
import { Entrance } from './entrance.tsx';
import { NewPassword } from './setup-page.tsx';

const route = getRouteApi('/invitation');

type Invitation = { valid: boolean; name: string | null; email: string | null };

/** Somebody invited chooses a password; the link works once. Also used to set a forgotten one anew. */
export function InvitationPage() {
  const { token = '' } = route.useSearch();
  const query = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => answerOf(openApi.GET('/api/v1/invitation', { params: { query: { token } }, signal })),
  });
  return (
    <Loaded query={query} what="the invitation" rows={3}>
      {(invitation) => (invitation.valid ? <Accept token={token} invitation={invitation} /> : <Spent />)}
    </Loaded>
  );
}

function Spent() {
  return (
    <Entrance
      title="This link does not work"
      lead="It was used already, has run out, or is not complete. Ask whoever invited you for a new one."
    >
      <p className={classes.lead}>
        You have a password already? <Link to="/sign-in">Sign in</Link>.
      </p>
    </Entrance>
  );
}

function Accept({ token, invitation }: { token: string; invitation: Invitation }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: () => answerOf(openApi.POST('/api/v1/invitation', { body: { token, password } })),
    onSuccess: async ({ twoFactorRedirect }) => {
      queryClient.clear();
      if (!twoFactorRedirect) await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
      navigate({ to: twoFactorRedirect ? '/sign-in' : '/', replace: true });
    },
  });
  const failure = accept.error ? asFailure(accept.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    accept.mutate();
  }
  return (
    <Entrance
      title={`Welcome, ${invitation.name ?? 'new user'}`}
      lead={`Choose a password for ${invitation.email ?? 'your account'}.`}
    >
      <form onSubmit={submit} className={classes.form}>
        {failure && !failure.fields.password ? (
          <p className={classes.problem} role="alert">
            {failure.message}
          </p>
        ) : null}
        <NewPassword value={password} onChange={setPassword} error={failure?.fields.password} />
        <Button type="submit" size="sm" fullWidth loading={accept.isPending}>
          Set password and sign in
        </Button>
      </form>
    </Entrance>
  );
}
