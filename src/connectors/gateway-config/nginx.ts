import type { ConfigFile, RouteReading, Said } from './model.ts';

// NGINX and NGINX Plus. https://nginx.org/en/docs/dirindex.html

const DEPTH_MAX = 60;
const DIRECTIVES_MAX = 100_000;
const PASSES = new Set(['proxy_pass', 'grpc_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass']);
const CODE =
  /^(?:(?:access|rewrite|content|server_rewrite)_by_lua(?:_block|_file)?|js_(?:access|content|header_filter)|perl|auth_(?!basic$|basic_user_file$|jwt|request|delay|http|oidc)\w+)$/;

type Directive = { name: string; words: string[]; line: number; file: string; block: Directive[] | null };

/** Reads the files as the first of them includes the others. */
export function readNginx(files: readonly ConfigFile[]): { routes: RouteReading[]; faults: string[] } {
  const faults: string[] = [];
  const byName = new Map(files.map((file) => [file.name, file]));
  const included = new Set<string>();
  let count = 0;
  const load = (file: ConfigFile, trail: readonly string[]): Directive[] => {
    included.add(file.name);
    const { directives, faults: found } = parse(file, () => ++count <= DIRECTIVES_MAX);
    faults.push(...found);
    return expand(directives, [...trail, file.name]);
  };
  const expand = (directives: readonly Directive[], trail: readonly string[]): Directive[] =>
    directives.flatMap((one) => {
      if (one.name !== 'include') return [{ ...one, block: one.block && expand(one.block, trail) }];
      const wanted = one.words[0] ?? '';
      // Types of media limit and authenticate nothing.
      if (/(?:^|\/)(?:mime\.types|fastcgi(?:_params|\.conf)|(?:uwsgi|scgi|proxy)_params)$/.test(wanted)) return [];
      const matching = [...byName.values()].filter((file) => matches(file.name, wanted));
      const found = matching.filter((file) => !trail.includes(file.name));
      const what = matching.length > 0 && !wanted.includes('*') ? 'includes itself' : 'was not given';
      if (found.length === 0) faults.push(`${one.file} line ${one.line}: the included ${wanted} ${what}`);
      return found.flatMap((file) => load(file, trail));
    });
  const routes: RouteReading[] = [];
  for (const file of files) {
    if (included.has(file.name)) continue;
    if (files.some((other) => other !== file && !included.has(other.name) && mayInclude(other, file.name))) continue;
    const directives = load(file, []);
    const http = directives.filter(({ name }) => name === 'http');
    const zones = zonesOf(directives);
    const walk = (block: readonly Directive[], outer: readonly Directive[][], server: string) => {
      for (const one of block) {
        if (one.block === null) continue;
        const inner = [one.block, ...outer];
        if (one.name === 'server') walk(one.block, inner, serverName(one.block));
        else if (one.name === 'location') {
          const route = routeOf(one, inner, server, zones);
          if (route) routes.push(route);
          walk(one.block, inner, server);
        }
      }
    };
    for (const one of http) walk(one.block ?? [], [one.block ?? []], '');
    // A file of conf.d on its own.
    walk(
      directives.filter(({ name }) => name === 'server'),
      [directives],
      '',
    );
  }
  return { routes, faults };
}

