import { Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useMay, useSession } from '#src/apps/web/session.ts';
import { controlQuery, controlsQuery } from '#src/features/controls/web/queries.ts';
import { Forbidden } from '#src/ui/feedback.tsx';
import { FileDrop } from '#src/ui/file-drop.tsx';
import { FormButtons, FormProblem, FormRow, FormStack } from '#src/ui/form.tsx';
import { Page } from '#src/ui/page.tsx';
import { ATTESTATION_MAX_DAYS, type Attestation, STATEMENT_MAX_CHARACTERS, UPLOAD_MAX_BYTES } from '../model.ts';
import classes from './evidence.module.css';

const route = getRouteApi('/app/evidence/attestations/new');

const DAY_MS = 86_400_000;
const QUARTER_DAYS = 91;
const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/** A statement or a file that stands for what no test can see. It counts once a second person has accepted it. */
export function NewAttestationPage() {
  const mayAttest = useMay('evidence.write');
  const role = useSession().user?.role;
  return (
    <Page
      title="Add a statement or file"
      eyebrow={<Link to="/evidence/attestations">Statements and files</Link>}
      lead="It counts once a second person has accepted it, and until the day it expires. The entry and its digest go into the ledger."
    >
      {mayAttest ? <Form /> : <Forbidden what="this form" role={role} />}
    </Page>
  );
}

