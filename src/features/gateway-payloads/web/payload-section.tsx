import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Confirm } from '#src/ui/confirm.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { OpenedPayload, PayloadState } from '../model.ts';
import classes from './payload.module.css';
import { payloadQuery } from './queries.ts';

const LOOKS: Record<PayloadState['state'], { state: 'not_applicable' | 'no_data' | 'pass' | 'fail'; word: string }> = {
  off: { state: 'not_applicable', word: 'Not captured' },
  missed: { state: 'no_data', word: 'Missed' },
  captured: { state: 'pass', word: 'Captured' },
  lost: { state: 'fail', word: 'Lost' },
  removed: { state: 'not_applicable', word: 'Destroyed' },
};

const WHY: Record<string, string> = {
  not_redacted: 'The policy does not take personal data and secrets out of it, or stopped the call.',
  queue_full: 'Too many waited to be written.',
  no_store: 'The process had no place to keep it.',
  on_its_way: 'It is being written.',
  never_written: 'It was captured and never written, as after the end of a process.',
  retention: 'Its time was over.',
  erasure: 'It was erased.',
};

/** Whether the texts of a call were kept, and reading them for a reason. */
export function PayloadSection({ decisionId }: { decisionId: string }) {
  const query = useQuery(payloadQuery(decisionId));
  return (
    <Section
      title="Payload"
      lead="What was asked and answered, after redaction. Each reading is an entry of the ledger."
    >
      <div className={classes.block}>
        <Loaded query={query} what="the payload" rows={1}>
          {(state) => <State state={state} />}
        </Loaded>
      </div>
    </Section>
  );
}

function State({ state }: { state: PayloadState }) {
  const whyNot = useWhyNot('payloads.open', 'read what was asked and answered');
  const [asking, setAsking] = useState(false);
  const open = useMutation({
    mutationFn: (reason: string) =>
      answerOf(
        api.POST('/api/v1/gateway/payloads/{id}/open', {
          params: { path: { id: state.decisionId } },
          body: { reason },
        }),
      ),
    onSuccess: () => setAsking(false),
    // What somebody read is not left lying in the memory of the page.
    gcTime: 0,
  });
  const isOnItsWay = state.why === 'on_its_way';
  const look = isOnItsWay ? ({ state: 'no_data', word: 'Being written' } as const) : LOOKS[state.state];
  return (
    <>
      <div className={classes.state}>
        <StateBadge state={look.state} word={look.word} />
        <span>
          {state.why ? WHY[state.why] : null}
          {state.state === 'off' ? 'It was not switched on, or the call ended before its texts were screened.' : null}
          {state.state === 'captured' && state.keepUntil ? (
            <>
              Kept until <When at={state.keepUntil} />
              {state.onHold ? ', and longer: a legal hold stands' : ''}.
            </>
          ) : null}
          {state.removedAt ? (
            <>
              {' '}
              <When at={state.removedAt} />
            </>
          ) : null}
        </span>
        {state.state === 'captured' && !open.data ? (
          <ReasonButton variant="default" size="compact-sm" reason={whyNot} onClick={() => setAsking(true)}>
            Read …
          </ReasonButton>
        ) : null}
      </div>
      {open.data ? <Texts opened={open.data} /> : null}
      <Confirm
        opened={asking}
        title="Read what was asked and answered?"
        loses="That you read it, and why, becomes an entry of the ledger."
        action="Read"
        danger={false}
        reason={{ label: 'Why', required: true }}
        busy={open.isPending}
        error={open.error ? asFailure(open.error).message : null}
        onConfirm={(reason) => open.mutate(reason)}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Texts({ opened }: { opened: OpenedPayload }) {
  const { request, answer } = opened.payload;
  return (
    <>
      <p>
        {opened.isInDecision ? (
          <>
            <StateBadge state="pass" word="The one the decision names" /> <Digest hex={opened.sha256} />
          </>
        ) : (
          <>
            <StateBadge state="fail" word="Not the one the decision names" /> <Digest hex={opened.sha256} />
          </>
        )}
      </p>
      <Side title="Asked" side={request} />
      {answer ? (
        <Side title={answer.whole ? 'Answered' : 'Answered, in part'} side={answer} />
      ) : (
        <p>No answer was kept.</p>
      )}
    </>
  );
}

function Side({ title, side }: { title: string; side: OpenedPayload['payload']['request'] }) {
  return (
    <>
      <h3 className={classes.side}>{title}</h3>
      <dl className={classes.texts}>
        {side.texts.map((one, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: texts have no id and never change
          <div key={i}>
            <dt>
              {one.role ? `${one.role}, ` : ''}
              <code>{one.field}</code>
            </dt>
            <dd>{one.text}</dd>
          </div>
        ))}
      </dl>
      {side.cutCharacters > 0 ? (
        <p>{side.cutCharacters.toLocaleString('en-US')} characters more were not kept.</p>
      ) : null}
    </>
  );
}
