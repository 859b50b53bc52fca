import { Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { Day, When } from '#src/ui/instant.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { mayAssignRole, ROLE_MEANINGS, ROLES, type User } from '../model.ts';
import { ChangeRole } from './change-role.tsx';
import { InviteUser, LinkShown, type NewLink } from './invite-user.tsx';

export function UsersPage() {
  const query = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/users', { signal })),
  });
  const whyNot = useWhyNot('users.write', 'invite users');
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<NewLink | null>(null);
  const [changing, setChanging] = useState<User | null>(null);
  const columns: Column<User>[] = [
    {
      key: 'name',
      title: 'Name',
      narrow: 'title',
      text: (user) => user.name,
      render: (user) => <strong style={{ fontWeight: 500 }}>{user.name}</strong>,
    },
    { key: 'email', title: 'Email', text: (user) => user.email, render: (user) => user.email },
    {
      key: 'role',
      title: 'Role',
      text: (user) => ROLE_MEANINGS[user.role].title,
      sort: (user) => ROLES.indexOf(user.role),
      render: (user) => ROLE_MEANINGS[user.role].title,
    },
    { key: 'state', title: 'State', text: (user) => user.state, render: (user) => <StateBadge state={user.state} /> },
    {
      key: 'second',
      title: 'Second factor',
      text: (user) => (user.twoFactor ? 'on' : 'off'),
      render: (user) => (user.twoFactor ? 'On' : 'Off'),
    },
    {
      key: 'until',
      title: 'Until',
      narrow: 'hide',
      text: (user) => user.expiresOn ?? '',
      render: (user) => (user.expiresOn ? <Day on={user.expiresOn} /> : 'No end'),
    },
    {
      key: 'last',
      title: 'Last sign-in',
      text: (user) => user.lastSignInAt ?? '',
      render: (user) => <When at={user.lastSignInAt} age />,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (user) => <UserActions user={user} onLink={setLink} onChange={setChanging} />,
    },
  ];
  return (
    <>
      <Section
        title="Users"
        flush
        aside={
          <ReasonButton reason={whyNot} onClick={() => setInviting(true)}>
            Invite a user
          </ReasonButton>
        }
      >
        <Loaded query={query} what="the users">
          {(page) => (
            <DataTable
              label="Users"
              rows={page.items}
              columns={columns}
              rowKey={(user) => user.id}
              initialSort={{ key: 'name', descending: false }}
              empty={<Empty title="No users">Invite the people who work on the program.</Empty>}
            />
          )}
        </Loaded>
      </Section>
      <Section title="What each role may do" flush>
        <Facts
          columns={2}
          rows={Object.fromEntries(ROLES.map((role) => [ROLE_MEANINGS[role].title, ROLE_MEANINGS[role].meaning]))}
        />
      </Section>
      <InviteUser opened={inviting} onClose={() => setInviting(false)} onLink={setLink} />
      <ChangeRole user={changing} onClose={() => setChanging(null)} />
      <LinkShown link={link} onClose={() => setLink(null)} />
    </>
  );
}

type Pending = 'disable' | 'two-factor';

function UserActions({
  user,
  onLink,
  onChange,
}: {
  user: User;
  onLink: (link: NewLink) => void;
  onChange: (user: User) => void;
}) {
  const me = useSession().user;
  const toast = useToast();
  const [pending, setPending] = useState<Pending | null>(null);
  const params = { path: { id: user.id } };
  const may = me !== null && mayAssignRole(me.role, user.role);
  const failed = (error: unknown) => toast.failed('Nothing was changed', asFailure(error).message);
  const done = (title: string) => () => {
    setPending(null);
    toast.done(title);
  };
  const disable = useMutation({
    mutationFn: (disabled: boolean) => answerOf(api.PATCH('/api/v1/users/{id}', { params, body: { disabled } })),
    onSuccess: (changed) => done(`${changed.name} is ${changed.state}`)(),
    onError: (error) => pending === null && failed(error),
  });
  const removeFactor = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/users/{id}/two-factor', { params })),
    onSuccess: done('The second factor is off'),
  });
  const newLink = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/users/{id}/invite', { params })),
    onSuccess: ({ inviteUrl, expiresAt }) => onLink({ url: inviteUrl, expiresAt, name: user.name }),
    onError: failed,
  });
  if (!may) return null;
  const problem = disable.error ?? removeFactor.error;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm" aria-label={`Actions for ${user.name}`}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onChange(user)}>Change role or end …</Menu.Item>
          <Menu.Item onClick={() => newLink.mutate()}>
            {user.state === 'invited' ? 'New invitation link' : 'Link to set a new password'}
          </Menu.Item>
          {user.twoFactor ? (
            <Menu.Item onClick={() => setPending('two-factor')}>Remove second factor …</Menu.Item>
          ) : null}
          {user.state === 'disabled' ? (
            <Menu.Item onClick={() => disable.mutate(false)}>Enable</Menu.Item>
          ) : (
            <Menu.Item onClick={() => setPending('disable')} disabled={user.id === me.id}>
              {user.id === me.id ? 'Disable (not yourself)' : 'Disable …'}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={pending !== null}
        title={pending === 'disable' ? `Disable ${user.name}?` : `Remove the second factor of ${user.name}?`}
        loses={
          pending === 'disable'
            ? 'Open sessions and API keys stop working at once. What this person did stays on record. It can be enabled again.'
            : 'From then on the password alone signs this person in, until a new second factor is set up.'
        }
        action={pending === 'disable' ? 'Disable' : 'Remove'}
        busy={disable.isPending || removeFactor.isPending}
        error={problem ? asFailure(problem).message : null}
        onConfirm={() => (pending === 'disable' ? disable.mutate(true) : removeFactor.mutate())}
        onClose={() => setPending(null)}
      />
    </>
  );
}
