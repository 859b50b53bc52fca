import { Button, NumberInput, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useMay, useWhyNot } from '#src/apps/web/session.ts';
import { EvaluationsFrame } from '#src/features/evaluations/web/evaluations-page.tsx';
import { runsQuery } from '#src/features/evaluations/web/queries.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { LabelItem, LabelReport, LabelVerdict } from '../model.ts';
import classes from './labels.module.css';

const KEYS: readonly { key: string; verdict: LabelVerdict; title: string }[] = [
  { key: '1', verdict: 'supported', title: 'Supported' },
  { key: '2', verdict: 'unsupported', title: 'Not supported' },
  { key: '3', verdict: 'unsure', title: 'Unsure' },
];

/** One item at a time, without what others said; the keys 1, 2 and 3 label it. */
export function LabelsPage() {
  const mayLabel = useMay('labels.write');
  const next = useQuery({
    queryKey: ['labels', 'next'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/labels/next', { signal })),
    enabled: mayLabel,
  });
  const report = useQuery({
    queryKey: ['labels', 'report'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/labels/report', { signal })),
  });
  return (
    <EvaluationsFrame tab="Labels">
      {mayLabel ? (
        <Loaded query={next} what="the next item">
          {({ item, waitingForMe, waitingForOthers }) =>
            item ? (
              <OneItem key={item.id} item={item} waiting={waitingForMe} />
            ) : (
              <Empty title="Nothing waits for your label">
                {waitingForOthers > 0
                  ? `${waitingForOthers} of the items you labeled wait for a second person.`
                  : 'Draw a sample of a run below. Two people label each item; that tells how far a judge can be trusted.'}
              </Empty>
            )
          }
        </Loaded>
      ) : null}
      <Section title="What the labels say" flush>
        <Loaded query={report} what="the report">
          {({ items }) => (
            <DataTable
              label="Label reports"
              rows={items}
              columns={COLUMNS}
              rowKey={(one) => one.id}
              fileName="label-reports"
              empty={<Empty title="No sample yet">A judge that people never checked measures itself.</Empty>}
            />
          )}
        </Loaded>
      </Section>
      <DrawSample />
    </EvaluationsFrame>
  );
}

function OneItem({ item, waiting }: { item: LabelItem; waiting: number }) {
  const toast = useToast();
  const queryClient = useQueryClient();
  const label = useMutation({
    mutationFn: (verdict: LabelVerdict) =>
      answerOf(api.POST('/api/v1/labels/{id}', { params: { path: { id: item.id } }, body: { verdict } })),
    onSuccess: (next) => queryClient.setQueryData(['labels', 'next'], next),
    onError: (error) => toast.failed('Not labeled', asFailure(error).message),
  });
  const { mutate, isPending } = label;
  useEffect(() => {
    function press(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      if (target.closest('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey || isPending)
        return;
      const chosen = KEYS.find(({ key }) => key === event.key);
      if (chosen) mutate(chosen.verdict);
    }
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [mutate, isPending]);
  return (
    <Section title="Is the answer supported?" aside={`${waiting.toLocaleString('en-US')} wait for you`}>
      <div className={classes.panel}>
        <h3>Question</h3>
        <pre className={classes.text}>{item.input}</pre>
        {item.context === null ? null : (
          <>
            <h3>Context</h3>
            <pre className={classes.text}>{item.context}</pre>
          </>
        )}
        <h3>Answer</h3>
        <pre className={classes.text}>{item.answer}</pre>
        <div className={classes.actions}>
          {KEYS.map(({ key, verdict, title }) => (
            <Button
              key={key}
              variant={verdict === 'unsure' ? 'subtle' : 'default'}
              aria-keyshortcuts={key}
              loading={isPending && label.variables === verdict}
              onClick={() => mutate(verdict)}
            >
              {title} ({key})
            </Button>
          ))}
        </div>
      </div>
    </Section>
  );
}

const share = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
const span = (value: { low: number; high: number } | null) =>
  value ? ` [${share(value.low)}, ${share(value.high)}]` : '';
const REASONS: Record<string, string> = {
  no_gold: 'no items labeled alike yet',
  no_items: 'no items',
  judge_uninformative: 'the judge is hardly better than a coin',
};

const COLUMNS: Column<LabelReport>[] = [
  {
    key: 'scorer',
    title: 'Scorer',
    narrow: 'title',
    text: (one) => `${one.scorer} ${one.runId ?? one.systemId}`,
    render: (one) => (one.runId === null ? `${one.scorer}, live traffic` : one.scorer),
  },
  {
    key: 'sample',
    title: 'Sample',
    text: (one) => `${one.sampled}, rate ${one.rate}, seed ${one.seed}`,
    render: (one) => `${one.labeledTwice} of ${one.sampled} labeled twice; rate ${one.rate}, seed ${one.seed}`,
  },
  {
    key: 'kappa',
    title: 'Agreement, kappa',
    text: (one) => `${one.agreement.raw} ${one.agreement.kappa}`,
    sort: (one) => one.agreement.kappa ?? -2,
    render: (one) => `${share(one.agreement.raw)}, ${one.agreement.kappa?.toFixed(2) ?? '–'}`,
  },
  {
    key: 'judge',
    title: 'Sensitivity, specificity',
    text: (one) => `${one.sensitivity} ${one.specificity}`,
    render: (one) => `${share(one.sensitivity)}, ${share(one.specificity)}`,
  },
  {
    key: 'measured',
    title: 'Unsupported, as measured',
    text: (one) => share(one.measured.rate),
    sort: (one) => one.measured.rate ?? -1,
    render: (one) => `${share(one.measured.rate)}${span(one.measured.interval95)}, n ${one.measured.n}`,
  },
  {
    key: 'corrected',
    title: 'Corrected',
    text: (one) => share(one.corrected.rate),
    sort: (one) => one.corrected.rate ?? -1,
    render: (one) =>
      one.corrected.rate === null
        ? `no data: ${REASONS[one.corrected.reason ?? ''] ?? one.corrected.reason}`
        : `${share(one.corrected.rate)}${span(one.corrected.interval95)}`,
  },
];

function DrawSample() {
  const toast = useToast();
  const queryClient = useQueryClient();
  const whyNot = useWhyNot('labels.write', 'draw samples');
  const runs = useQuery(runsQuery).data?.items.filter((run) => run.state === 'finished') ?? [];
  const [runId, setRun] = useState<string | null>(null);
  const [scorer, setScorer] = useState<string | null>(null);
  const [rate, setRate] = useState(0.1);
  const draw = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/labels/samples', {
          body: { runId: runId ?? '', scorer: scorer ?? '', rate },
        }),
      ),
    onSuccess: (outcome) => {
      toast.done('Drawn', `${outcome.sampled} of ${outcome.eligible} items, by seed ${outcome.seed}.`);
      return queryClient.invalidateQueries({ queryKey: ['labels'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    draw.mutate();
  };
  const scorers = runs.find((run) => run.id === runId)?.scores.map((score) => score.scorer) ?? [];
  return (
    <Section title="Draw a sample">
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={draw.error ? asFailure(draw.error) : null} />
          <FormRow>
            <Select
              label="Run"
              placeholder={runs.length === 0 ? 'No finished run yet' : 'Choose one'}
              value={runId}
              data={runs.map((run) => ({ value: run.id, label: `${run.title}, ${run.model}` }))}
              onChange={(value) => {
                setRun(value);
                setScorer(null);
              }}
            />
            <Select label="Scorer" placeholder="Choose one" value={scorer} data={scorers} onChange={setScorer} />
            <NumberInput
              label="Rate"
              min={0.001}
              max={1}
              step={0.05}
              value={rate}
              onChange={(value) => setRate(Number(value))}
            />
          </FormRow>
          <FormButtons>
            <ReasonButton
              type="submit"
              loading={draw.isPending}
              reason={whyNot ?? (runId === null || scorer === null ? 'Choose a run and a scorer first.' : null)}
            >
              Draw
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}
