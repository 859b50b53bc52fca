import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import { lineAt } from '../text/document.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';
import { isRecord, parsedOr, type Reader } from './reader.ts';

const SERVERS_MAX = 100;

const REACH: readonly [RegExp, string][] = [
  [/filesystem|\bfs\b|obsidian|\bgit\b/i, 'filesystem'],
  [/shell|terminal|desktop-commander|\bbash\b|exec/i, 'shell'],
  [/postgres|mysql|sqlite|mongo|redis|database|supabase|bigquery|snowflake/i, 'database'],
  [/python|code|jupyter|e2b|sandbox/i, 'code'],
  [/stripe|paypal|payment/i, 'payment'],
  [/gmail|mail|outlook/i, 'email'],
  [
    /github|gitlab|slack|fetch|browser|playwright|puppeteer|search|http|web|notion|linear|jira|sentry|figma|drive/i,
    'network',
  ],
];

/** Servers of an MCP configuration: each is a tool whose reach follows from what it runs. */
export const readMcpConfig: Reader = (file) => {
  const text = file.document.text();
  const parsed: unknown = parsedOr(() => JSON.parse(text));
  if (!isRecord(parsed)) return [];
  const servers = [parsed.mcpServers, parsed.servers].find(isRecord);
  return Object.entries(servers ?? {})
    .slice(0, SERVERS_MAX)
    .flatMap(([name, server]): Finding[] => {
      if (!isRecord(server)) return [];
      const command = [server.command, ...(Array.isArray(server.args) ? (server.args as unknown[]) : []), server.url]
        .filter((part) => typeof part === 'string')
        .join(' ');
      const line = lineAt(text, Math.max(0, text.indexOf(JSON.stringify(name))));
      const reach = REACH.find(([pattern]) => pattern.test(`${name} ${command}`))?.[1] ?? 'other';
      return [
        {
          rule: file.rule,
          line,
          fact: {
            kind: 'agent-tool',
            key: keyIn(file.path, shown(name)),
            body: {
              place: placeIn(file.path, line),
              framework: 'mcp',
              name: shown(name),
              reach,
              asksApproval: 'unknown',
              through: 'MCP configuration',
            },
          },
          asset: {
            kind: 'agent_tool',
            identity: keyIn(file.path, shown(name)),
            title: `MCP server ${shown(name)}`,
            details: { framework: 'mcp', reach },
          },
        },
      ];
    });
};

/** Configuration of an evaluation tool. */
export const readEvalConfig: Reader = (file) => {
  const text = file.document.text();
  if (!/\b(?:tests|prompts|providers|assert|redteam|scenarios)\b/.test(text)) return [];
  return [
    {
      rule: file.rule,
      line: 1,
      fact: {
        kind: 'eval-suite',
        key: keyIn(file.path, 'promptfoo'),
        body: {
          place: placeIn(file.path, 1),
          framework: 'promptfoo',
          thresholds: /\bthreshold\b|\bassert\b/.test(text) ? 'yes' : 'no',
          through: nameOf(file.path),
        },
      },
      asset: {
        kind: 'eval_suite',
        identity: `${folderOf(file.path)}#promptfoo`,
        title: `promptfoo in ${folderOf(file.path) || nameOf(file.path)}`,
        details: { framework: 'promptfoo' },
      },
    },
  ];
};

const RULES_MAX = 2_000;

/** Rules of a CODEOWNERS file: pattern, how many owners, line. Names of people stay out. */
export const readCodeOwners: Reader = (file) => {
  const rules = file.document
    .text()
    .split('\n')
    .flatMap((raw, index) => {
      const line = raw
        .replace(/\r$/, '')
        .replace(/(^|\s)#.*$/, '')
        .trim();
      if (line === '' || /^\^?\[/.test(line)) return [];
      const [pattern = '', ...owners] = line.split(/(?<!\\)\s+/);
      return [{ pattern: shown(pattern), owners: owners.filter((owner) => /@/.test(owner)).length, line: index + 1 }];
    });
  return [
    {
      rule: file.rule,
      line: 1,
      fact: {
        kind: 'code-owners',
        key: file.path,
        body: { place: placeIn(file.path, 1), rules: rules.slice(0, RULES_MAX) },
      },
      asset: null,
    },
  ];
};