function Form() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = Date.now();
  const [kind, setKind] = useState<'statement' | 'file'>('statement');
  const [file, setFile] = useState<File | null>(null);
  const [form, setForm] = useState({
    controlId: search.control ?? '',
    evidenceId: search.expected ?? null,
    title: '',
    source: '',
    query: '',
    text: '',
    occurredOn: day(now),
    periodFrom: day(now - QUARTER_DAYS * DAY_MS),
    periodTo: day(now),
    expiresOn: day(now + QUARTER_DAYS * DAY_MS),
  });
  const put = (change: Partial<typeof form>) => setForm((held) => ({ ...held, ...change }));
  const [problem, setProblem] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () => send(form, kind === 'file' ? file : null),
    onSuccess: (made) => navigate({ to: '/evidence/attestations/$attestationId', params: { attestationId: made.id } }),
  });
  const failure = save.error ? asFailure(save.error) : null;
  const wrong = (field: string) => failure?.fields[field];

  function submit(event: FormEvent) {
    event.preventDefault();
    const missing =
      form.controlId === ''
        ? 'Choose the control it stands for.'
        : kind === 'file' && !file
          ? 'Choose a file.'
          : kind === 'file' && file && file.size > UPLOAD_MAX_BYTES
            ? `The file is larger than ${UPLOAD_MAX_BYTES / 1024 / 1024} MB.`
            : null;
    setProblem(missing);
    if (!missing) save.mutate();
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <FormStack>
        <FormProblem failure={problem ? { message: problem } : failure} />
        <ControlFields form={form} put={put} wrong={wrong} />
        <SegmentedControl
          aria-label="Form"
          style={{ alignSelf: 'flex-start' }}
          value={kind}
          onChange={(value) => setKind(value as 'statement' | 'file')}
          data={[
            { value: 'statement', label: 'Statement' },
            { value: 'file', label: 'File' },
          ]}
        />
        <TextInput
          label="Title"
          description="What it shows, e.g. “Access review of the model registry, third quarter”."
          required
          maxLength={300}
          value={form.title}
          error={wrong('title')}
          onChange={(event) => put({ title: event.currentTarget.value })}
        />
        {kind === 'statement' ? (
          <Textarea
            label="Statement"
            description="Facts, not promises: what was done, by whom, when, and how it can be seen."
            required
            rows={7}
            maxLength={STATEMENT_MAX_CHARACTERS}
            value={form.text}
            error={wrong('text')}
            onChange={(event) => put({ text: event.currentTarget.value })}
          />
        ) : (
          <FileDrop
            label="Drop a file here"
            note="PDF, image, text, CSV, JSON, ZIP or Office file, at most 25 MB. Remove personal data first: it is kept."
            chosen={file ? [file] : []}
            onFiles={([only]) => setFile(only ?? null)}
          />
        )}
        <FormRow>
          <TextInput
            label="Source"
            description="The named system, account or register."
            required
            maxLength={500}
            value={form.source}
            error={wrong('source')}
            onChange={(event) => put({ source: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="When it was so"
            description="The day it shows, or was captured."
            required
            max={day(now)}
            value={form.occurredOn}
            error={wrong('occurredAt')}
            onChange={(event) => put({ occurredOn: event.currentTarget.value })}
          />
        </FormRow>
        <Textarea
          label="How it was obtained"
          description="So that another person can do it again: the page, the query, the steps."
          required
          rows={3}
          maxLength={4000}
          value={form.query}
          error={wrong('query')}
          onChange={(event) => put({ query: event.currentTarget.value })}
        />
        <FormRow>
          <TextInput
            type="date"
            label="Period from"
            required
            value={form.periodFrom}
            error={wrong('periodFrom')}
            onChange={(event) => put({ periodFrom: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="Period to"
            required
            min={form.periodFrom}
            value={form.periodTo}
            error={wrong('periodTo')}
            onChange={(event) => put({ periodTo: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="Expires on"
            required
            min={day(now)}
            max={day(now + ATTESTATION_MAX_DAYS * DAY_MS)}
            value={form.expiresOn}
            error={wrong('expiresOn')}
            onChange={(event) => put({ expiresOn: event.currentTarget.value })}
          />
        </FormRow>
        <FormButtons align="start">
          <Button type="submit" size="sm" loading={save.isPending}>
            Submit for review
          </Button>
        </FormButtons>
      </FormStack>
    </form>
  );
}

type Fields = { controlId: string; evidenceId: string | null };

function ControlFields({
  form,
  put,
  wrong,
}: {
  form: Fields;
  put: (change: Partial<Fields>) => void;
  wrong: (field: string) => string | undefined;
}) {
  const controls = useQuery(controlsQuery({})).data?.items ?? [];
  const control = useQuery({ ...controlQuery(form.controlId), enabled: form.controlId !== '' }).data;
  return (
    <FormStack>
      <Select
        label="Control"
        required
        searchable
        placeholder="Choose a control"
        value={form.controlId === '' ? null : form.controlId}
        error={wrong('controlId')}
        data={controls.map(({ id, title }) => ({ value: id, label: `${id} ${title}` }))}
        onChange={(controlId) => put({ controlId: controlId ?? '', evidenceId: null })}
      />
      <Select
        label="Expected evidence"
        description="What an auditor expects to see for this control. Leave it empty to speak for the control as a whole."
        clearable
        disabled={!control}
        placeholder={control ? 'The control as a whole' : 'Choose a control first'}
        value={form.evidenceId}
        error={wrong('evidenceId')}
        data={control?.expectedEvidence.map(({ id, expect }) => ({ value: id, label: `${id} ${expect}` })) ?? []}
        onChange={(evidenceId) => put({ evidenceId })}
      />
    </FormStack>
  );
}

type Values = {
  controlId: string;
  evidenceId: string | null;
  title: string;
  source: string;
  query: string;
  text: string;
  occurredOn: string;
  periodFrom: string;
  periodTo: string;
  expiresOn: string;
};

function send(values: Values, file: File | null): Promise<Attestation> {
  const { occurredOn, text, evidenceId, ...rest } = values;
  // Noon of the day in UTC; for today the present moment, which is not in the future anywhere.
  const occurredAt = new Date(Math.min(Date.parse(`${occurredOn}T12:00:00Z`), Date.now())).toISOString();
  const fields = { ...rest, occurredAt };
  if (!file) return answerOf(api.POST('/api/v1/attestations', { body: { ...fields, evidenceId, text } }));
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (evidenceId) form.append('evidenceId', evidenceId);
  // The file comes last: the server reads the fields before it takes the bytes.
  form.append('file', file, file.name);
  return answerOf(
    // The description names the JSON form; the same address takes a form with a file in it.
    api.POST('/api/v1/attestations', { body: { ...fields, evidenceId }, bodySerializer: () => form }),
  );
}
