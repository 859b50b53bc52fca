import { Checkbox, FileInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { useSystemOptions } from '#src/features/inventory/web/system-options.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { type EvaluationSuite, PERTURBATIONS, type SuiteContent } from '../model.ts';
import classes from './evaluations.module.css';
import { EvaluationsFrame } from './evaluations-page.tsx';
import { suitesQuery } from './queries.ts';

const latest = (suite: EvaluationSuite) => suite.versions[0];

const COLUMNS: Column<EvaluationSuite>[] = [
  {
    key: 'name',
    title: 'Suite',
    narrow: 'title',
    text: (suite) => suite.name,
    render: (suite) => (
      <>
        {suite.name}
        <div className={classes.quiet}>
          {latest(suite)?.items} items,{' '}
          {latest(suite)
            ?.scorers.map((scorer) => scorer.name)
            .join(', ')}
          {suite.purpose === 'quality' ? '' : `; ${suite.purpose}`}
        </div>
      </>
    ),
  },
  {
    key: 'force',
    title: 'In force',
    text: (suite) => String(suite.inForce ?? 'none'),
    render: (suite) =>
      suite.inForce === null ? <StateBadge state="no_data" word="None approved" /> : `version ${suite.inForce}`,
  },
  {
    key: 'latest',
    title: 'Latest version',
    text: (suite) => latest(suite)?.review ?? '',
    render: (suite) => {
      const version = latest(suite);
      if (!version) return '–';
      return (
        <>
          <StateBadge
            state={version.review === 'approved' ? 'accepted' : version.review}
            word={version.review === 'approved' ? 'Approved' : undefined}
          />{' '}
          <When at={version.reviewedAt ?? version.proposedAt} />
          <div className={classes.quiet}>
            version {version.version} by {version.proposedBy.name}
            {version.reviewedBy ? `, ${version.reviewedBy.name}` : ''}
          </div>
        </>
      );
    },
  },
  {
    key: 'thresholds',
    title: 'Thresholds',
    text: (suite) =>
      latest(suite)
        ?.thresholds.map((one) => `${one.scorer} ${one.min}`)
        .join('; ') ?? '',
    render: (suite) =>
      latest(suite)
        ?.thresholds.map((one) => `${one.scorer} ≥ ${one.min}`)
        .join(', ') || 'none',
  },
  { key: 'act', title: 'Actions', sort: false, text: () => '', render: (suite) => <SuiteActions suite={suite} /> },
];

export function SuitesPage() {
  const query = useQuery(suitesQuery);
  return (
    <EvaluationsFrame tab="Suites">
      <Loaded query={query} what="the suites">
        {({ items }) => (
          <DataTable
            label="Suites"
            rows={items}
            columns={COLUMNS}
            rowKey={(suite) => suite.id}
            fileName="evaluation-suites"
            empty={
              <Empty title="No suite yet">
                A suite holds what is asked, what is right and which score is enough. A second person approves it before
                it runs.
              </Empty>
            }
          />
        )}
      </Loaded>
      <NewSuiteForm />
    </EvaluationsFrame>
  );
}

function SuiteActions({ suite }: { suite: EvaluationSuite }) {
  const toast = useToast();
  const version = latest(suite);
  const whyNot = useWhyNot('evaluations.approve', 'approve suites');
  const whyNotRun = useWhyNot('evaluations.write', 'run suites');
  const [running, setRunning] = useState(false);
  const [varying, setVarying] = useState(false);
  const review = useMutation({
    mutationFn: (body: { decision: 'approved' | 'refused'; comment?: string }) =>
      answerOf(
        api.POST('/api/v1/evaluations/suites/{id}/versions/{version}/review', {
          params: { path: { id: suite.id, version: version?.version ?? 0 } },
          body,
        }),
      ),
    onSuccess: (_, { decision }) => toast.done(decision === 'approved' ? 'Approved' : 'Refused'),
  });
  return (
    <div className={classes.actions}>
      {version?.review === 'waiting' ? (
        <ReviewButtons
          size="compact-sm"
          whyNot={whyNot}
          approve={{
            title: `Approve version ${version.version}?`,
            loses: 'Runs from now on are judged by it. Your name and the moment go into the ledger.',
            reason: { label: 'Comment', required: false },
          }}
          refuse={{ title: 'Refuse this version?', reason: { label: 'Why', required: true } }}
          busy={review.isPending}
          error={review.error ? asFailure(review.error).message : null}
          onDecide={(decision, comment) => review.mutateAsync({ decision, ...(comment && { comment }) })}
        />
      ) : null}
      <ReasonButton
        size="compact-sm"
        variant="default"
        reason={whyNotRun ?? (suite.inForce === null ? 'No version is approved yet.' : null)}
        onClick={() => setRunning(true)}
      >
        Run …
      </ReasonButton>
      <ReasonButton
        size="compact-sm"
        variant="default"
        reason={whyNotRun ?? (suite.inForce === null ? 'No version is approved yet.' : null)}
        onClick={() => setVarying(true)}
      >
        Variants …
      </ReasonButton>
      {varying ? <ProposeVariants suite={suite} onClose={() => setVarying(false)} /> : null}
      {running ? <StartRun suite={suite} onClose={() => setRunning(false)} /> : null}
    </div>
  );
}

function StartRun({ suite, onClose }: { suite: EvaluationSuite; onClose: () => void }) {
  const navigate = useNavigate();
  const providers = useQuery({
    queryKey: ['gateway', 'providers'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/v1/gateway/providers', { signal })),
  }).data;
  const [providerId, setProvider] = useState<string | null>(null);
  const [model, setModel] = useState('');
  const [digest, setDigest] = useState('');
  const start = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/evaluations/suites/{id}/runs', {
          params: { path: { id: suite.id } },
          body: { providerId: providerId ?? '', model, modelDigest: digest.trim() === '' ? null : digest },
        }),
      ),
    onSuccess: (run) => navigate({ to: '/evaluations/$runId', params: { runId: run.id } }),
  });
  return (
    <Confirm
      opened
      title={`Run ${suite.name}`}
      loses={`Each of ${latest(suite)?.items} items is asked once, which costs what the provider asks for it.`}
      action="Run"
      danger={false}
      busy={start.isPending}
      error={start.error ? asFailure(start.error).message : null}
      onConfirm={() => start.mutate()}
      onClose={onClose}
    >
      <FormStack>
        <Select
          label="Provider"
          placeholder={providers && providers.items.length === 0 ? 'Add one under Gateway first' : 'Choose one'}
          value={providerId}
          data={(providers?.items ?? []).map((provider) => ({ value: provider.id, label: provider.name }))}
          onChange={setProvider}
        />
        <TextInput label="Model" value={model} onChange={(event) => setModel(event.currentTarget.value)} />
        <TextInput
          label="Digest"
          description="Of the weights, or the provider’s fingerprint, where known."
          value={digest}
          maxLength={200}
          onChange={(event) => setDigest(event.currentTarget.value)}
        />
      </FormStack>
    </Confirm>
  );
}

