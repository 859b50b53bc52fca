import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { ApiFailure, asFailure } from '#src/apps/web/failure.ts';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem, FormStack } from '#src/ui/form.tsx';
import { Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { PolicyDetail, PolicyDocument } from '../model.ts';
import classes from './gateway.module.css';

/** Writes the next version as text: what it says, what is wrong with it, and what it would change. */
export function PolicyEditor({ policy, onDone }: { policy: PolicyDetail; onDone: () => void }) {
  const toast = useToast();
  const from = policy.openVersion ?? policy.inForceVersion ?? policy.versions[0]?.version ?? 0;
  const [text, setText] = useState(JSON.stringify(policy.documents[String(from)] ?? {}, null, 2));
  const [note, setNote] = useState(policy.versions.find(({ version }) => version === policy.openVersion)?.note ?? '');
  const check = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/v1/gateway/policies/check', {
          body: { document: parse(text), against: policy.documents[String(policy.inForceVersion)] ?? null },
        }),
      ),
  });
  const save = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/v1/gateway/policies/{id}/draft', {
          params: { path: { id: policy.id } },
          body: { document: parse(text), note },
        }),
      ),
    onSuccess: ({ openVersion }) => {
      toast.done(`Version ${openVersion} is saved as a draft`, 'Submit it so that a second person can approve it.');
      onDone();
    },
  });
  const error = save.error ?? check.error;
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Section title={policy.openVersion === null ? 'The next version' : `Version ${policy.openVersion}`}>
      <form onSubmit={submit} className={classes.panel}>
        <FormStack>
          <FormProblem failure={error ? asFailure(error) : null} />
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
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Textarea
            label="What changes, and why"
            description="For whoever reviews it, and for the record."
            required
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {check.data ? <Checked {...check.data} /> : null}
          <FormButtons>
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              Check
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

function Checked({
  problems,
  changes,
}: {
  problems: readonly { field: string; message: string }[];
  changes: readonly { what: string; before: string; after: string; effect: 'loosened' | 'tightened' | 'changed' }[];
}) {
  if (problems.length > 0)
    return (
      <Notice tone="fail">
        It cannot run:
        <ul className={classes.problems}>
          {problems.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <code>{field}</code> {message}
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
          <li key={what}>
            <StateBadge state={effect} /> {what}: {before} → {after}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The server checks its shape; here it only has to be JSON, with the place of what is not. */
function parse(text: string): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch (error) {
    throw new ApiFailure('invalid_input', `This is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
