import { Button, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { PROVIDER_KINDS } from '#src/features/gateway-providers/model.ts';
import { NO_LIMITS } from '#src/features/gateway-tenants/model.ts';
import { LimitFields, limitsInWords } from '#src/features/gateway-tenants/web/limit-fields.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { ModelLimit, Price, SetPrice } from '../model.ts';
import { modelLimitsQuery, pricesQuery, providersQuery } from './queries.ts';

const USD = 1_000_000;
const usd = (micro: number) => (micro / USD).toLocaleString('en-US', { maximumFractionDigits: 6 });

/** What models cost, and what all callers together may use of one. */
export function PricesPage() {
  const whyNot = useWhyNot('gateway.write', 'change prices and limits');
  const [adding, setAdding] = useState<'price' | 'limit' | null>(null);
  const prices = useQuery(pricesQuery);
  const limits = useQuery(modelLimitsQuery);
  const providers = useQuery(providersQuery).data?.items ?? [];
  const providerName = (id: string) =>
    providers.find((provider) => provider.id === id)?.name ??
    PROVIDER_KINDS[id as keyof typeof PROVIDER_KINDS]?.title ??
    id;
  return (
    <Page title="Prices and limits" documentTitle="Prices and limits · Gateway">
      <Section
        title="Prices"
        flush
        lead="US dollars for a million tokens, as your contract says. Without a price the spend of a call is unknown, and spend limits do not see it."
        aside={
          <ReasonButton
            reason={whyNot}
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setAdding('price')}
          >
            Set a price
          </ReasonButton>
        }
      >
        <Loaded query={prices} what="the prices">
          {({ items }) => (
            <DataTable
              label="Prices"
              rows={items}
              columns={priceColumns(providerName, whyNot)}
              rowKey={({ provider, model }) => `${provider} ${model}`}
              fileName="gateway-prices"
              empty={
                <Empty title="No price yet" command="bin/assay gateway price import">
                  Spend is counted by these; the longest name that fits wins. The command takes over list prices to
                  begin with.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
      <Section
        title="Limits on models"
        flush
        lead="On all use of a model, whoever asks; besides the limits of tenants, keys and paths."
        aside={
          <ReasonButton
            reason={whyNot}
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setAdding('limit')}
          >
            Limit a model
          </ReasonButton>
        }
      >
        <Loaded query={limits} what="the limits" rows={2}>
          {({ items }) => (
            <DataTable
              label="Limits on models"
              rows={items}
              columns={limitColumns(whyNot)}
              rowKey={({ model }) => model}
              empty={<Empty title="No model is limited by itself">Tenants and keys have their own limits.</Empty>}
            />
          )}
        </Loaded>
      </Section>
      <Modal
        opened={adding !== null}
        onClose={() => setAdding(null)}
        title={adding === 'limit' ? 'Limit a model' : 'Set a price'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {adding === 'price' ? (
          <PriceForm
            providers={[
              ...Object.entries(PROVIDER_KINDS).map(([value, { title }]) => ({
                value,
                label: `Every ${title} provider`,
              })),
              ...providers.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onClose={() => setAdding(null)}
          />
        ) : null}
        {adding === 'limit' ? <LimitForm onClose={() => setAdding(null)} /> : null}
      </Modal>
    </Page>
  );
}

function priceColumns(providerName: (id: string) => string, whyNot: string | null): Column<Price>[] {
  return [
    {
      key: 'model',
      title: 'Model',
      narrow: 'title',
      text: ({ model }) => model,
      render: ({ model }) => <code>{model}</code>,
    },
    {
      key: 'provider',
      title: 'Provider',
      text: ({ provider }) => providerName(provider),
      render: ({ provider }) => providerName(provider),
    },
    {
      key: 'input',
      title: 'Prompts',
      numeric: true,
      text: (price) => usd(price.inputMicroUsdPerMTok),
      sort: (price) => price.inputMicroUsdPerMTok,
      render: (price) => `$${usd(price.inputMicroUsdPerMTok)}`,
    },
    {
      key: 'output',
      title: 'Answers',
      numeric: true,
      text: (price) => usd(price.outputMicroUsdPerMTok),
      sort: (price) => price.outputMicroUsdPerMTok,
      render: (price) => `$${usd(price.outputMicroUsdPerMTok)}`,
    },
    {
      key: 'changed',
      title: 'Since',
      text: ({ changedAt }) => changedAt,
      render: ({ changedAt }) => <When at={changedAt} age />,
    },
    { key: 'by', title: 'Set by', text: ({ changedBy }) => changedBy.name, render: ({ changedBy }) => changedBy.name },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: (price) => (whyNot ? null : <RemovePrice price={price} />),
    },
  ];
}

function RemovePrice({ price: { provider, model } }: { price: Price }) {
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/gateway/prices', { params: { query: { provider, model } } })),
    onSuccess: () => toast.done('Removed'),
    onError: (error) => toast.failed('Nothing was removed', asFailure(error).message),
  });
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      loading={remove.isPending}
      aria-label={`Remove the price of ${model}`}
      onClick={() => remove.mutate()}
    >
      Remove
    </Button>
  );
}

function limitColumns(whyNot: string | null): Column<ModelLimit>[] {
  return [
    {
      key: 'model',
      title: 'Model',
      narrow: 'title',
      text: ({ model }) => model,
      render: ({ model }) => <code>{model}</code>,
    },
    {
      key: 'limits',
      title: 'Limits',
      text: ({ limits }) => limitsInWords(limits),
      render: ({ limits }) => limitsInWords(limits),
    },
    {
      key: 'changed',
      title: 'Since',
      text: ({ changedAt }) => changedAt,
      render: ({ changedAt }) => <When at={changedAt} age />,
    },
    {
      key: 'actions',
      title: 'Actions',
      sort: false,
      text: () => '',
      render: ({ model }) => (whyNot ? null : <RemoveLimit model={model} />),
    },
  ];
}

function RemoveLimit({ model }: { model: string }) {
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/v1/gateway/model-limits', { params: { query: { model } } })),
    onSuccess: () => toast.done('Removed'),
    onError: (error) => toast.failed('Nothing was removed', asFailure(error).message),
  });
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      loading={remove.isPending}
      aria-label={`Remove the limits of ${model}`}
      onClick={() => remove.mutate()}
    >
      Remove
    </Button>
  );
}

