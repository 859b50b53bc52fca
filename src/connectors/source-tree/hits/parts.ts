import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Hit } from '../rule.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';
import { type FileContext, knownIf } from './context.ts';
import { surest } from './services.ts';

/** Counts names, so that the second thing of a name gets a number instead of a line. */
function createLabels(): (name: string) => string {
  const counts = new Map<string, number>();
  return (name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return shown(count === 1 ? name : `${name} ${count}`);
  };
}

/** Routes and servers, each its own fact; the in-process runtimes of a file are one. */
export function endpointFindings(context: FileContext, hits: Hit[]): Finding[] {
  const groups = groupBy(
    hits,
    (hit) =>
      `${hit.captures.framework} ${hit.captures.route ?? routeOfPath(context.path, hit) ?? hit.captures.module ?? hit.captures.through ?? ''}`,
  );
  const label = createLabels();
  return [...groups.values()].map((group) => {
    const hit = surest(group) as Hit;
    const route = hit.captures.route ?? routeOfPath(context.path, hit);
    const framework = shown(
      hit.captures.framework === 'in-process' || hit.captures.framework === 'model-server'
        ? (hit.captures.module ?? hit.captures.through ?? 'model server').trim()
        : (hit.captures.framework ?? 'unknown'),
    );
    const name = label(route ?? framework);
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'inference-endpoint',
        key: keyIn(context.path, name),
        body: {
          place: placeIn(context.path, hit.line),
          framework,
          route: route === null ? null : shown(route),
          authenticated: knownIf(context.traits.has('authenticated')),
          through: shown(hit.captures.through ?? hit.captures.module ?? hit.rule.title),
        },
      },
      asset: {
        kind: 'inference_api',
        identity: keyIn(context.path, name),
        title: route === null ? `${framework} in ${nameOf(context.path)}` : shown(route),
        details: { framework, ...(route === null ? {} : { route: shown(route) }) },
      },
    };
  });
}

/** Frameworks that route by folder: the address is the path of the file. */
function routeOfPath(path: string, hit: Hit): string | null {
  if (hit.rule.id !== 'endpoint.nextjs.handler') return null;
  const inApp = /(?:^|\/)(?:app|routes)\/(.{0,300})\/(?:route|\+server)\.\w{2,3}$/.exec(path)?.[1];
  const inPages = /(?:^|\/)(?:pages|server)\/(api\/.{1,300}?)(?:\/index)?\.\w{2,3}$/.exec(path)?.[1];
  return `/${(inApp ?? inPages ?? '').replace(/\([^)]{1,60}\)\//g, '')}`;
}

const OWN_LOOP = 'own-loop';

export function agentFindings(context: FileContext, hits: Hit[]): Finding[] {
  const label = createLabels();
  const seenAt = new Set<number>();
  const first = hits.find((hit) => hit.captures.framework === OWN_LOOP);
  return hits.flatMap((hit): Finding[] => {
    // One loop shows in several lines; it is one agent, and none where a framework runs the loop.
    if (
      hit.captures.framework === OWN_LOOP &&
      (hit !== first || hits.some((each) => each.captures.framework !== OWN_LOOP))
    )
      return [];
    if (seenAt.has(hit.line)) return [];
    seenAt.add(hit.line);
    const given = hit.captures.name ?? hit.captures.assigned ?? null;
    const framework = shown(hit.captures.framework ?? 'unknown');
    const name = label(given ?? framework);
    return [
      {
        rule: hit.rule,
        line: hit.line,
        fact: {
          kind: 'agent',
          key: keyIn(context.path, framework, name),
          body: {
            place: placeIn(context.path, hit.line),
            framework,
            name: given === null ? null : shown(given),
            through: shown(hit.captures.through ?? hit.rule.title),
          },
        },
        asset: {
          kind: 'agent',
          identity: keyIn(context.path, name),
          title: given === null ? `${framework} in ${nameOf(context.path)}` : name,
          details: { framework },
        },
      },
    ];
  });
}

