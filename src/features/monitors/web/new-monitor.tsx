import { Button, Checkbox, Modal, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { usePeople } from '#src/apps/web/people.ts';
import { useSystemOptions } from '#src/features/inventory/web/system-options.ts';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import {
  METRIC_WORDS,
  type MetricType,
  type MonitorDefinition,
  SEVERITIES,
  STREAM_DETECTORS,
  WINDOW_LENGTHS,
} from '../model.ts';
import { HallucinationFields } from './hallucination-fields.tsx';
import { FIRST_FORM, isOptional, type MetricForm, metricOf, partsOf } from './metric-form.ts';

/** Proposes a monitor; it counts once a second person approved it. */
export function NewMonitor({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title="Propose a monitor"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}

const DETECTOR_WORDS: Record<MetricForm['detector'], string> = {
  adwin: 'ADWIN',
  page_hinkley: 'Page-Hinkley',
  ddm: 'DDM',
  eddm: 'EDDM',
  hddm: 'HDDM-A',
};

const EVENT_KINDS = ['prediction', 'label', 'score', 'operation', 'evaluation'];

function freshSalt(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function Form({ onClose }: { onClose: () => void }) {
  const systems = useSystemOptions();
  const owners = usePeople();
  const [systemId, setSystemId] = useState<string | null>(null);
  const [ownerId, setOwnerId] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [reason, setReason] = useState('');
  const [metric, setMetric] = useState<MetricForm>(() => ({ ...FIRST_FORM, salt: freshSalt() }));
  const [window, setWindow] = useState<string>('day');
  const [severity, setSeverity] = useState<string>('high');
  const [warn, setWarn] = useState<number | string>(0.1);
  const [fail, setFail] = useState<number | string>(0.25);
  const [minimumN, setMinimumN] = useState<number | string>(50);
  const [hasTrend, setHasTrend] = useState(false);
  const [trendWindows, setTrendWindows] = useState<number | string>(14);
  const [horizon, setHorizon] = useState<number | string>(14);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const toast = useToast();
  const propose = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/monitors', {
          body: {
            systemId: systemId ?? '',
            reason,
            definition: {
              name,
              metric: metricOf(metric),
              window: window as MonitorDefinition['window'],
              watermarkMinutes: 15,
              segments: [],
              thresholds: { warn: Number(warn), fail: Number(fail) },
              ...(hasTrend && { trend: { windows: Number(trendWindows), horizon: Number(horizon) } }),
              minimumN: Number(minimumN),
              ownerId: ownerId ?? owners[0]?.value ?? '',
              severity: severity as MonitorDefinition['severity'],
              paused: false,
            },
          },
        }),
      ),
    onSuccess: async (made) => {
      toast.done('The monitor waits for a second person');
      await queryClient.invalidateQueries();
      await navigate({ to: '/monitors/$monitorId', params: { monitorId: made.monitor.id }, search: {} });
    },
  });
  const failure = propose.error ? asFailure(propose.error) : null;
  const wrong = (field: string) => failure?.fields[`definition.${field}`];
  const put = (change: Partial<MetricForm>) => setMetric({ ...metric, ...change });
  const parts = partsOf(metric.type);
  function submit(event: FormEvent) {
    event.preventDefault();
    propose.mutate();
  }
  return (
    <form onSubmit={submit}>
      <FormStack>
        <FormProblem failure={failure} />
        <FormRow>
          <Select
            label="AI system"
            required
            searchable
            data={systems}
            value={systemId}
            error={failure?.fields.systemId}
            nothingFoundMessage="No such system. Register it under Inventory."
            onChange={setSystemId}
            data-autofocus
          />
          <TextInput
            label="Name"
            required
            maxLength={120}
            value={name}
            error={wrong('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </FormRow>
        <FormRow>
          <Select
            label="Metric"
            allowDeselect={false}
            data={Object.entries(METRIC_WORDS).map(([value, label]) => ({ value, label }))}
            value={metric.type}
            onChange={(type) => put({ type: (type ?? 'rate') as MetricType })}
          />
          {parts.has('eventKind') ? (
            <Select
              label="Kind of event"
              allowDeselect={false}
              data={EVENT_KINDS.map((value) => ({ value, label: sentenceCase(value) }))}
              value={metric.eventKind}
              onChange={(eventKind) => put({ eventKind: eventKind ?? 'prediction' })}
            />
          ) : null}
        </FormRow>
        <FormRow>
          {parts.has('field') ? (
            <TextInput
              label="Field"
              description="The value of the event that is measured."
              required
              value={metric.field}
              error={wrong('metric.field')}
              onChange={(event) => put({ field: event.currentTarget.value })}
            />
          ) : null}
          {parts.has('label') ? (
            <TextInput
              label="Label"
              description="The value of label events that says what was right."
              required
              value={metric.label}
              error={wrong('metric.label')}
              onChange={(event) => put({ label: event.currentTarget.value })}
            />
          ) : null}
          {parts.has('equals') ? (
            <TextInput
              label="Counts when it is"
              description={
                isOptional(metric.type, 'equals')
                  ? 'Values separated by commas; left empty, the number itself is listened to.'
                  : 'One or more values, separated by commas.'
              }
              required={!isOptional(metric.type, 'equals')}
              value={metric.equals}
              error={wrong('metric.equals')}
              onChange={(event) => put({ equals: event.currentTarget.value })}
            />
          ) : null}
          {parts.has('among') ? (
            <Select
              label="Among"
              description="True positive rates, or false positive rates."
              allowDeselect={false}
              data={[
                { value: 'positives', label: 'Cases that came true' },
                { value: 'negatives', label: 'Cases that did not' },
              ]}
              value={metric.among}
              onChange={(among) => put({ among: among === 'negatives' ? 'negatives' : 'positives' })}
            />
          ) : null}
          {parts.has('detector') ? (
            <Select
              label="Detector"
              allowDeselect={false}
              data={STREAM_DETECTORS.map((value) => ({ value, label: DETECTOR_WORDS[value] }))}
              value={metric.detector}
              onChange={(detector) => put({ detector: (detector ?? 'adwin') as MetricForm['detector'] })}
            />
          ) : null}
          {parts.has('sample') ? (
            <NumberInput
              label="Vectors of a window"
              description="Chosen by the hash of the event’s id; 50 to 500."
              required
              min={50}
              max={500}
              value={Number(metric.sample)}
              error={wrong('metric.sample')}
              onChange={(sample) => put({ sample: String(sample) })}
            />
          ) : null}
          {parts.has('percent') ? (
            <Select
              label="Percentile"
              allowDeselect={false}
              data={['50', '90', '95', '99']}
              value={metric.percent}
              onChange={(percent) => put({ percent: percent ?? '95' })}
            />
          ) : null}
          {parts.has('worse') ? (
            <Select
              label="Worse is"
              allowDeselect={false}
              data={[
                { value: 'higher', label: 'Higher' },
                { value: 'lower', label: 'Lower' },
              ]}
              value={metric.worse}
              onChange={(worse) => put({ worse: worse === 'lower' ? 'lower' : 'higher' })}
            />
          ) : null}
        </FormRow>
        {metric.type === 'hallucination' ? <HallucinationFields metric={metric} put={put} wrong={wrong} /> : null}
        {parts.has('groupBy') ? (
          <FormRow>
            <TextInput
              label="Group by"
              required
              value={metric.groupBy}
              error={wrong('metric.groupBy')}
              onChange={(event) => put({ groupBy: event.currentTarget.value })}
            />
            <TextInput
              label="Groups"
              description="At least two, separated by commas."
              required
              value={metric.groups}
              error={wrong('metric.groups')}
              onChange={(event) => put({ groups: event.currentTarget.value })}
            />
          </FormRow>
        ) : null}
        <FormRow>
          <Select
            label="Window"
            allowDeselect={false}
            data={WINDOW_LENGTHS.map((value) => ({ value, label: sentenceCase(value) }))}
            value={window}
            onChange={(value) => setWindow(value ?? 'day')}
          />
          <NumberInput label="Warns from" required value={warn} error={wrong('thresholds.warn')} onChange={setWarn} />
          <NumberInput label="Fails from" required value={fail} error={wrong('thresholds.fail')} onChange={setFail} />
          <NumberInput
            label="Least events"
            required
            min={1}
            value={minimumN}
            error={wrong('minimumN')}
            onChange={setMinimumN}
          />
        </FormRow>
        <Checkbox
          label="Warn of a trend before a threshold is reached"
          description="Where the last windows go the worse way by more than chance, and would reach the warn threshold soon."
          checked={hasTrend}
          onChange={(event) => setHasTrend(event.currentTarget.checked)}
        />
        {hasTrend ? (
          <FormRow>
            <NumberInput
              label="Windows looked back over"
              required
              min={8}
              max={60}
              value={trendWindows}
              error={wrong('trend.windows')}
              onChange={setTrendWindows}
            />
            <NumberInput
              label="Windows looked ahead"
              required
              min={1}
              max={60}
              value={horizon}
              error={wrong('trend.horizon')}
              onChange={setHorizon}
            />
          </FormRow>
        ) : null}
        <FormRow>
          <Select
            label="Owner"
            required
            searchable
            data={owners}
            value={ownerId ?? owners[0]?.value ?? null}
            error={wrong('ownerId')}
            onChange={setOwnerId}
          />
          <Select
            label="Severity of a breach"
            allowDeselect={false}
            data={SEVERITIES.map((value) => ({ value, label: sentenceCase(value) }))}
            value={severity}
            onChange={(value) => setSeverity(value ?? 'high')}
          />
        </FormRow>
        <Textarea
          label="Why this monitor and these thresholds"
          required
          autosize
          minRows={2}
          value={reason}
          error={failure?.fields.reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormButtons>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={propose.isPending}>
            Propose
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}
