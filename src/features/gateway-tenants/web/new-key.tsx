import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import classes from '#src/features/gateway-policies/web/gateway.module.css';
import { routesQuery } from '#src/features/gateway-policies/web/queries.ts';
import { CopyButton } from '#src/ui/copy-button.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import {
  DEFAULT_SCOPES,
  KEY_AGE_DAYS,
  type KeyMade,
  type NewKey as NewKeyBody,
  SCOPES,
  type Scope,
  type Tenant,
} from '../model.ts';

const DAY_MS = 86_400_000;

export function NewKey({
  opened,
  onClose,
  ...rest
}: {
  opened: boolean;
  tenants: readonly Tenant[];
  tenantId: string | undefined;
  onClose: () => void;
  onMade: (made: KeyMade) => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Make a key" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Form onClose={onClose} {...rest} />
    </Modal>
  );
}

function Form({
  tenants,
  tenantId,
  onClose,
  onMade,
}: {
  tenants: readonly Tenant[];
  tenantId: string | undefined;
  onClose: () => void;
  onMade: (made: KeyMade) => void;
}) {
  const [tenant, setTenant] = useState(tenantId ?? tenants[0]?.id ?? '');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(DEFAULT_SCOPES);
  const [models, setModels] = useState('');
  const audience = tenants.find(({ id }) => id === tenant)?.audience ?? 'customer';
  const [today] = useState(() => Date.now());
  const day = (days: number) => new Date(today + days * DAY_MS).toISOString().slice(0, 10);
  const [lastDay, setLastDay] = useState<string | null>(null);
  const ends = lastDay ?? day(KEY_AGE_DAYS[audience] - 1);
  const create = useMutation({
    mutationFn: (body: NewKeyBody) => answerOf(api.POST('/api/v1/gateway/keys', { body })),
    onSuccess: onMade,
  });
  const failure = create.error ? asFailure(create.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    const named = models.split(/[\s,]+/).filter(Boolean);
    create.mutate({
      tenantId: tenant,
      name,
      scopes: scopes as Scope[],
      models: named.length === 0 ? null : named,
      expiresAt: `${ends}T23:59:59.999Z`,
    });
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <Select
          label="Tenant"
          required
          searchable
          data={tenants.map((each) => ({ value: each.id, label: each.name }))}
          value={tenant}
          allowDeselect={false}
          onChange={(id) => id && setTenant(id)}
        />
        <TextInput
          label="Name"
          description="What uses it, e.g. “backend”."
          required
          maxLength={120}
          value={name}
          error={failure?.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Checkbox.Group label="Scopes" value={scopes} error={failure?.fields.scopes} onChange={setScopes}>
          <FormStack>
            {Object.entries(SCOPES).map(([value, label]) => (
              <Checkbox key={value} value={value} label={label} />
            ))}
          </FormStack>
        </Checkbox.Group>
        <TextInput
          label="Models"
          description="Names, or their start and a *. Empty allows any."
          placeholder="gpt-4o*, text-embedding-3-small"
          maxLength={2000}
          value={models}
          error={failure?.fields.models}
          onChange={(event) => setModels(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label="Last day"
          description={`Keys of ${audience === 'customer' ? 'customers' : 'internal tenants'} are rotated after ${KEY_AGE_DAYS[audience]} days.`}
          required
          min={day(0)}
          max={day(365)}
          value={ends}
          error={failure?.fields.expiresAt}
          onChange={(event) => setLastDay(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Make the key
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

export function SecretShown({ made, onClose }: { made: KeyMade | null; onClose: () => void }) {
  const { data: paths } = useQuery(routesQuery);
  return (
    <Modal
      opened={made !== null}
      onClose={onClose}
      title={`Key “${made?.key.name ?? ''}” of ${made?.key.tenantName ?? ''}`}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {made ? (
        <FormStack>
          <p>Copy it now. Assay keeps only a hash and cannot show it again.</p>
          <div className={classes.secret}>
            <code>{made.secret}</code>
            <CopyButton text={made.secret} what="key" />
          </div>
          <p>
            Give it to a client as its API key
            {paths ? (
              <>
                , with <code>{paths.address}/v1</code> as base URL
              </>
            ) : null}
            .
          </p>
          <FormButtons>
            <Button onClick={onClose}>I have stored it</Button>
          </FormButtons>
        </FormStack>
      ) : null}
    </Modal>
  );
}