/** One suite a file: its framework is the surest one seen. Several files of one folder make one asset. */
export function evalFindings(context: FileContext, hits: Hit[]): Finding[] {
  const groups = groupBy(hits, (hit) =>
    hit.captures.framework === 'module' ? (hit.captures.module ?? 'module') : (hit.captures.framework ?? 'own'),
  );
  return [...groups].map(([framework, group]) => {
    const hit = surest(group) as Hit;
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'eval-suite',
        key: keyIn(context.path, framework),
        body: {
          place: placeIn(context.path, hit.line),
          framework: shown(framework),
          thresholds: knownIf(context.traits.has('threshold')),
          through: shown(hit.captures.through ?? hit.rule.title),
        },
      },
      asset: {
        kind: 'eval_suite',
        identity: `${folderOf(context.path)}#${framework}`,
        title: `${shown(framework)} in ${folderOf(context.path) || nameOf(context.path)}`,
        details: { framework: shown(framework) },
      },
    };
  });
}

/** Name of the store; rules for several stores capture it with the call. */
function storeOf({ captures }: Hit): string {
  const { store = 'unknown', through = store } = captures;
  return store === 'framework' || store === 'cloud'
    ? through.replace(/\(.*$|^["']|["']$/g, '').replace(/^\$/, '')
    : store;
}

export function indexFindings(context: FileContext, hits: Hit[]): Finding[] {
  const groups = groupBy(hits, storeOf);
  // The wrapper of a framework says less than the store it wraps.
  const wrappers = [...groups].filter(([, group]) => group[0]?.captures.store === 'framework').map(([store]) => store);
  if (wrappers.length < groups.size) for (const wrapper of wrappers) groups.delete(wrapper);
  return [...groups].map(([store, group]) => {
    const hit = surest(group) as Hit;
    const name = group.find((each) => each.captures.name !== undefined)?.captures.name ?? null;
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'retrieval-index',
        key: keyIn(context.path, store),
        body: {
          place: placeIn(context.path, hit.line),
          store: shown(store),
          name: name === null ? null : shown(name),
          through: shown(hit.captures.through ?? hit.rule.title),
        },
      },
      asset: {
        kind: 'knowledge_base',
        identity: store,
        title: name === null ? shown(store) : `${shown(store)}: ${shown(name)}`,
        details: { store: shown(store) },
      },
    };
  });
}

export function guardrailFindings(context: FileContext, hits: Hit[]): Finding[] {
  const groups = groupBy(hits, (hit) =>
    hit.captures.framework === 'module' ? (hit.captures.module ?? 'module') : (hit.captures.framework ?? 'unknown'),
  );
  return [...groups].map(([framework, group]) => {
    const hit = surest(group) as Hit;
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'guardrail',
        key: keyIn(context.path, framework),
        body: {
          place: placeIn(context.path, hit.line),
          framework: shown(framework),
          through: shown(hit.captures.through ?? hit.rule.title),
        },
      },
      asset: {
        kind: 'guardrail',
        identity: framework,
        title: shown(framework),
        details: { framework: shown(framework) },
      },
    };
  });
}

/** One fact for each unsafe rule a file breaks: the first place, so that the fact stays while lines move. */
export function unsafeFindings(context: FileContext, hits: Hit[]): Finding[] {
  return [...groupBy(hits, (hit) => `${hit.rule.id} ${hit.captures.through ?? ''}`).values()].map((group) => {
    const hit = group[0] as Hit;
    const rule = hit.rule.id.replace(/^unsafe\./, '');
    return {
      rule: hit.rule,
      line: hit.line,
      fact: {
        kind: 'unsafe-code',
        key: keyIn(context.path, rule, shown(hit.captures.through ?? '')),
        body: {
          place: placeIn(context.path, hit.line),
          rule,
          through: shown(hit.captures.through ?? hit.rule.title),
          why: hit.captures.why ?? '',
        },
      },
      asset: null,
    };
  });
}
