import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useSession } from '#src/apps/web/session.ts';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { ChangeUser, Role, User } from '../model.ts';
import { roleOptions } from './invite-user.tsx';

export function ChangeRole({ user, onClose }: { user: User | null; onClose: () => void }) {
  return (
    <Modal
      opened={user !== null}
      onClose={onClose}
      title={`Change ${user?.name ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {user ? <ChangeForm key={user.id} user={user} onClose={onClose} /> : null}
    </Modal>
  );
}

function ChangeForm({ user, onClose }: { user: User; onClose: () => void }) {
  const me = useSession().user;
  const toast = useToast();
  const [role, setRole] = useState<Role>(user.role);
  const [expiresOn, setExpiresOn] = useState(user.expiresOn ?? '');
  const change = useMutation({
    mutationFn: (body: ChangeUser) =>
      answerOf(api.PATCH('/api/v1/users/{id}', { params: { path: { id: user.id } }, body })),
    onSuccess: () => {
      toast.done(`${user.name} was changed`);
      onClose();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate({ role, expiresOn: expiresOn === '' ? null : expiresOn });
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={change.error ? asFailure(change.error) : null} />
        <Select
          label="Role"
          required
          data={roleOptions(me?.role)}
          value={role}
          onChange={(value) => value && setRole(value as Role)}
          data-autofocus
        />
        <TextInput
          type="date"
          label="Last day of access"
          description={role === 'auditor' ? 'An auditor’s access always ends.' : 'Empty: no end.'}
          required={role === 'auditor'}
          value={expiresOn}
          onChange={(event) => setExpiresOn(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
