import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession } from '#src/apps/web/session.ts';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { type InviteUser as InviteUserBody, mayAssignRole, ROLE_MEANINGS, ROLES, type Role } from '../model.ts';
import classes from './users.module.css';

export type NewLink = { url: string; expiresAt: string; name: string };

export function InviteUser({
  opened,
  onClose,
  onLink,
}: {
  opened: boolean;
  onClose: () => void;
  onLink: (link: NewLink) => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite a user" closeButtonProps={{ 'aria-label': 'Close' }}>
      <InviteForm
        onClose={onClose}
        onLink={(link) => {
          onClose();
          onLink(link);
        }}
      />
    </Modal>
  );
}

/** The roles the reader may give, with what each is for. */
export function roleOptions(by: Role | undefined): { value: Role; label: string }[] {
  return ROLES.filter((role) => by && mayAssignRole(by, role)).map((role) => ({
    value: role,
    label: `${ROLE_MEANINGS[role].title}: ${ROLE_MEANINGS[role].meaning}`,
  }));
}

function InviteForm({ onClose, onLink }: { onClose: () => void; onLink: (link: NewLink) => void }) {
  const me = useSession().user;
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('engineer');
  const [expiresOn, setExpiresOn] = useState('');
  const invite = useMutation({
    mutationFn: (body: InviteUserBody) => answerOf(api.POST('/api/v1/users', { body })),
    onSuccess: ({ user, inviteUrl, expiresAt }) => onLink({ url: inviteUrl, expiresAt, name: user.name }),
  });
  const failure = invite.error ? asFailure(invite.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    invite.mutate({ name, email, role, expiresOn: expiresOn === '' ? null : expiresOn });
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <FormRow>
          <TextInput
            label="Name"
            required
            maxLength={120}
            value={name}
            error={failure?.fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label="Email"
            type="email"
            required
            value={email}
            error={failure?.fields.email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        </FormRow>
        <Select
          label="Role"
          required
          data={roleOptions(me?.role)}
          value={role}
          onChange={(value) => value && setRole(value as Role)}
        />
        <TextInput
          type="date"
          label={role === 'auditor' ? 'Last day of access' : 'Last day of access (optional)'}
          description={role === 'auditor' ? 'An auditor’s access always ends.' : undefined}
          required={role === 'auditor'}
          value={expiresOn}
          error={failure?.fields.expiresOn}
          onChange={(event) => setExpiresOn(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make the invitation link
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

/** A link that is shown once: Assay sends no mail and stores only its hash. */
export function LinkShown({ link, onClose }: { link: NewLink | null; onClose: () => void }) {
  return (
    <Modal
      opened={link !== null}
      onClose={onClose}
      title={`Link for ${link?.name ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      closeOnClickOutside={false}
    >
      {link ? (
        <FormStack>
          <p>
            Hand it over on a way you trust. It works once, until <When at={link.expiresAt} both />, and is not shown
            again.
          </p>
          <div className={classes.secret}>
            <code>{link.url}</code>
            <CopyButton text={link.url} what="link" />
          </div>
          <FormButtons>
            <Button onClick={onClose}>Done</Button>
          </FormButtons>
        </FormStack>
      ) : null}
    </Modal>
  );
}