const VARIANTS: Record<(typeof PERTURBATIONS)[number], string> = {
  typos: 'Typos',
  case: 'Upper and lower case',
  spacing: 'Spacing',
  paraphrase: 'Paraphrase templates',
  encoding: 'Base64',
  suffix: 'Adversarial suffixes',
};

/** A robustness suite of the approved items: the same questions, as people mistype and attackers extend them. */
function ProposeVariants({ suite, onClose }: { suite: EvaluationSuite; onClose: () => void }) {
  const toast = useToast();
  const [name, setName] = useState(`${suite.name}, varied`);
  const [kinds, setKinds] = useState<string[]>(['typos', 'paraphrase', 'suffix']);
  const propose = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/evaluations/suites/{id}/robustness', {
          params: { path: { id: suite.id } },
          body: { name, kinds: PERTURBATIONS.filter((kind) => kinds.includes(kind)), seed: 0 },
        }),
      ),
    onSuccess: () => {
      toast.done('Proposed. A second person decides.');
      onClose();
    },
  });
  return (
    <Confirm
      opened
      title={`Variants of ${suite.name}`}
      loses="Each approved item stays in, with one variant of each kind beside it. A second person approves the new suite."
      action="Propose"
      danger={false}
      busy={propose.isPending}
      error={propose.error ? asFailure(propose.error).message : null}
      onConfirm={() => propose.mutate()}
      onClose={onClose}
    >
      <FormStack>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox.Group label="Kinds" value={kinds} onChange={setKinds}>
          {PERTURBATIONS.map((kind) => (
            <Checkbox key={kind} value={kind} label={VARIANTS[kind]} mt="xs" />
          ))}
        </Checkbox.Group>
      </FormStack>
    </Confirm>
  );
}

/** The content comes as a file: suites are made and kept where the code is. */
function NewSuiteForm() {
  const toast = useToast();
  const whyNot = useWhyNot('evaluations.write', 'propose suites');
  const systems = useSystemOptions();
  const [name, setName] = useState('');
  const [systemId, setSystem] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const propose = useMutation({
    mutationFn: async () => {
      const content = await readContent(file);
      return answerOf(api.POST('/api/v1/evaluations/suites', { body: { name, systemId, reason, content } }));
    },
    onSuccess: () => {
      setName('');
      setSystem(null);
      setReason('');
      setFile(null);
      toast.done('Proposed. A second person decides.');
    },
    onError: (error) => setUnreadable(error instanceof SyntaxError ? 'The file is not JSON.' : null),
  });
  const failure = propose.error && unreadable === null ? asFailure(propose.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUnreadable(null);
    propose.mutate();
  };
  const blocked =
    (name.trim() === '' && 'Give it a name first.') ||
    (file === null && 'Choose the file with its content first.') ||
    (reason.trim() === '' && 'Say why first.');
  return (
    <Section title="Propose a suite">
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={failure} />
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Select
            label="System"
            description="What it measures; the release gate of the system asks it. None for a benchmark of models alone."
            placeholder="None"
            clearable
            clearButtonProps={{ 'aria-label': 'No system' }}
            value={systemId}
            data={systems}
            onChange={setSystem}
          />
          <FileInput
            label="Content"
            description="A JSON file with items, scorers, thresholds and seed, as the guide on evaluations shows."
            placeholder="suite.json"
            accept="application/json,.json"
            value={file}
            error={unreadable}
            onChange={setFile}
          />
          <Textarea
            label="Why"
            autosize
            minRows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FormButtons>
            <ReasonButton type="submit" loading={propose.isPending} reason={whyNot ?? (blocked || null)}>
              Propose
            </ReasonButton>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}

// The server checks every field; here it only has to be JSON.
async function readContent(file: File | null): Promise<SuiteContent> {
  return JSON.parse(await (file?.text() ?? Promise.resolve(''))) as SuiteContent;
}
