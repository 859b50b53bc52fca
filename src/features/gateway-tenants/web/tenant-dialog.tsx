import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { policiesQuery } from '#src/features/gateway-policies/web/queries.ts';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { AUDIENCES, type Audience, DEFAULT_LIMITS, type NewTenant, type Tenant } from '../model.ts';
import { LimitFields } from './limit-fields.tsx';

/** Adds a tenant, or changes one. */
export function TenantDialog({ tenant, onClose }: { tenant: Tenant | 'new' | null; onClose: () => void }) {
  return (
    <Modal
      opened={tenant !== null}
      onClose={onClose}
      title={tenant === 'new' || tenant === null ? 'Add a tenant' : tenant.name}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {tenant === null ? null : <Form tenant={tenant === 'new' ? null : tenant} onClose={onClose} />}
    </Modal>
  );
}

function Form({ tenant, onClose }: { tenant: Tenant | null; onClose: () => void }) {
  const toast = useToast();
  const policies = useQuery(policiesQuery).data?.items ?? [];
  const [form, setForm] = useState({
    name: tenant?.name ?? '',
    audience: tenant?.audience ?? ('customer' as Audience),
    limits: tenant?.limits ?? DEFAULT_LIMITS,
    policyId: tenant?.policyId ?? null,
  });
  const put = (change: Partial<typeof form>) => setForm((held) => ({ ...held, ...change }));
  const save = useMutation({
    mutationFn: (body: Required<NewTenant>) =>
      answerOf(
        tenant
          ? api.PATCH('/api/v1/gateway/tenants/{id}', { params: { path: { id: tenant.id } }, body })
          : api.POST('/api/v1/gateway/tenants', { body }),
      ),
    onSuccess: ({ name, policyMoveId }) => {
      const waits = 'The policy is milder: it waits under Policies for a second person.';
      toast.done(tenant ? `Changed ${name}` : `Added ${name}`, policyMoveId === null ? undefined : waits);
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate(form);
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <TextInput
          label="Name"
          required
          maxLength={120}
          value={form.name}
          error={failure?.fields.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
          data-autofocus
        />
        <Select
          label="Kind"
          description={AUDIENCES[form.audience].meaning}
          data={Object.entries(AUDIENCES).map(([value, { title }]) => ({ value, label: title }))}
          value={form.audience}
          allowDeselect={false}
          onChange={(audience) => audience && put({ audience: audience as Audience })}
        />
        <LimitFields
          limits={form.limits}
          wrong={(field) => failure?.fields[field]}
          onChange={(limits) => put({ limits })}
        />
        <Select
          label="Own policy"
          description="Takes the place of the policy of the path."
          placeholder="That of the path"
          clearable
          data={policies.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.policyId}
          onChange={(policyId) => put({ policyId })}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {tenant ? 'Save' : 'Add'}
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
