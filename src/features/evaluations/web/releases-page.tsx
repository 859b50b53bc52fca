import { Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { useSystemOptions } from '#src/features/inventory/web/system-options.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { sentenceCase } from '#src/ui/words.ts';
import type { EvaluationRelease } from '../model.ts';
import classes from './evaluations.module.css';
import { EvaluationsFrame } from './evaluations-page.tsx';
import { releasesQuery } from './queries.ts';

const COLUMNS: Column<EvaluationRelease>[] = [
  {
    key: 'model',
    title: 'Model',
    narrow: 'title',
    text: (release) => release.model,
    render: (release) => (
      <>
        {release.model}
        <div className={classes.quiet}>{release.modelDigest ?? 'no digest named'}</div>
      </>
    ),
  },
  { key: 'system', title: 'System', text: (release) => release.system.name, render: (release) => release.system.name },
  {
    key: 'verdict',
    title: 'Gate',
    text: (release) => release.verdict,
    render: (release) => <StateBadge state={release.verdict} />,
  },
  {
    key: 'checks',
    title: 'What was asked',
    text: (release) => release.checks.map(({ purpose, verdict }) => `${purpose} ${verdict}`).join('; '),
    render: (release) =>
      release.checks.map((check) => (
        <div key={`${check.purpose} ${check.suite?.id ?? ''}`}>
          {sentenceCase(check.purpose)}:{' '}
          {check.runId && check.suite ? (
            <Link to="/evaluations/$runId" params={{ runId: check.runId }}>
              {check.suite.name}
            </Link>
          ) : (
            (check.suite?.name ?? 'no suite')
          )}
          , {check.verdict === 'no_data' ? 'no data' : check.verdict}
          {check.verdict === 'pass' ? null : <div className={classes.quiet}>{check.because}</div>}
        </div>
      )),
  },
  {
    key: 'at',
    title: 'Asked',
    text: (release) => release.decidedAt,
    render: (release) => (
      <>
        <When at={release.decidedAt} />
        <div className={classes.quiet}>
          {release.askedBy.name}; {release.riskTier === null ? 'no tier' : `tier ${release.riskTier}`}
          {release.sensitiveData ? ', sensitive data' : ''}
        </div>
      </>
    ),
  },
];

/** What the gate said of each model that was to go into a system, and what it asked for that. */
export function ReleasesPage() {
  const query = useQuery(releasesQuery);
  return (
    <EvaluationsFrame tab="Releases">
      <Loaded query={query} what="the releases">
        {({ items }) => (
          <DataTable
            label="Releases"
            rows={items}
            columns={COLUMNS}
            rowKey={(release) => release.id}
            fileName="evaluation-releases"
            empty={
              <Empty
                title="The gate was not asked yet"
                command='bin/assay evaluation release "Support chat" --model M --digest D'
              >
                Before a model goes into a system, the gate asks every suite of that system: its task, variants of its
                inputs up to tier 2, and what it remembers where its data are sensitive.
              </Empty>
            }
          />
        )}
      </Loaded>
      <AskForm />
    </EvaluationsFrame>
  );
}

function AskForm() {
  const toast = useToast();
  const queryClient = useQueryClient();
  const whyNot = useWhyNot('evaluations.write', 'ask the gate');
  const systems = useSystemOptions();
  const [system, setSystem] = useState<string | null>(null);
  const [model, setModel] = useState('');
  const [digest, setDigest] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/evaluations/releases', {
          body: { system: system ?? '', model, modelDigest: digest.trim() === '' ? null : digest },
        }),
      ),
    onSuccess: async (release) => {
      if (release.verdict === 'pass') toast.done('The gate is open for this model');
      else toast.failed('The gate stays closed', release.because);
      await queryClient.invalidateQueries({ queryKey: ['evaluations', 'releases'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  const blocked =
    (system === null && 'Choose the system first.') || (model.trim() === '' && 'Name the model first.') || null;
  return (
    <Section title="Ask the gate">
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={ask.error ? asFailure(ask.error) : null} />
          <Select label="System" placeholder="Choose one" value={system} data={systems} onChange={setSystem} />
          <TextInput
            label="Model"
            description="As its runs name it."
            value={model}
            maxLength={200}
            onChange={(event) => setModel(event.currentTarget.value)}
          />
          <TextInput
            label="Digest"
            description="Of the weights, or the provider’s fingerprint. Robustness and memorization are asked of this very one."
            value={digest}
            maxLength={200}
            onChange={(event) => setDigest(event.currentTarget.value)}
          />
          <FormButtons>
            <ReasonButton type="submit" loading={ask.isPending} reason={whyNot ?? blocked}>
              Ask the gate
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}
