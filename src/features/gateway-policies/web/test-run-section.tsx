import { Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { answerOf, api } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { useWhyNot } from '#src/apps/web/session.ts';
import { Notice } from '#src/ui/feedback.tsx';
import { FormButtons, FormProblem } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import { type PolicyDetail, type PolicyVersion, percent } from '../model.ts';
import { EmergencyReviewPart } from './emergency-review.tsx';
import classes from './gateway.module.css';
import { policyQuery, routesQuery } from './queries.ts';

const LIVE_MS = 2_000;

/** The run of the attack suites that a version has to pass before it is approved, and the button that makes one. */
export function TestRunSection({ policy, version }: { policy: PolicyDetail; version: PolicyVersion }) {
  const { testRun } = version;
  if (version.state === 'refused' || version.state === 'withdrawn') return null;
  return (
    <Section
      title="Test run"
      lead="Before a version is approved, all attack suites are played under it, through a route, by a key of its own: other calls are not touched."
    >
      <div className={`${classes.stack} ${classes.panel}`}>
        {version.emergency ? <EmergencyReviewPart policy={policy} version={version} /> : null}
        {testRun === null ? (
          <Notice tone="stale">No run of the suites was made under what this version says now.</Notice>
        ) : (
          <p>
            <StateBadge state={testRun.verdict} /> {testRun.because} At least {percent(testRun.limits.stoppedShareMin)}{' '}
            of attacks have to be stopped and at most {percent(testRun.limits.falseAlarmShareMax)} of harmless
            questions. Through {testRun.path}, <When at={testRun.ranAt} />
            {'. '}
            <Link to="/gateway/probes" search={{ run: testRun.runId }}>
              The run, by class and layer
            </Link>
          </p>
        )}
        <PlaySuites policy={policy} version={version} />
      </div>
    </Section>
  );
}

function PlaySuites({ policy, version }: { policy: PolicyDetail; version: PolicyVersion }) {
  const client = useQueryClient();
  const mayNot = useWhyNot('gateway.write', 'play attack suites');
  const routes = useQuery(routesQuery);
  const items = routes.data?.items ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const usual = items.find(({ path }) => policy.routes.includes(path)) ?? items[0];
  const routeId = chosen ?? usual?.id ?? null;
  const [runId, setRunId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: (through: string) =>
      answerOf(
        api.POST('/api/v1/gateway/probes', {
          body: { kind: 'attack', routeId: through, policy: { id: policy.id, version: version.version } },
        }),
      ),
    onSuccess: ({ id }) => setRunId(id),
  });
  const run = useQuery({
    queryKey: ['gateway-probes', runId],
    enabled: runId !== null,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/v1/gateway/probes/{id}', { params: { path: { id: runId ?? '' } }, signal })),
    refetchInterval: ({ state }) => (isUnderWay(state.data?.state) ? LIVE_MS : false),
  });
  const state = run.data?.state;
  useEffect(() => {
    if (state !== undefined && !isUnderWay(state))
      void client.invalidateQueries({ queryKey: policyQuery(policy.id).queryKey });
  }, [state, client, policy.id]);
  const isRunning = start.isPending || (runId !== null && isUnderWay(state));
  const whyNot = mayNot ?? (items.length === 0 ? 'The gateway has no route yet: add a provider first.' : null);
  return (
    <>
      <FormProblem failure={start.error ? asFailure(start.error) : null} />
      {state === 'failed' || state === 'incomplete' ? <Notice tone="fail">{run.data?.problem}</Notice> : null}
      <FormButtons align="start">
        <Select
          aria-label="Route the suites go through"
          placeholder="No route yet"
          data={items.map(({ id, path }) => ({ value: id, label: path }))}
          value={routeId}
          onChange={setChosen}
          allowDeselect={false}
        />
        <ReasonButton reason={whyNot} loading={isRunning} onClick={() => routeId && start.mutate(routeId)}>
          Play all suites
        </ReasonButton>
      </FormButtons>
      {isRunning ? (
        <p role="status">The suites are being played: about 110 short calls, which takes a minute or less.</p>
      ) : null}
    </>
  );
}

function isUnderWay(state: string | undefined): boolean {
  return state === undefined || state === 'queued' || state === 'running';
}
