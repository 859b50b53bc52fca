import '@mantine/core/styles/NumberInput.layer.css';
import { NumberInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Named } from '#src/features/gateway-policies/web/named.tsx';
import { Confirm } from '#src/ui/confirm.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { useToast } from '#src/ui/toast.tsx';
import { wordsOf } from '#src/ui/words.ts';
import { ABUSE_KINDS, type AbuseAction, type AbuseFinding } from '../model.ts';
import classes from './abuse.module.css';
import { FindingState, SeverityBadge } from './finding-badges.tsx';
import { findingQuery } from './queries.ts';

/** One finding: its reasons and numbers, the calls behind it, and what can be done to the caller. */
export function FindingDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(findingQuery(id));
  return (
    <SideDrawer opened title={query.data?.title ?? 'Finding'} onClose={onClose}>
      <Loaded query={query} what="the finding" rows={6}>
        {(finding) => <Finding finding={finding} />}
      </Loaded>
    </SideDrawer>
  );
}

const ACTION_WORDS: Record<AbuseAction['action'], { verb: string; done: string; loses: string; danger: boolean }> = {
  throttle: {
    verb: 'Throttle',
    done: 'The key is throttled',
    loses: 'Calls beyond the limit get 429 from now on.',
    danger: false,
  },
  suspend: {
    verb: 'Suspend',
    done: 'Suspended',
    loses: 'The next call is refused, on every node within a second. It can be taken back under Tenants.',
    danger: true,
  },
  revoke: {
    verb: 'Revoke',
    done: 'The key is revoked',
    loses: 'The key never works again. Its owner needs a new one.',
    danger: true,
  },
  dismiss: {
    verb: 'Dismiss',
    done: 'Dismissed',
    loses: 'Nothing happens to the caller. If it goes on, there will be a new finding.',
    danger: false,
  },
};

function Finding({ finding }: { finding: AbuseFinding }) {
  const ofKey = finding.caller.kind === 'key';
  return (
    <>
      <div className={classes.part}>
        <div className={classes.badges}>
          <SeverityBadge severity={finding.severity} />
          <FindingState state={finding.state} />
        </div>
        <p className={classes.sub}>{ABUSE_KINDS[finding.kind].meaning}</p>
        <ul className={classes.reasons}>
          {finding.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
      <Actions
        finding={finding}
        kinds={ofKey ? ['throttle', 'suspend', 'revoke', 'dismiss'] : ['suspend', 'dismiss']}
      />
      <div className={classes.part}>
        <h3>Numbers</h3>
        <Facts
          rows={{
            Caller: (
              <Link to="/gateway/decisions" search={ofKey ? { key: finding.caller.id } : { tenant: finding.caller.id }}>
                {finding.caller.kind} <Named kind={finding.caller.kind} id={finding.caller.id} />
              </Link>
            ),
            Tenant: finding.tenantId ? <Named kind="tenant" id={finding.tenantId} /> : 'not known',
            First: <When at={finding.firstAt} both />,
            Last: <When at={finding.lastAt} both />,
            Times: finding.times,
            ...Object.fromEntries(
              Object.entries(finding.numbers).map(([name, value]) => [
                wordsOf(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
                value.toLocaleString('en-US'),
              ]),
            ),
            Alert: finding.alertId ? <Link to={`/alerts/${finding.alertId}` as string}>open the alert</Link> : null,
          }}
        />
      </div>
      <div className={classes.part}>
        <h3>Some of the calls</h3>
        <ul className={classes.ids}>
          {finding.decisionIds.map((id) => (
            <li key={id}>
              <Link to="/gateway/decisions/$decisionId" params={{ decisionId: id }}>
                {id}
              </Link>
            </li>
          ))}
        </ul>
      </div>
      {finding.actions.length > 0 ? (
        <div className={classes.part}>
          <h3>What was done</h3>
          <ul className={classes.reasons}>
            {finding.actions.map((action) => (
              <li key={action.at}>
                {ACTION_WORDS[action.action].verb} by {action.by.name}, <When at={action.at} />: {action.reason}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}

function Actions({ finding, kinds }: { finding: AbuseFinding; kinds: readonly AbuseAction['action'][] }) {
  const client = useQueryClient();
  const toast = useToast();
  const whyNot = useWhyNot('gateway.write', 'act on callers');
  const [asking, setAsking] = useState<AbuseAction['action'] | null>(null);
  const [perMinute, setPerMinute] = useState(10);
  const act = useMutation({
    mutationFn: (body: AbuseAction) =>
      answerOf(api.POST('/api/v1/gateway/abuse/{id}/actions', { params: { path: { id: finding.id } }, body })),
    onSuccess: async (changed, { action }) => {
      client.setQueryData(findingQuery(finding.id).queryKey, changed);
      await client.invalidateQueries({ queryKey: ['gateway-abuse'] });
      toast.done(ACTION_WORDS[action].done);
      setAsking(null);
    },
  });
  const closed = finding.state === 'dismissed' ? 'This finding was dismissed.' : null;
  const words = asking ? ACTION_WORDS[asking] : null;
  return (
    <div className={classes.part}>
      <h3>Act</h3>
      <div className={classes.actions}>
        {kinds.map((kind) => (
          <ReasonButton
            key={kind}
            size="xs"
            variant={kind === 'dismiss' ? 'subtle' : 'default'}
            reason={whyNot ?? closed}
            onClick={() => setAsking(kind)}
          >
            {ACTION_WORDS[kind].verb}
          </ReasonButton>
        ))}
      </div>
      {asking && words ? (
        <Confirm
          opened
          title={`${words.verb} ${finding.caller.kind === 'key' ? 'the key' : 'the keys of the tenant'}`}
          loses={words.loses}
          action={words.verb}
          danger={words.danger}
          reason={{
            label: 'Reason',
            description: 'Kept with the change and in the ledger’s record of who did it.',
            required: true,
          }}
          busy={act.isPending}
          error={act.error ? asFailure(act.error).message : null}
          onConfirm={(reason) =>
            act.mutate({ action: asking, reason, ...(asking === 'throttle' && { requestsPerMinute: perMinute }) })
          }
          onClose={() => {
            act.reset();
            setAsking(null);
          }}
        >
          {asking === 'throttle' ? (
            <NumberInput
              label="Requests a minute"
              min={1}
              max={100_000}
              value={perMinute}
              onChange={(value) => setPerMinute(Number(value) || 1)}
            />
          ) : null}
        </Confirm>
      ) : null}
    </div>
  );
}
