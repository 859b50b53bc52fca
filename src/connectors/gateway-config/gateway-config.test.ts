import { describe, expect, it } from 'vitest';
import { type ConfigFile, type GatewayKind, gatewayOf, readGatewayConfig } from './index.ts';

const file = (text: string, name = 'config.yaml'): ConfigFile => ({ name, text });
/** Of each route what is said: authenticated, requests limited, tokens limited. */
function said(gateway: GatewayKind, ...files: ConfigFile[]) {
  const { routes, faults } = readGatewayConfig(gateway, files);
  return {
    faults,
    routes: Object.fromEntries(
      routes.map((one) => [
        one.route,
        one.isClosed
          ? 'closed'
          : [one.authenticated, one.requestsLimited, one.tokensLimited].map(({ state }) => state).join(' '),
      ]),
    ),
  };
}

const KONG = `_format_version: "3.0"
services:
  - name: llm
    url: https://api.example.com
    plugins:
      - name: key-auth
    routes:
      - name: chat
        paths: [/chat]
        plugins:
          - name: rate-limiting
            config: { minute: 60 }
          - name: ai-rate-limiting-advanced
            config: { llm_providers: [{ name: openai, limit: [1000], window_size: [60] }] }
      - name: anonymous
        paths: [/anonymous]
        plugins:
          - name: key-auth
            config: { anonymous: guest }
      - name: off
        plugins: [{ name: key-auth, enabled: false }]
      - name: later
        plugins: [{ name: rate-limiting, config: { minute: '\${{ env "DECK_LIMIT" }}' } }]
      - paths: [/gone]
        plugins: [{ name: request-termination }]
  - name: open
    url: https://b.example.com
routes:
  - name: bare
    service: { name: open }
  - name: custom
    service: { name: open }
    plugins: [{ name: our-login }]
  - name: one-consumer
    service: { name: open }
    plugins: [{ name: rate-limiting, consumer: anna, config: { minute: 5 } }, { name: jwt }]
plugins:
  - name: rate-limiting
    route: bare
    config: { hour: 10 }
consumers:
  - username: guest
`;

describe('Kong', () => {
  it('says of each route which plugins are in force, the most specific first', () => {
    expect(gatewayOf([file(KONG)])).toBe('kong');
    expect(said('kong', file(KONG))).toEqual({
      faults: [],
      routes: {
        chat: 'yes yes yes',
        anonymous: 'no no no',
        // The one of the service is still on.
        off: 'yes no no',
        later: 'yes unknown no',
        '/gone': 'closed',
        bare: 'no yes no',
        custom: 'unknown unknown unknown',
        'one-consumer': 'yes unknown no',
      },
    });
    const guarded = KONG.replace('username: guest', 'username: guest\n    plugins: [{ name: request-termination }]');
    expect(said('kong', file(guarded)).routes.anonymous).toBe('yes no no');
    const [first] = readGatewayConfig('kong', [file(KONG)]).routes;
    expect(first).toMatchObject({ file: 'config.yaml', line: 8 });
  });
});

describe('LiteLLM', () => {
  const config = (settings: string) => `model_list:
  - model_name: gpt
    litellm_params: { model: openai/gpt, api_key: os.environ/KEY, rpm: 100, tpm: 50000 }
  - model_name: gpt
    litellm_params: { model: azure/gpt, rpm: 100 }
  - model_name: small
    litellm_params: { model: ollama/small, rpm: 10, tpm: 1000 }
${settings}`;
  it('takes each model and each path that is passed through for a route', () => {
    const text = config(`general_settings:
  master_key: os.environ/MASTER
  pass_through_endpoints:
    - { path: /rerank, target: https://api.example.com/rerank }
    - { path: /safe, target: https://api.example.com/safe, auth: true }
`);
    expect(gatewayOf([file(text)])).toBe('litellm');
    expect(said('litellm', file(text)).routes).toEqual({
      'model gpt': 'yes no unknown',
      'model small': 'yes no no',
      'path /rerank': 'no unknown unknown',
      'path /safe': 'yes unknown unknown',
    });
  });
  it('counts limits only where they are enforced, and no key that everybody knows', () => {
    const enforced = config('router_settings: { optional_pre_call_checks: [enforce_model_rate_limits] }\n');
    expect(said('litellm', file(enforced)).routes).toEqual({
      'model gpt': 'unknown yes unknown',
      'model small': 'unknown yes yes',
    });
    const bound = config(`general_settings: { master_key: sk-1234 }
litellm_settings: { upperbound_key_generate_params: { rpm_limit: 10, tpm_limit: 100 } }
`);
    expect(said('litellm', file(bound)).routes).toEqual({ 'model gpt': 'no yes yes', 'model small': 'no yes yes' });
    expect(
      said('litellm', file(config('general_settings: { custom_auth: auth.check }\n'))).routes['model gpt'],
    ).toMatch(/^unknown/);
    const included = said('litellm', file(config('include: [other.yaml]\n')));
    expect(included.faults[0]).toMatch(/config.yaml line 8/);
  });
});

