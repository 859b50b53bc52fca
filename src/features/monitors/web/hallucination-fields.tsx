import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '#src/apps/web/client.ts';
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
  const providers = useQuery({
    queryKey: ['gateway', 'providers'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/providers', { signal })),
  });
  const judges = (providers.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
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
          description="A provider of the gateway; none leaves them open."
          clearable
          placeholder="None"
          nothingFoundMessage="No provider is set up."
          data={judges}
          value={metric.judgeProviderId || null}
          error={wrong('metric.judge.providerId')}
          onChange={(judgeProviderId) => put({ judgeProviderId: judgeProviderId ?? '' })}
        />
        {metric.judgeProviderId === '' ? null : (
          <TextInput
            label="Model of the judge"
            required
            value={metric.judgeModel}
            error={wrong('metric.judge.model')}
            onChange={(event) => put({ judgeModel: event.currentTarget.value })}
          />
        )}
      </FormRow>
      {metric.judgeProviderId === '' ? null : (
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