export function isNginx(text: string): boolean {
  return /(?:^|[\s;}])(?:server|http|location[^;{]*)\s*\{/.test(text);
}

function mayInclude(file: ConfigFile, name: string): boolean {
  for (const [, wanted = ''] of file.text.matchAll(/(?:^|[\s;{}])include\s+([^;\s]{1,300})\s*;/g))
    if (matches(name, wanted)) return true;
  return false;
}

/** By the end of the path: the files given stand in a folder of their own. `*` is any run of signs but a slash. */
function matches(name: string, wanted: string): boolean {
  const pattern = wanted
    .replace(/^["']|["']$/g, '')
    .split('/')
    .slice(-2);
  const parts = name.split('/').slice(-pattern.length);
  const last = pattern.at(-1) ?? '';
  const isLike = (text: string, like: string) =>
    new RegExp(
      `^${like
        .slice(0, 200)
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replace(/\*+/g, '[^/]*')}$`,
    ).test(text);
  if (!isLike(parts.at(-1) ?? '', last)) return false;
  return parts.length < 2 || pattern.length < 2 || isLike(parts[0] ?? '', pattern[0] ?? '');
}

function parse(file: ConfigFile, mayAdd: () => boolean): { directives: Directive[]; faults: string[] } {
  const faults: string[] = [];
  const root: Directive[] = [];
  const stack: Directive[][] = [root];
  let words: string[] = [];
  let startLine = 1;
  let line = 1;
  const { text, name } = file;
  const fault = (what: string) => faults.push(`${name} line ${line}: ${what}`);
  let at = 0;
  const push = (block: Directive[] | null): boolean => {
    if (!mayAdd()) {
      fault(`the files hold more than ${DIRECTIVES_MAX} directives`);
      return false;
    }
    const [head = '', ...rest] = words;
    stack.at(-1)?.push({ name: head, words: rest, line: startLine, file: name, block });
    words = [];
    return true;
  };
  while (at < text.length) {
    const sign = text[at] ?? '';
    if (sign === '\n') line++;
    if (/\s/.test(sign)) {
      at++;
      continue;
    }
    if (sign === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
      continue;
    }
    if (sign === ';') {
      if (words.length > 0 && !push(null)) break;
      at++;
      continue;
    }
    if (sign === '{') {
      if (words.length === 0) {
        fault('a block has no name');
        break;
      }
      if (/_by_lua_block$/.test(words[0] ?? '')) {
        // Code of another language: only its end matters.
        const end = endOfCode(text, at);
        if (end < 0) {
          fault('a block of code does not end');
          break;
        }
        line += text.slice(at, end).split('\n').length - 1;
        at = end;
        if (!push(null)) break;
        continue;
      }
      if (stack.length > DEPTH_MAX) {
        fault(`blocks are nested deeper than ${DEPTH_MAX} levels`);
        break;
      }
      const block: Directive[] = [];
      if (!push(block)) break;
      stack.push(block);
      at++;
      continue;
    }
    if (sign === '}') {
      if (words.length > 0) fault(`"${words[0]?.slice(0, 40)}" does not end with a semicolon`);
      words = [];
      if (stack.length === 1) {
        fault('a block ends that never began');
        break;
      }
      stack.pop();
      at++;
      continue;
    }
    if (words.length === 0) startLine = line;
    const end = sign === '"' || sign === "'" ? endOfQuote(text, at, sign) : endOfWord(text, at);
    if (end < 0) {
      fault('a quoted text does not end');
      break;
    }
    const word = text.slice(at, end);
    line += word.split('\n').length - 1;
    words.push(/^["']/.test(word) ? word.slice(1, -1) : word);
    at = end;
  }
  if (faults.length === 0 && stack.length > 1) fault('the file ends inside a block');
  return { directives: root, faults };
}

function endOfQuote(text: string, from: number, quote: string): number {
  for (let i = from + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
  }
  return -1;
}

function endOfWord(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i++) {
    const sign = text[i] ?? '';
    if (sign === '\\') i++;
    // A brace within a word belongs to it: `${host}`, `[0-9]{3}`.
    else if (sign === '$' && text[i + 1] === '{') {
      const close = text.indexOf('}', i);
      if (close < 0) return text.length;
      i = close;
    } else if (/[\s;{}]/.test(sign)) break;
  }
  return Math.min(i, text.length);
}

function endOfCode(text: string, from: number): number {
  let open = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') open++;
    else if (text[i] === '}' && --open === 0) return i + 1;
  }
  return -1;
}

function zonesOf(directives: readonly Directive[]): Set<string> {
  const zones = new Set<string>();
  const walk = (block: readonly Directive[]) => {
    for (const one of block) {
      if (
        one.name === 'limit_req_zone' &&
        /^rate=[1-9]\d*r\/[sm]$/.test(one.words.find((each) => each.startsWith('rate=')) ?? '')
      ) {
        const zone = one.words.find((each) => each.startsWith('zone='));
        if (zone) zones.add(zone.slice(5).split(':')[0] ?? '');
      }
      if (one.block) walk(one.block);
    }
  };
  walk(directives);
  return zones;
}

function serverName(server: readonly Directive[]): string {
  return server.find(({ name }) => name === 'server_name')?.words[0] ?? '';
}

/** What is in force in a location: a directive of an inner block takes the place of all of its name outside. */
function inForce(scopes: readonly Directive[][], name: string): Directive[] {
  for (const scope of scopes) {
    const found = scope.filter((one) => one.name === name);
    if (found.length > 0) return found;
  }
  return [];
}

function routeOf(
  location: Directive,
  scopes: readonly Directive[][],
  server: string,
  zones: ReadonlySet<string>,
): RouteReading | null {
  const own = location.block ?? [];
  const passes =
    own.some(({ name }) => PASSES.has(name)) ||
    own.some((one) => one.name === 'if' && one.block?.some(({ name }) => PASSES.has(name)));
  const code = own.find(({ name }) => CODE.test(name));
  if (!passes && !code) return null;
  const isInternal = own.some(({ name }) => name === 'internal');
  const access =
    inForce(scopes, 'deny').some(({ words }) => words[0] === 'all') && inForce(scopes, 'allow').length === 0;
  const answers = own.find(({ name, words }) => name === 'return' && /^[45]\d\d$/.test(words[0] ?? ''));
  return {
    route: `${server} ${['location', ...location.words].join(' ')}`.trim(),
    file: location.file,
    line: location.line,
    isClosed: isInternal || access || answers !== undefined,
    authenticated: authentication(scopes, own),
    requestsLimited: requestLimit(scopes, zones, code),
    tokensLimited: code
      ? { state: 'unknown', by: `${code.name} is a program that is not read here` }
      : { state: 'no', by: 'no directive limits tokens' },
  };
}

function authentication(scopes: readonly Directive[][], own: readonly Directive[]): Said {
  if (inForce(scopes, 'satisfy')[0]?.words[0] === 'any' && inForce(scopes, 'allow').length > 0)
    return { state: 'unknown', by: 'satisfy any lets addresses pass instead' };
  for (const name of ['auth_jwt', 'auth_basic', 'auth_request', 'auth_oidc']) {
    const [said] = inForce(scopes, name);
    if (said && said.words[0] !== 'off') return { state: 'yes', by: name };
  }
  if (inForce(scopes, 'ssl_verify_client')[0]?.words[0] === 'on') return { state: 'yes', by: 'ssl_verify_client' };
  const code = scopes.flat().find(({ name }) => CODE.test(name));
  if (code) return { state: 'unknown', by: `${code.name} is a program that is not read here` };
  const guarded = [...own, ...(scopes[1] ?? [])].find(
    (one) =>
      one.name === 'if' && one.block?.some(({ name, words }) => name === 'return' && /^40[13]$/.test(words[0] ?? '')),
  );
  if (guarded) return { state: 'unknown', by: 'an if that refuses some calls is not evaluated' };
  return { state: 'no', by: 'no directive authenticates' };
}

function requestLimit(scopes: readonly Directive[][], zones: ReadonlySet<string>, code: Directive | undefined): Said {
  const limits = inForce(scopes, 'limit_req');
  if (inForce(scopes, 'limit_req_dry_run')[0]?.words[0] === 'on' && limits.length > 0)
    return { state: 'no', by: 'limit_req_dry_run only counts' };
  for (const { words } of limits) {
    const zone = words.find((one) => one.startsWith('zone='))?.slice(5) ?? '';
    if (zones.has(zone)) return { state: 'yes', by: 'limit_req' };
  }
  if (limits.length > 0) return { state: 'unknown', by: 'limit_req names a zone whose rate is not in the files' };
  if (code) return { state: 'unknown', by: `${code.name} is a program that is not read here` };
  return { state: 'no', by: 'no limit_req' };
}
