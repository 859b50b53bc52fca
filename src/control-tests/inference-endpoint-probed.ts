import type { FactBody } from '#src/facts/index.ts';
import type { Instant } from '#src/kernel/time.ts';
import { dayOf, daysBetween } from './age.ts';
import { defineTest, type Verdict } from './define.ts';
import { quoted } from './words.ts';

const PROBE_DAYS = 31;

export const inferenceEndpointProbed = defineTest({
  id: 'inference-endpoint-probed',
  version: 1,
  title: 'Every inference endpoint refuses calls without valid credentials',
  asks: 'Was each inference endpoint of the inventory called without credentials and with wrong ones within 31 days, and did it answer 401 or 403?',
  why: 'What the code says of authentication is not what the network does. Only a call from outside shows whether the door is shut.',
  controls: ['API-01'],
  evidence: ['API-01.E2'],
  severity: 'critical',
  uses: ['inventory-item', 'endpoint-probe'],
  population: 'inventory-item',
  dependsOnTime: true,
  fix: {
    summary: 'Say where the endpoint answers, and close it where a stranger is served.',
    steps: [
      'Open Gateway, Probes and attacks, Endpoints beside the gateway, and enter the address: it is probed at once and each day.',
      'Where it served the call, require credentials on the route, or bind it to a private address behind the gateway.',
      'Reject items of the inventory that are no endpoints.',
    ],
    example: 'assay endpoint probe itm_01k… --url https://api.example.com/v1/chat',
  },
  judge: ({ facts, at }) =>
    facts['inventory-item']
      .filter(({ body }) => body.itemKind === 'inference_api')
      .map(({ key, body }) =>
        judgeEndpoint(key, body, facts['endpoint-probe'].find((probe) => probe.key === key)?.body ?? null, at),
      ),
});

function judgeEndpoint(
  key: string,
  item: FactBody<'inventory-item'>,
  probe: FactBody<'endpoint-probe'> | null,
  now: Instant,
): Verdict {
  const name = quoted(item.title);
  const base = { subject: key, expected: '401 or 403, twice, within 31 days' };
  if (item.state === 'rejected' || item.state === 'gone')
    return { ...base, result: 'not_applicable', because: `${name} is ${item.state}.` };
  if (probe === null)
    return { ...base, result: 'no_data', because: `${name} was never probed: nobody said where it answers.` };
  const of = `The probe of ${name} at ${quoted(probe.host)} on ${dayOf(probe.probedAt)}`;
  const statuses = [probe.withoutKey, probe.wrongKey];
  const observed = statuses.map((status) => status ?? 'none').join(' and ');
  const served = statuses.some((status) => status !== null && status >= 200 && status < 300);
  if (served) return { ...base, observed, result: 'fail', because: `${of} was served without valid credentials.` };
  const days = daysBetween(probe.probedAt, now);
  if (days === null || days > PROBE_DAYS)
    return { ...base, observed, result: 'no_data', because: `${of} is older than ${PROBE_DAYS} days.` };
  if (statuses.some((status) => status !== 401 && status !== 403))
    return {
      ...base,
      observed,
      result: 'no_data',
      because: `${of} got ${observed}, which does not say whether callers are authenticated.${probe.problem === null ? '' : ` ${probe.problem}`}`,
    };
  if (!probe.encrypted)
    return { ...base, observed, result: 'fail', because: `${of} was refused, but over a connection without TLS.` };
  return { ...base, observed, result: 'pass', because: `${of} was refused without credentials and with wrong ones.` };
}
