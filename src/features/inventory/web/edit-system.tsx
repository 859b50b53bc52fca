import { Button, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { usePeople } from '#src/apps/web/people.ts';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import {
  AUTONOMY_LEVELS,
  DATA_CLASSES,
  type DataClass,
  ENVIRONMENTS,
  type Environment,
  type SystemChange,
  type SystemDetail,
} from '../model.ts';
import classes from './inventory.module.css';

const options = (titles: Record<string, string>) => Object.entries(titles).map(([value, label]) => ({ value, label }));

/** Who may own a system: whoever owns it now, active or not, and the people there are. */
function useOwners(system: SystemDetail): { value: string; label: string }[] {
  const people = usePeople();
  const owners = new Map<string, string>();
  if (system.owner) owners.set(system.owner.id, system.owner.name);
  for (const { value, label } of people) owners.set(value, label);
  return [...owners].map(([value, label]) => ({ value, label }));
}

export function EditSystem({ system, onDone }: { system: SystemDetail; onDone: () => void }) {
  const [form, setForm] = useState({
    name: system.name,
    purpose: system.purpose ?? '',
    ownerId: system.owner?.id ?? null,
    dataClasses: system.dataClasses as string[],
    riskTier: system.riskTier === null ? null : String(system.riskTier),
    environment: system.environment as string | null,
    autonomyLevel: system.autonomyLevel === null ? null : String(system.autonomyLevel),
  });
  const owners = useOwners(system);
  const save = useMutation({
    mutationFn: (body: SystemChange) =>
      answerOf(api.PATCH('/api/v1/inventory/systems/{id}', { params: { path: { id: system.id } }, body })),
    onSuccess: onDone,
  });
  const failure = save.error ? asFailure(save.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate({
      name: form.name,
      purpose: form.purpose.trim() === '' ? null : form.purpose,
      ownerId: form.ownerId,
      dataClasses: form.dataClasses as DataClass[],
      riskTier: form.riskTier === null ? null : Number(form.riskTier),
      environment: form.environment as Environment | null,
      autonomyLevel: form.autonomyLevel === null ? null : Number(form.autonomyLevel),
    });
  }
  const put = (change: Partial<typeof form>) => setForm((held) => ({ ...held, ...change }));

  return (
    <form onSubmit={submit} className={classes.edit}>
      <FormStack>
        <FormProblem failure={failure} />
        <FormRow>
          <TextInput
            label="Name"
            required
            maxLength={200}
            value={form.name}
            error={failure?.fields.name}
            onChange={(event) => put({ name: event.currentTarget.value })}
          />
          <Select
            label="Owner"
            description="Answers for it and attests each quarter."
            data={owners}
            value={form.ownerId}
            clearable
            searchable
            onChange={(ownerId) => put({ ownerId })}
          />
        </FormRow>
        <Textarea
          label="Purpose"
          description="What it does, for whom."
          rows={3}
          maxLength={4000}
          value={form.purpose}
          error={failure?.fields.purpose}
          onChange={(event) => put({ purpose: event.currentTarget.value })}
        />
        <MultiSelect
          label="Data it handles"
          description="Confidential, customer, personal and credential data put the system in scope."
          data={options(DATA_CLASSES)}
          value={form.dataClasses}
          onChange={(dataClasses) => put({ dataClasses })}
        />
        <FormRow>
          <Select
            label="Risk tier"
            description="1 is the highest."
            data={[
              { value: '1', label: '1: harm to people or the company' },
              { value: '2', label: '2: harm that can be mended' },
              { value: '3', label: '3: little harm' },
            ]}
            value={form.riskTier}
            clearable
            onChange={(riskTier) => put({ riskTier })}
          />
          <Select
            label="Environment"
            description="The most critical one it runs in."
            data={options(ENVIRONMENTS)}
            value={form.environment}
            clearable
            onChange={(environment) => put({ environment })}
          />
          <Select
            label="Autonomy"
            description="How far it acts without a person."
            data={AUTONOMY_LEVELS.map(({ level, title }) => ({
              value: String(level),
              label: `${level}: ${title.toLowerCase()}`,
            }))}
            value={form.autonomyLevel}
            clearable
            onChange={(autonomyLevel) => put({ autonomyLevel })}
          />
        </FormRow>
        <FormButtons>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
