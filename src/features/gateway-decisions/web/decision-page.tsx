import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { PayloadSection } from '#src/features/gateway-payloads/web/payload-section.tsx';
import { Named } from '#src/features/gateway-policies/web/named.tsx';
import { CodeBlock, prettyJson } from '#src/ui/code-block.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Page, Section } from '#src/ui/page.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { DecisionDetail, DecisionVerdict } from '../model.ts';
import { DecisionProof } from './decision-proof.tsx';
import { dollars, millis, say, spaced } from './figures.ts';
import classes from './gateway.module.css';
import { OutcomeBadge } from './outcome-badge.tsx';
import { decisionQuery } from './queries.ts';

const route = getRouteApi('/app/gateway/decisions/$decisionId');

export function DecisionPage() {
  const { decisionId } = route.useParams();
  const query = useQuery(decisionQuery(decisionId));
  return (
    <Page
      title="Decision"
      documentTitle="Decision · Gateway"
      eyebrow={<Link to="/gateway/decisions">Decisions</Link>}
      lead={<code>{decisionId}</code>}
    >
      <Loaded query={query} what="the decision" rows={10}>
        {(detail) => <Detail detail={detail} />}
      </Loaded>
    </Page>
  );
}

function Detail({ detail }: { detail: DecisionDetail }) {
  const { summary, request, answer, policy, node, timings } = detail;
  return (
    <>
      <Section title="What happened">
        <div className={classes.block}>
          <Facts
            columns={2}
            rows={{
              Outcome: (
                <>
                  <OutcomeBadge outcome={summary.outcome} />{' '}
                  {summary.failOpen ? <StateBadge state="fail" word="Failed open" /> : null}
                </>
              ),
              Refused: detail.refusal
                ? `${spaced(detail.refusal.code)}, at ${spaced(detail.refusal.stage)}, HTTP ${detail.refusal.httpStatus}`
                : null,
              Began: <When at={summary.occurredAt} both />,
              Ended: spaced(summary.ended),
              Tenant: summary.tenantId ? (
                <Link to="/gateway/decisions" search={{ tenant: summary.tenantId }}>
                  <Named kind="tenant" id={summary.tenantId} />
                </Link>
              ) : (
                'not known'
              ),
              Key: summary.keyId ? (
                <Link to="/gateway/decisions" search={{ key: summary.keyId }}>
                  <Named kind="key" id={summary.keyId} />
                </Link>
              ) : (
                'none'
              ),
              Route: summary.routeId ? <Named kind="route" id={summary.routeId} /> : 'none',
              Request: `${request.method} ${request.pathPattern}${request.stream ? ', streamed' : ''}`,
              Model: summary.modelAsked
                ? `${summary.modelAsked}${answer.modelAnswered && answer.modelAnswered !== summary.modelAsked ? `, answered by ${answer.modelAnswered}` : ''}`
                : '–',
              Provider: summary.providerId ? <Named kind="provider" id={summary.providerId} /> : 'not reached',
              Status: `${summary.httpStatus}${answer.upstreamStatus === null ? '' : `, provider ${answer.upstreamStatus}`}${answer.tries > 1 ? `, ${answer.tries} tries` : ''}`,
              Tokens: `${say(summary.tokensInput)} asked, ${say(summary.tokensOutput)} answered`,
              Cost:
                summary.costMicroUsd === null && answer.tries > 0
                  ? 'unknown: the model has no price'
                  : dollars(summary.costMicroUsd),
              Time: `${millis(timings.totalUs)}, of which the gateway added ${millis(timings.addedUs)}`,
              Policy: policy.id ? (
                <>
                  {policy.name === null ? (
                    policy.id.startsWith('gpt_') ? (
                      'a version on trial'
                    ) : (
                      `${policy.id} (removed)`
                    )
                  ) : (
                    <Link to="/gateway/policies/$policyId" params={{ policyId: policy.id }}>
                      {policy.name}
                    </Link>
                  )}
                  , version {policy.version ?? '–'}
                </>
              ) : (
                'none in force'
              ),
              'Request id': <code>{request.requestId}</code>,
            }}
          />
        </div>
      </Section>
      <Section
        title="Checks"
        count={detail.verdicts.length}
        lead="What each check looked at and found. Places and salted digests only."
      >
        {detail.verdicts.length === 0 ? (
          <p className={classes.none}>
            {detail.refusal ? 'The call was refused before any check was due.' : 'No check was due on this route.'}
          </p>
        ) : (
          <ul className={classes.verdicts}>
            {detail.verdicts.map((verdict, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: verdicts have no id and never change
              <li key={i} className={classes.verdict}>
                <Verdict verdict={verdict} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <PayloadSection decisionId={summary.id} />
      {answer.attempts.length > 0 ? <Attempts attempts={answer.attempts} /> : null}
      {detail.toolCalls.length > 0 ? (
        <Section title="Tool calls" count={detail.toolCalls.length}>
          <ul className={classes.verdicts}>
            {detail.toolCalls.map((call, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: calls have no id and never change
              <li key={i} className={classes.verdictHead}>
                <StateBadge state={call.allowed ? 'pass' : 'rejected'} word={call.allowed ? 'Allowed' : 'Refused'} />
                <code>{call.name}</code> {call.reason}
                {call.approvalId ? (
                  <Link to="/gateway/approvals" search={{ approval: call.approvalId }}>
                    approval
                  </Link>
                ) : null}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      <DecisionProof detail={detail} />
      <Section
        title="Digests and place"
        lead="What an auditor compares with records of the application and the provider."
      >
        <div className={classes.block}>
          <Facts
            rows={{
              'Request body': request.sha256 ? <Digest hex={request.sha256} /> : 'not read',
              'Answer body': answer.sha256 ? <Digest hex={answer.sha256} /> : 'none',
              'Configuration in force': <Digest hex={policy.snapshotDigest} />,
              Node: `${node.id}, number ${say(node.sequence)}`,
              Trace: detail.traceId ? <code>{detail.traceId}</code> : null,
            }}
          />
        </div>
        <details className={classes.block}>
          <summary>The whole decision, as it was hashed</summary>
          <CodeBlock text={prettyJson(detail.record)} label="Decision (shown with line breaks; it is hashed without)" />
        </details>
      </Section>
    </>
  );
}

function Attempts({ attempts }: { attempts: DecisionDetail['answer']['attempts'] }) {
  return (
    <Section
      title="Tries"
      count={attempts.length}
      lead="Each time a provider was asked. A further try is made only before the caller got a byte."
    >
      <ol className={classes.verdicts}>
        {attempts.map((attempt, i) => {
          const failed = attempt.failure !== null || attempt.status === null || attempt.status >= 400;
          return (
            <li key={attempt.spanId} className={classes.verdictHead}>
              <StateBadge state={failed ? 'rejected' : 'pass'} word={attempt.status?.toString() ?? 'No answer'} />
              <strong>Try {i + 1}</strong>
              <span className={classes.quiet}>
                <Named kind="provider" id={attempt.providerId} />, after {millis(attempt.startedUs)}, took{' '}
                {millis(attempt.tookUs)}
                {attempt.failure ? `, ${spaced(attempt.failure)}` : ''}, span <code>{attempt.spanId}</code>
              </span>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

const VERDICT_STATES = {
  clean: 'pass',
  flagged: 'stale',
  redacted: 'partial',
  blocked: 'rejected',
  not_evaluated: 'no_data',
} as const;
const VERDICT_WORDS: Record<string, string> = {
  clean: 'Nothing found',
  flagged: 'Flagged',
  redacted: 'Redacted',
  blocked: 'Blocked',
  not_evaluated: 'Not evaluated',
};

function Verdict({ verdict }: { verdict: DecisionVerdict }) {
  const state = VERDICT_STATES[verdict.outcome as keyof typeof VERDICT_STATES] ?? 'no_data';
  return (
    <>
      <div className={classes.verdictHead}>
        <StateBadge state={state} word={VERDICT_WORDS[verdict.outcome] ?? verdict.outcome} />
        <strong>{spaced(verdict.detector)}</strong>
        <span className={classes.quiet}>
          {verdict.direction}, set to {verdict.action}, carries out{' '}
          <Link to="/controls/$controlId" params={{ controlId: verdict.control }}>
            {verdict.control}
          </Link>
        </span>
      </div>
      <span className={classes.quiet}>
        {verdict.charactersScanned === 0
          ? 'There was nothing to look at. '
          : `${say(verdict.charactersScanned)} characters in ${say(verdict.fieldsScanned)} fields. `}
        {verdict.score === null
          ? ''
          : `Score ${verdict.score.toFixed(3)}, threshold ${verdict.threshold?.toFixed(3) ?? 'its own'}. `}
        {verdict.kinds.length > 0 ? `Kinds: ${verdict.kinds.map(spaced).join(', ')}. ` : ''}
        {verdict.reason ? `${verdict.reason}. ` : ''}
        {verdict.detectorVersion}, {millis(verdict.tookUs)}.
      </span>
      {verdict.spans.length > 0 ? (
        <ul className={classes.spans}>
          {verdict.spans.map((span) => (
            <li key={`${span.field}:${span.start}:${span.kind}`}>
              <code>
                {span.field} {span.start}–{span.end}
              </code>{' '}
              {spaced(span.kind)} <Digest hex={span.sha256} what="salted digest of the text" />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