describe('NGINX', () => {
  const main = file(
    `http {
  limit_req_zone $http_x_api_key zone=per_key:10m rate=30r/m;
  server {
    server_name ai.example.com;
    limit_req zone=per_key burst=5;
    auth_request /auth;
    location = /auth { internal; proxy_pass http://auth; }
    location /v1/ { proxy_pass http://models; } # both are inherited
    location /open/ { auth_request off; limit_req zone=nowhere; proxy_pass http://models; }
    location /lua/ { auth_request off; access_by_lua_block { if x then return end } proxy_pass http://models; }
    location /static/ { root /srv; }
    location ~ "^/([0-9]{3})$" { proxy_pass http://models\${uri}; limit_req_dry_run on; }
    include conf.d/*.conf;
  }
}`,
    'nginx.conf',
  );
  it('knows what is inherited, what is off and what is a program', () => {
    const more = file(
      'location /more/ { auth_request off;\n if ($http_key = "") { return 401; } proxy_pass http://m; }',
      'conf.d/more.conf',
    );
    expect(gatewayOf([main, more])).toBe('nginx');
    expect(said('nginx', main, more)).toEqual({
      faults: [],
      routes: {
        'ai.example.com location = /auth': 'closed',
        'ai.example.com location /v1/': 'yes yes no',
        'ai.example.com location /open/': 'no unknown no',
        'ai.example.com location /lua/': 'unknown yes unknown',
        'ai.example.com location ~ ^/([0-9]{3})$': 'yes no no',
        'ai.example.com location /more/': 'unknown yes no',
      },
    });
  });
  it('says which include is missing and which line does not end', () => {
    expect(said('nginx', main).faults).toEqual(['nginx.conf line 13: the included conf.d/*.conf was not given']);
    expect(said('nginx', file('server {\n location / { proxy_pass http://m\n }\n}', 'a.conf')).faults).toEqual([
      'a.conf line 3: "proxy_pass" does not end with a semicolon',
    ]);
    expect(said('nginx', file('server {\n location / { proxy_pass http://m;', 'a.conf')).faults).toEqual([
      'a.conf line 2: the file ends inside a block',
    ]);
    expect(
      said('nginx', file('server { include a.conf; location / { proxy_pass http://m; } }', 'a.conf')).faults[0],
    ).toMatch(/the included a.conf includes itself/);
  });
});

describe('Envoy', () => {
  const route = (name: string, kind = 'HTTPRoute') => `apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ai }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ name: first, backendRefs: [{ name: models }] }]
`;
  const policy = (kind: string, name: string, spec: string) => `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ${kind}
metadata: { name: ${name}, namespace: ai }
spec: ${spec}
`;
  const forRoute = (name: string) =>
    `targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: ${name} }]`;
  it('takes the most specific policy of a route, over all files', () => {
    const routes = file(
      [route('chat', 'AIGatewayRoute'), route('plain'), route('loose'), route('some')].join('---\n'),
      'routes.yaml',
    );
    const policies = file(
      [
        policy(
          'SecurityPolicy',
          'all',
          '{ targetRefs: [{ kind: Gateway, name: edge }], apiKeyAuth: { credentialRefs: [] } }',
        ),
        policy('SecurityPolicy', 'loose', `{ ${forRoute('loose')}, jwt: { optional: true, providers: [] } }`),
        policy('SecurityPolicy', 'cors', `{ ${forRoute('some')}, cors: { allowOrigins: [] } }`),
        policy(
          'BackendTrafficPolicy',
          'chat',
          `{ ${forRoute('chat')}, rateLimit: { type: Global, global: { rules: [
            { clientSelectors: [{ headers: [{ name: x-user, type: Distinct }] }], limit: { requests: 60, unit: Minute } },
            { limit: { requests: 10000, unit: Hour }, cost: { request: { from: Number, number: 0 }, response: { from: Metadata, metadata: { namespace: io.envoy.ai_gateway, key: total } } } }] } } }`,
        ),
        policy(
          'BackendTrafficPolicy',
          'some',
          `{ ${forRoute('some')}, rateLimit: { local: { rules: [{ clientSelectors: [{ headers: [{ name: x-plan, value: free }] }], limit: { requests: 5, unit: Minute } }] } } }`,
        ),
      ].join('---\n'),
      'policies.yaml',
    );
    expect(gatewayOf([routes])).toBe('envoy');
    expect(said('envoy', routes, policies)).toEqual({
      faults: [],
      routes: {
        'AIGatewayRoute ai/chat': 'yes yes yes',
        'HTTPRoute ai/plain': 'yes no no',
        'HTTPRoute ai/loose': 'no no no',
        'HTTPRoute ai/some': 'no unknown no',
      },
    });
    const strange = file(policy('LoginPolicy', 'x', '{}'), 'x.yaml');
    expect(said('envoy', routes, strange).faults).toEqual([
      'x.yaml line 1: a LoginPolicy is not known here, so what it does was not read',
    ]);
  });
});

describe('whatever is given', () => {
  it('is bounded, and what is not read is told with its line', () => {
    const faults = (text: string, kind: GatewayKind = 'kong') => readGatewayConfig(kind, [file(text)]).faults;
    expect(faults('services:\n  - name: a\n  - [unclosed')[0]).toMatch(/^config\.yaml line \d/);
    expect(faults('a: 1\na: 2')[0]).toMatch(/line 2/);
    expect(faults('['.repeat(100_000))[0]).toMatch(/nested deeper/);
    expect(faults(`${'- '.repeat(5_000)}a`)[0]).toMatch(/nested deeper/);
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++) bomb.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}*a${i - 1}]`);
    expect(faults(bomb.join('\n'))[0]).toMatch(/more than 200000 values/);
    expect(faults('x'.repeat(2_000_000))[0]).toMatch(/larger than/);
    expect(faults('services: 5')).toEqual(['no route was found in the files']);
    expect(faults('{'.repeat(5_000), 'nginx').length).toBe(1);
    expect(faults('a {'.repeat(5_000), 'nginx')[0]).toMatch(/nested deeper/);
    expect(faults('a;'.repeat(200_000), 'nginx')[0]).toMatch(/more than 100000 directives/);
    expect(gatewayOf([file('hello: world')])).toBe(null);
    const same = file('_format_version: "3.0"\nroutes: [{ name: a }, { name: a }]');
    expect(readGatewayConfig('kong', [same]).routes.map(({ route }) => route)).toEqual(['a', 'a (2)']);
  });
});
