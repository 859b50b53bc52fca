import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, openApi } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { sessionQuery } from '#src/apps/web/session.ts';
import { PASSWORD_LENGTH_MIN } from '../model.ts';
import classes from './entrance.module.css';
import { Entrance } from './entrance.tsx';

const route = getRouteApi('/setup');

/** The first user, by the one-time link that was printed when the server started. */
export function SetupPage() {
  const { token } = route.useSearch();
  const query = useQuery({
    queryKey: ['setup', token],
    queryFn: ({ signal }) =>
      answerOf(openApi.GET('/api/v1/setup', { params: { query: { token: token ?? '' } }, signal })),
    enabled: token !== undefined,
  });
  if (token === undefined) return <NoLink />;
  return (
    <Loaded query={query} what="the setup link" rows={3}>
      {({ valid }) => (valid ? <FirstUser token={token} /> : <UsedLink />)}
    </Loaded>
  );
}

function NoLink() {
  return (
    <Entrance
      title="Open the sign-in link"
      lead={
        <>
          This Assay has no user yet. When the server started it printed a link that works once, like{' '}
          <code>http://127.0.0.1:4400/setup?token=…</code>. Open that link to become its owner.
        </>
      }
    >
      <p className={classes.lead}>The link is gone from the screen? Start the server again: it prints a new one.</p>
    </Entrance>
  );
}

function UsedLink() {
  return (
    <Entrance
      title="This link does not work"
      lead="It was used already, has run out, or is not complete. While there is no user, the server prints a new link at each start."
    >
      <p className={classes.lead}>
        There is a user already? <Link to="/sign-in">Sign in</Link>.
      </p>
    </Entrance>
  );
}

function FirstUser({ token }: { token: string }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const create = useMutation({
    mutationFn: () => answerOf(openApi.POST('/api/v1/setup', { body: { token, name, email, password } })),
    onSuccess: async () => {
      await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
      navigate({ to: '/', replace: true });
    },
  });
  const failure = create.error ? asFailure(create.error) : null;
  const isAboutField = failure !== null && Object.keys(failure.fields).length > 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <Entrance
      title="Become the owner"
      lead="You are the first user here. Owners may do everything, and invite the others."
    >
      <form onSubmit={submit} className={classes.form}>
        {failure && !isAboutField ? (
          <p className={classes.problem} role="alert">
            {failure.message}
          </p>
        ) : null}
        <TextInput
          label="Name"
          autoComplete="name"
          required
          withAsterisk={false}
          autoFocus
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          error={failure?.fields.email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <NewPassword value={password} onChange={setPassword} error={failure?.fields.password} />
        <Button type="submit" size="sm" fullWidth loading={create.isPending}>
          Create and sign in
        </Button>
      </form>
    </Entrance>
  );
}

export function NewPassword({
  value,
  onChange,
  error,
  label = 'Password',
}: {
  value: string;
  onChange: (password: string) => void;
  error?: string;
  label?: string;
}) {
  return (
    <PasswordInput
      label={label}
      description={`At least ${PASSWORD_LENGTH_MIN} characters. Length is what counts; a sentence works well.`}
      autoComplete="new-password"
      required
      withAsterisk={false}
      minLength={PASSWORD_LENGTH_MIN}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
    />
  );
}
