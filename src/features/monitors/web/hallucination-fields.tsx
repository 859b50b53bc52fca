import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { providersQuery, routesQuery } from '#src/features/gateway-policies/web/queries.ts';
import { FormRow } from '#src/ui/form.tsx';
import type { MetricForm } from './metric-form.ts';

/** What a monitor of hallucination declares: whose answers are judged, by whom, and how people check that. */
export function HallucinationFields({
  metric,
  put,
  wrong,
}: {
  metric: MetricForm;
  put: (change: Partial<MetricForm>) => void;
  wrong: (field: string) => string | undefined;
}) {
  const providers = useQuery(providersQuery);
  const routes = useQuery(routesQuery);
  const places = [
    {
      group: 'Through the gateway',
      items: (routes.data?.items ?? []).map(({ id, path }) => ({ value: `route:${id}`, label: path })),
    },
    {
      group: 'At the provider',
      items: (providers.data?.items ?? []).map(({ id, name }) => ({ value: `provider:${id}`, label: name })),
    },
  ].filter(({ items }) => items.length > 0);
  return (
    <>
      <FormRow>
        <Select
          label="Rate of"
          allowDeselect={false}
          data={[
            { value: 'answers', label: 'Answers with an unsupported claim' },
            { value: 'claims', label: 'Unsupported claims' },
          ]}
          value={metric.of}
          error={wrong('metric.of')}
          onChange={(of) => put({ of: of === 'claims' ? 'claims' : 'answers' })}
        />
        <Select
          label="Thresholds stand for"
          allowDeselect={false}
          data={[
            { value: 'raw', label: 'The rate as judged' },
            { value: 'corrected', label: 'The rate corrected by labels' },
          ]}
          value={metric.corrected}
          onChange={(corrected) => put({ corrected: corrected === 'corrected' ? 'corrected' : 'raw' })}
        />
      </FormRow>
      <FormRow>
        <NumberInput
          label="Share of answers judged"
          description="1 judges all of them."
          required
          min={0.0001}
          max={1}
          step={0.05}
          value={Number(metric.rate)}
          error={wrong('metric.sampling.rate')}
          onChange={(rate) => put({ rate: String(rate) })}
        />
        <TextInput
          label="Salt"
          description="With the id of an answer it decides whether that is judged."
          required
          value={metric.salt}
          error={wrong('metric.sampling.salt')}
          onChange={(event) => put({ salt: event.currentTarget.value })}
        />
      </FormRow>
      <Textarea
        label="Other shares by stratum"
        description="One a line, such as route=rte_rare: 1 or model_version=v2: 0.5. The first that fits an answer counts."
        autosize
        minRows={2}
        value={metric.strata}
        error={wrong('metric.sampling.strata')}
        onChange={(event) => put({ strata: event.currentTarget.value })}
      />
      <FormRow>
        <NumberInput
          label="Least share judged"
          description="Of the sampled answers; below it a window says nothing."
          required
          min={0}
          max={1}
          step={0.05}
          value={Number(metric.leastJudged)}
          error={wrong('metric.leastJudged')}
          onChange={(leastJudged) => put({ leastJudged: String(leastJudged) })}
        />
        <NumberInput
          label="Share asked of people"
          description="Of the decided answers whose text may be read."
          required
          min={0}
          max={1}
          step={0.05}
          value={Number(metric.labelRate)}
          error={wrong('metric.labelRate')}
          onChange={(labelRate) => put({ labelRate: String(labelRate) })}
        />
      </FormRow>
      <FormRow>
        <Select
          label="Judge of open claims"
          description="Through a route of the gateway its calls are screened and recorded; none leaves claims open."
          clearable
          placeholder="None"
          nothingFoundMessage="No provider is set up."
          data={places}
          value={metric.judgePlace || null}
          error={wrong('metric.judge') ?? wrong('metric.judge.routeId') ?? wrong('metric.judge.providerId')}
          onChange={(judgePlace) => put({ judgePlace: judgePlace ?? '' })}
        />
        {metric.judgePlace === '' ? null : (
          <TextInput
            label="Model of the judge"
            required
            value={metric.judgeModel}
            error={wrong('metric.judge.model')}
            onChange={(event) => put({ judgeModel: event.currentTarget.value })}
          />
        )}
      </FormRow>
      {metric.judgePlace === '' ? null : (
        <FormRow>
          <NumberInput
            label="Questions an hour"
            required
            min={1}
            value={Number(metric.callsPerHour)}
            error={wrong('metric.judge.callsPerHour')}
            onChange={(callsPerHour) => put({ callsPerHour: String(callsPerHour) })}
          />
          <NumberInput
            label="Tokens an hour"
            required
            min={1_000}
            value={Number(metric.tokensPerHour)}
            error={wrong('metric.judge.tokensPerHour')}
            onChange={(tokensPerHour) => put({ tokensPerHour: String(tokensPerHour) })}
          />
        </FormRow>
      )}
    </>
  );
}
