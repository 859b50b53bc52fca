import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyChange, PolicyDetail, PolicyDocument, PolicyProblem } from '../model.ts';
import { Ran } from './dry-run-section.tsx';
import classes from './gateway.module.css';
import { PolicyForm } from './policy-form.tsx';

const CHECK_AFTER_MS = 400;

/** Writes the next version, by a form or as text: what is wrong with it, what it would change, and what it would have done. */
export function PolicyEditor({ policy, onDone }: { policy: PolicyDetail; onDone: () => void }) {
  const toast = useToast();
  const from = policy.openVersion ?? policy.inForceVersion ?? policy.versions[0]?.version ?? 0;
  const [document, setDocument] = useState<PolicyDocument>(policy.documents[String(from)] as PolicyDocument);
  const [tab, setTab] = useState<'form' | 'json'>('form');
  const [text, setText] = useState('');
  const [note, setNote] = useState(policy.versions.find(({ version }) => version === policy.openVersion)?.note ?? '');
  const read = tab === 'json' ? parse(text) : { document };
  const current = 'document' in read ? read.document : document;
  const [settled] = useDebouncedValue(current, CHECK_AFTER_MS);
  const against = policy.documents[String(policy.inForceVersion)] ?? null;
  const check = useQuery({
    queryKey: ['gateway-policy-check', policy.id, JSON.stringify(settled)],
    queryFn: ({ signal }) =>
      answerOf(api.POST('/api/v1/gateway/policies/check', { body: { document: settled, against }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const tried = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/gateway/policies/{id}/dry-run', {
          params: { path: { id: policy.id } },
          body: { document: current },
        }),
      ),
  });
  const save = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/v1/gateway/policies/{id}/draft', {
          params: { path: { id: policy.id } },
          body: { document: current, note },
        }),
      ),
    onSuccess: ({ openVersion }) => {
      toast.done(`Version ${openVersion} is saved as a draft`, 'Submit it so that a second person can approve it.');
      onDone();
    },
  });
  const problem = 'problem' in read ? read.problem : null;
  const error = save.error ?? tried.error ?? check.error;
  function show(next: 'form' | 'json') {
    if (next === tab || problem !== null) return;
    if (next === 'json') setText(JSON.stringify(document, null, 2));
    else setDocument(current);
    setTab(next);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (problem === null) save.mutate();
  }
  return (
    <Section
      title={policy.openVersion === null ? 'The next version' : `Version ${policy.openVersion}`}
      aside={
        <SegmentedControl
          size="xs"
          aria-label="How to write it"
          value={tab}
          data={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'JSON' },
          ]}
          onChange={(value) => show(value as 'form' | 'json')}
        />
      }
    >
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={error && problem === null ? asFailure(error) : null} />
          {tab === 'form' ? (
            <PolicyForm document={document} problems={check.data?.problems ?? []} onChange={setDocument} />
          ) : (
            <Textarea
              className={classes.document}
              label="What it says"
              description="JSON. docs/guides/gateway.md explains each member; what cannot run is refused with the field named."
              required
              autosize
              minRows={14}
              maxRows={40}
              maxLength={1_048_576}
              spellCheck={false}
              value={text}
              error={problem}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {check.data && problem === null ? <Checked {...check.data} /> : null}
          {tried.data ? <Ran ran={tried.data} /> : null}
          <Textarea
            label="What changes, and why"
            description="For whoever reviews it, and for the record."
            required
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <FormButtons>
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button
              variant="default"
              loading={tried.isPending}
              disabled={problem !== null}
              onClick={() => tried.mutate()}
            >
              Try on recorded calls
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save as a draft
            </Button>
          </FormButtons>
        </FormStack>
      </form>
    </Section>
  );
}

function Checked({ problems, changes }: { problems: readonly PolicyProblem[]; changes: readonly PolicyChange[] }) {
  if (problems.length > 0)
    return (
      <Notice tone="fail">
        It cannot run:
        <ul className={classes.problems}>
          {problems.map(({ field, message, line, column }) => (
            <li key={`${field} ${message}`}>
              <code>{field}</code> {line === undefined ? '' : `line ${line}, column ${column}: `}
              {message}
            </li>
          ))}
        </ul>
      </Notice>
    );
  return (
    <Notice tone="pass">
      It can run. {changes.length === 0 ? 'It says what is in force now.' : 'Against what is in force now:'}
      <ul className={classes.problems}>
        {changes.map(({ what, before, after, effect }) => (
          <li key={`${what} ${before} ${after}`}>
            <StateBadge state={effect} /> {what}: {before} → {after}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The server checks its shape; here it only has to be JSON, with the place of what is not. */
function parse(text: string): { document: PolicyDocument } | { problem: string } {
  try {
    return { document: JSON.parse(text) as PolicyDocument };
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : ''}` };
  }
}
