import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import type { NewSystem as NewSystemBody } from '../model.ts';

/** Registers a system that no scan can see, such as one a vendor runs. */
export function NewSystem({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add an AI system" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [purpose, setPurpose] = useState('');
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: (body: NewSystemBody) => answerOf(api.POST('/api/v1/inventory/systems', { body })),
    onSuccess: (system) => navigate({ to: '/inventory/systems/$systemId', params: { systemId: system.id } }),
  });
  const failure = create.error ? asFailure(create.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate({ name, purpose: purpose.trim() === '' ? null : purpose });
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <TextInput
          label="Name"
          description="As people call it, e.g. “Support assistant”."
          required
          maxLength={200}
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          label="Purpose"
          description="What it does, for whom. Optional now, expected by an auditor later."
          rows={3}
          maxLength={4000}
          value={purpose}
          error={failure?.fields.purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Add
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