function PriceForm({ providers, onClose }: { providers: { value: string; label: string }[]; onClose: () => void }) {
  const toast = useToast();
  const [provider, setProvider] = useState(providers[0]?.value ?? 'openai');
  const [model, setModel] = useState('');
  const [input, setInput] = useState<number | ''>('');
  const [output, setOutput] = useState<number | ''>('');
  const save = useMutation({
    mutationFn: (body: SetPrice) => answerOf(api.PUT('/api/v1/gateway/prices', { body })),
    onSuccess: () => {
      toast.done('Set');
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate({
      provider,
      model,
      inputMicroUsdPerMTok: Math.round((input || 0) * USD),
      outputMicroUsdPerMTok: Math.round((output || 0) * USD),
    });
  }
  const number = (next: number | string): number | '' => (typeof next === 'number' ? next : '');
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <Select
          label="Provider"
          data={providers}
          value={provider}
          allowDeselect={false}
          onChange={(value) => value && setProvider(value)}
        />
        <ModelField model={model} wrong={failure?.fields.model} onChange={setModel} />
        <FormRow>
          <NumberInput
            label="Prompts, USD"
            description="For a million tokens."
            required
            min={0}
            decimalScale={6}
            hideControls
            value={input}
            onChange={(next) => setInput(number(next))}
          />
          <NumberInput
            label="Answers, USD"
            description="For a million tokens."
            required
            min={0}
            decimalScale={6}
            hideControls
            value={output}
            onChange={(next) => setOutput(number(next))}
          />
        </FormRow>
        <Buttons busy={save.isPending} onClose={onClose} />
      </FormStack>
    </form>
  );
}

function LimitForm({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const [model, setModel] = useState('');
  const [limits, setLimits] = useState(NO_LIMITS);
  const save = useMutation({
    mutationFn: () => answerOf(api.PUT('/api/v1/gateway/model-limits', { body: { model, limits } })),
    onSuccess: () => {
      toast.done('Set');
      onClose();
    },
  });
  const failure = save.error ? asFailure(save.error) : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <ModelField model={model} wrong={failure?.fields.model} onChange={setModel} />
        <LimitFields limits={limits} wrong={(field) => failure?.fields[field]} onChange={setLimits} />
        <Buttons busy={save.isPending} onClose={onClose} />
      </FormStack>
    </form>
  );
}

function ModelField({
  model,
  wrong,
  onChange,
}: {
  model: string;
  wrong: string | undefined;
  onChange: (model: string) => void;
}) {
  return (
    <TextInput
      label="Model"
      description="As the provider spells it, or its start and a *."
      required
      maxLength={200}
      value={model}
      error={wrong}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-autofocus
    />
  );
}

function Buttons({ busy, onClose }: { busy: boolean; onClose: () => void }) {
  return (
    <FormButtons>
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={busy}>
        Set
      </Button>
    </FormButtons>
  );
}
