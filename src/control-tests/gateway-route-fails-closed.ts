import { defineTest, eachFact } from './define.ts';
import { quoted } from './words.ts';

export const gatewayRouteFailsClosed = defineTest({
  id: 'gateway-route-fails-closed',
  version: 1,
  title: 'Gateway routes refuse what could not be checked',
  asks: 'Does every route of the gateway refuse a call whose checks could not be made?',
  why: 'A filter that lets everything through when it stumbles is off exactly when somebody made it stumble.',
  controls: ['GRD-01', 'GRD-02'],
  severity: 'medium',
  uses: ['gateway-route'],
  population: 'gateway-route',
  fix: {
    summary: 'Let the policy of the route fail closed.',
    steps: [
      'Write a version of its policy with onFailure set to closed and let a second person approve it.',
      'Where availability must come first, file an exception for the route that names who accepted it and until when.',
    ],
  },
  judge: eachFact<'gateway-route'>(({ key, body }) => {
    const route = `The route ${quoted(body.path)}`;
    const base = { subject: key, observed: body.onFailure ?? 'no policy in force', expected: 'closed' };
    if (body.onFailure === null)
      return { ...base, result: 'not_applicable', because: `${route} has no policy in force and refuses every call.` };
    return body.onFailure === 'closed'
      ? { ...base, result: 'pass', because: `${route} refuses what could not be checked.` }
      : { ...base, result: 'fail', because: `${route} lets through what could not be checked.` };
  }),
});
