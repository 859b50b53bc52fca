import { defineTest, eachFact } from './define.ts';
import { at, fromKnown, outsideProduct, quoted, where } from './words.ts';

export const inferenceEndpointAuthenticated = defineTest({
  id: 'inference-endpoint-authenticated',
  version: 1,
  title: 'Inference endpoints ask who is calling',
  asks: 'Does the code of every inference endpoint authenticate the caller?',
  why: 'An open model endpoint is a free service for strangers and an unlimited oracle for whoever wants to copy the model.',
  controls: ['API-01'],
  severity: 'high',
  uses: ['inference-endpoint'],
  population: 'inference-endpoint',
  fix: {
    summary: 'Require a credential on the route, or put it behind the gateway and nowhere else.',
    steps: [
      'Add the authentication dependency or middleware of your framework to the route.',
      'Where a gateway authenticates, bind the server to a private address and file the probe that shows it.',
    ],
    example: '@app.post("/v1/complete", dependencies=[Depends(require_api_key)])',
  },
  judge: eachFact<'inference-endpoint'>(({ key, body }) => {
    const outside = outsideProduct(key, body.place);
    if (outside !== null) return outside;
    const route =
      body.route === null ? `The ${body.framework} endpoint` : `The ${body.framework} route ${quoted(body.route)}`;
    const named = `${route} in ${where(body.place)}`;
    return {
      subject: key,
      expected: 'authenticated',
      ...at(body.place),
      ...fromKnown(body.authenticated, {
        yes: { result: 'pass', because: `${named} authenticates its callers.` },
        no: { result: 'fail', because: `${named} answers without authentication.` },
        unknown: `${named} does not show whether callers are authenticated; it may be done in front of it.`,
      }),
    };
  }),
});
