import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useSession, useWhyNot } from '#src/apps/web/session.ts';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import { ReviewButtons } from '#src/ui/review-buttons.tsx';
import { SideDrawer } from '#src/ui/side-drawer.tsx';
import { useToast } from '#src/ui/toast.tsx';
import type { Approval, ApprovalContent, ApprovalDecision } from '../model.ts';
import { ApprovalStateBadge } from './approval-state.tsx';
import classes from './approvals.module.css';
import { approvalContentQuery, approvalQuery } from './queries.ts';

/** One tool call: what it would do, who asks and why, and the person's decision. */
export function ApprovalDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(approvalQuery(id));
  return (
    <SideDrawer opened title={query.data ? `Call of ${query.data.tool}` : 'Tool call'} onClose={onClose}>
      <Loaded query={query} what="the approval" rows={6}>
        {(approval) => <OneApproval approval={approval} />}
      </Loaded>
    </SideDrawer>
  );
}

function OneApproval({ approval }: { approval: Approval }) {
  const whyNot = useWhyNot('gateway-approvals.decide', 'decide tool calls');
  const me = useSession().user?.id;
  const isMine = approval.key?.madeBy?.kind === 'user' && approval.key.madeBy.id === me;
  const isWaiting = approval.state === 'waiting';
  const content = useQuery({ ...approvalContentQuery(approval.id), enabled: whyNot === null && isWaiting });
  return (
    <>
      <div className={classes.part}>
        <div>
          <ApprovalStateBadge state={approval.state} />
        </div>
        <p>
          The policy{' '}
          <Link to="/gateway/policies/$policyId" params={{ policyId: approval.policy.id }} search={{}}>
            {approval.policy.name ?? approval.policy.id}
          </Link>
          , version {approval.policy.version}, says that a person approves each call of this tool.
        </p>
      </div>
      {isWaiting ? (
        <div className={classes.part}>
          {whyNot ? (
            <Notice tone="noData">What the call would do is shown to those who decide it.</Notice>
          ) : (
            <Loaded query={content} what="the arguments">
              {(one) => <Content content={one} />}
            </Loaded>
          )}
          <Decide
            approval={approval}
            digest={content.data?.digest ?? null}
            whyNot={
              whyNot ??
              (isMine ? 'You made the key this call came with: another person has to decide it.' : null) ??
              (content.data ? null : 'Read what the call would do first.')
            }
          />
        </div>
      ) : null}
      <div className={classes.part}>
        <h3>About the call</h3>
        <Facts
          rows={{
            Tenant: approval.tenant.name ?? approval.tenant.id,
            Key: approval.key ? `${approval.key.name ?? approval.key.id}` : 'none: a token',
            'Key made by': approval.key?.madeBy?.name ?? 'not known',
            Route: approval.route.path ?? approval.route.id,
            Asked: <When at={approval.askedAt} both />,
            'Asked again': approval.askedAgain,
            Expires: isWaiting || approval.state === 'approved' ? <When at={approval.expiresAt} both /> : null,
            Decided: approval.decidedAt ? <When at={approval.decidedAt} both /> : null,
            'Decided by': approval.decidedBy?.name ?? null,
            Reason: approval.reason,
            'First call': (
              <Link to="/gateway/decisions/$decisionId" params={{ decisionId: approval.decisionId }}>
                {approval.decisionId}
              </Link>
            ),
            'Let through': approval.usedDecisionId ? (
              <Link to="/gateway/decisions/$decisionId" params={{ decisionId: approval.usedDecisionId }}>
                {approval.usedDecisionId}
              </Link>
            ) : null,
          }}
        />
      </div>
    </>
  );
}

function Content({ content }: { content: ApprovalContent }) {
  if (content.arguments === null) return <p className={classes.sub}>The arguments are forgotten: it is decided.</p>;
  return (
    <>
      <CodeBlock label="What it would do" text={pretty(content.arguments)} numbered={false} />
      {content.masked > 0 ? (
        <p className={classes.sub}>
          {content.masked === 1 ? 'One secret is' : `${content.masked} secrets are`} masked here.
        </p>
      ) : null}
    </>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Decide({ approval, digest, whyNot }: { approval: Approval; digest: string | null; whyNot: string | null }) {
  const toast = useToast();
  const queryClient = useQueryClient();
  const decide = useMutation({
    mutationFn: (body: ApprovalDecision) =>
      answerOf(api.POST('/api/v1/gateway/approvals/{id}/decide', { params: { path: { id: approval.id } }, body })),
    onSuccess: async (_, { decision }) => {
      toast.done(decision === 'approved' ? 'The call may pass once' : 'The call is refused');
      await queryClient.invalidateQueries();
    },
  });
  return (
    <div className={classes.buttons}>
      <ReviewButtons
        whyNot={whyNot}
        approve={{
          title: `Let this call of ${approval.tool} pass?`,
          loses:
            'This call, with these arguments, passes once when its caller makes it again within an hour. Your name and the moment go into the ledger.',
          reason: { label: 'Why', required: true },
        }}
        refuse={{
          title: `Refuse this call of ${approval.tool}?`,
          loses: 'Its caller is told that a person refused it. The same call is not asked about again for an hour.',
          reason: { label: 'Why', required: true },
        }}
        busy={decide.isPending}
        error={decide.error ? asFailure(decide.error).message : null}
        onDecide={(decision, reason) => decide.mutateAsync({ decision, digest: digest ?? '', reason })}
      />
    </div>
  );
}
