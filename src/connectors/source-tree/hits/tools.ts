import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import type { Hit } from '../rule.ts';
import { type FileContext, knownIf, linesFrom } from './context.ts';

const BODY_LINES = 40;

const REACH_OF_CLASS: readonly [RegExp, string][] = [
  [/Shell|Bash|CommandLine|local_shell|bash_/, 'shell'],
  [/REPL|CodeInterpreter|PythonInterpreter|code_interpreter|E2B|DockerCommand/i, 'code'],
  [/File|Directory|text_editor/, 'filesystem'],
  [/SQL|Database|Query(?!Engine)/, 'database'],
  [/Stripe|Payment/i, 'payment'],
  [/Gmail|O365|Mail/i, 'email'],
  [/Request|Browser|Scrape|Search|Slack|Jira|GitHub|Zapier|HostedMCP|web_search|computer/i, 'network'],
];

// In the order of what can do most harm: a tool that runs commands and also reads files counts as a shell.
const REACH_OF_BODY: readonly [RegExp, string][] = [
  [
    /\bsubprocess\.|\bos\.(?:system|popen|exec)|\bexecSync\(|\bspawn(?:Sync)?\(|child_process|Runtime\.getRuntime|exec\.Command\(|Process\.Start\(/,
    'shell',
  ],
  [/(?<![\w.])(?:eval|exec)\(|new Function\(|vm\.runIn/, 'code'],
  [/\bstripe\b|payment_?intent|create_charge|paypal/i, 'payment'],
  [/\bsmtplib\b|\bsendgrid\b|send_?e?mail|\bnodemailer\b|\bses\.send/i, 'email'],
  [
    /\.execute\(|\bcursor\b|\bSELECT\s|\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|prisma\.|session\.query|\.query\(/,
    'database',
  ],
  [
    /(?<![\w.])open\(|\bPath\(|\bfs\.|\breadFile|\bwriteFile|\bshutil\.|os\.(?:remove|unlink|listdir)|Files\./,
    'filesystem',
  ],
  [
    /\brequests\.|\bhttpx\.|\baiohttp\b|\burllib\b|\bfetch\(|\baxios\b|http\.(?:Get|Post|NewRequest)|HttpClient|RestTemplate|WebClient/,
    'network',
  ],
];

/** One fact for each tool a file gives to agents. */
export function toolFindings(context: FileContext, hits: Hit[]): Finding[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return hits.flatMap((hit): Finding[] => {
    const through = shown(hit.captures.through ?? hit.rule.title);
    const body = linesFrom(context.document, hit.textLine, BODY_LINES);
    const name = nameOf(hit, body);
    // A JSON schema can say `function` of anything; a tool also has a name, and parameters or a description.
    const isSchema = hit.rule.id === 'tool.schema.function' && through === 'function';
    if (isSchema && (name === null || !/["']?(?:parameters|description)["']?\s*[:=]/.test(body))) return [];
    if (seen.has(`${hit.line}:${name}`)) return [];
    seen.add(`${hit.line}:${name}`);
    const base = name ?? through;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    const label = shown(count === 1 ? base : `${base} ${count}`);
    const framework = shown(hit.captures.framework ?? 'unknown');
    const reach = REACH_OF_CLASS.find(([pattern]) => pattern.test(through))?.[1] ?? reachOfBody(bodyOf(body));
    return [
      {
        rule: hit.rule,
        line: hit.line,
        fact: {
          kind: 'agent-tool',
          key: keyIn(context.path, label),
          body: {
            place: placeIn(context.path, hit.line),
            framework,
            name: name === null ? null : shown(name),
            reach,
            asksApproval: knownIf(context.traits.has('asks-approval')),
            through,
          },
        },
        asset: {
          kind: 'agent_tool',
          identity: keyIn(context.path, label),
          title: label,
          details: { framework, reach },
        },
      },
    ];
  });
}

function nameOf(hit: Hit, body: string): string | null {
  const { name, assigned } = hit.captures;
  if (name !== undefined) return name;
  const schemaName = /["']?name["']?\s*[:=]\s*["']([\w.-]{1,80})["']/.exec(
    body.split('\n').slice(0, 6).join('\n'),
  )?.[1];
  if (hit.rule.id === 'tool.schema.function') return schemaName ?? null;
  const defined =
    /^\s*(?:async\s+)?(?:def|public|private|protected|fun)\s+(?:[\w<>[\], ]{1,60}\s)?(\w{1,80})\s*\(/m.exec(body)?.[1];
  return (hit.rule.id.includes('decorator') || hit.rule.id.includes('annotation') ? defined : assigned) ?? null;
}

/** The lines that belong to the tool: up to the next definition on the same level. */
function bodyOf(text: string): string {
  const lines = text.split('\n');
  const starts = lines.findIndex((line) => /^\s*(?:async\s+)?def\s/.test(line));
  const indent = starts < 0 ? -1 : (/^\s*/.exec(lines[starts] ?? '')?.[0].length ?? 0);
  if (starts < 0) return lines.slice(0, 25).join('\n');
  const ends = lines.findIndex(
    (line, index) =>
      index > starts && /\S/.test(line) && (/^\s*/.exec(line)?.[0].length ?? 0) <= indent && !/^\s*\)/.test(line),
  );
  return lines.slice(0, ends < 0 ? lines.length : ends).join('\n');
}

function reachOfBody(body: string): string {
  return REACH_OF_BODY.find(([pattern]) => pattern.test(body))?.[1] ?? 'other';
}
