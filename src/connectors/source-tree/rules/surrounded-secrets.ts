import type { DetectionRule } from '../rule.ts';
import { secretFormat } from './secret-format.ts';
import { HEX, MIXED, madeUp } from './secret-samples.ts';

/** Secrets that are told by what stands around them in a line of source, not by their own start. */
export const SURROUNDED_SECRETS: readonly DetectionRule[] = [
  secretFormat({
    detector: 'openai-key',
    title: 'OpenAI key',
    literals: ['T3BlbkFJ'],
    pattern: /(?<![A-Za-z0-9_-])(?<value>sk-[A-Za-z0-9_-]{16,180}T3BlbkFJ[A-Za-z0-9_-]{16,180})(?![A-Za-z0-9_-])/,
    prefix: 'sk-',
    positive: [
      { path: 'a.py', text: `k = "${madeUp(`${madeUp('sk-', MIXED, 20)}T3Blbk` + 'FJ', MIXED, 20)}"\n`, line: 1 },
    ],
    nearMiss: [{ path: 'a.py', text: 'k = "sk-your-key"\n' }],
  }),
  secretFormat({
    detector: 'aws-secret-key',
    title: 'AWS secret access key',
    literals: ['aws_secret', 'secret_access_key', 'secretAccessKey', 'AWS_SECRET'],
    pattern:
      /(?:aws_?secret\w{0,20}|secret_?access_?key)["']?\s*[:=]\s*["']?(?<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/i,
    prefix: '',
    positive: [{ path: 'a.env', text: `AWS_SECRET_ACCESS_KEY=${madeUp('', MIXED, 40)}\n`, line: 1 }],
    nearMiss: [{ path: 'a.env', text: 'AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}\n' }],
  }),
  secretFormat({
    detector: 'private-key',
    title: 'Private key',
    literals: ['PRIVATE KEY-----'],
    pattern:
      /(?<value>-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----)(?:(?:\\{1,2}[rn]){1,4}(?:[A-Za-z0-9+/]{24}|Proc-Type)|\s*$)/,
    prefix: '-----BEGIN ',
    positive: [
      { path: 'id_rsa', text: `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${madeUp('MII', MIXED, 60)}\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'a.pem', text: '-----BEGIN PUBLIC KEY-----\n' },
      { path: 'a.js', text: `placeholder: '-----BEGIN ${'PRIVATE'} KEY-----\\nXIYE<...>c=\\n-----END',\n` },
      { path: 'a.ts', text: `if (pem.startsWith('-----BEGIN ${'PRIVATE'} KEY-----')) return;\n` },
    ],
  }),
  secretFormat({
    detector: 'azure-storage-key',
    title: 'Azure storage account key',
    literals: ['AccountKey='],
    pattern: /AccountKey=(?<value>[A-Za-z0-9+/]{80,90}={0,2})/,
    prefix: '',
    positive: [
      { path: 'a.json', text: `{"c": "AccountName=x;${'Account'}Key=${madeUp('', MIXED, 86)}==;"}\n`, line: 1 },
    ],
    nearMiss: [{ path: 'a.json', text: '{"c": "AccountName=x;AccountKey=${key};"}\n' }],
  }),
  secretFormat({
    detector: 'slack-webhook',
    title: 'Slack webhook',
    literals: ['hooks.slack.com/services/'],
    pattern: /(?<value>https:\/\/hooks\.slack\.com\/services\/T[A-Z0-9]{6,12}\/B[A-Z0-9]{6,12}\/[A-Za-z0-9]{20,30})/,
    prefix: 'https://hooks.slack.com/services/',
    positive: [
      {
        path: 'a.yml',
        text: `url: ${madeUp(`https://hooks.slack.com/${'services'}/T0123ABCD/B0123ABCD/`, MIXED, 24)}\n`,
        line: 1,
      },
    ],
    nearMiss: [{ path: 'a.yml', text: 'url: https://hooks.slack.com/services/T/B/x\n' }],
  }),
  secretFormat({
    detector: 'weights-and-biases-key',
    title: 'Weights & Biases key',
    literals: ['wandb'],
    pattern: /\bwandb(?:\w{0,20}|\.login\(\s*key)["'\])]{0,3}\s*[:=]\s*["']?(?<value>[0-9a-f]{40})(?![0-9a-f])/i,
    prefix: '',
    positive: [{ path: 'a.py', text: `wandb.login(key="${madeUp('', HEX, 40)}")\n`, line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'wandb.login(key=os.environ["WANDB_API_KEY"])\n' }],
  }),
  secretFormat({
    detector: 'json-web-token',
    title: 'JSON web token',
    literals: ['eyJ'],
    pattern:
      /(?<![A-Za-z0-9_-])(?<value>eyJ[A-Za-z0-9_-]{15,400}\.eyJ[A-Za-z0-9_-]{15,1200}\.[A-Za-z0-9_-]{20,700})(?![A-Za-z0-9_-])/,
    prefix: 'eyJ',
    confidence: 'medium',
    positive: [
      {
        path: 'a.ts',
        text: `const t = '${madeUp('ey' + 'J', MIXED, 30)}.${madeUp('ey' + 'J', MIXED, 60)}.${madeUp('', MIXED, 43)}';\n`,
        line: 1,
      },
    ],
    nearMiss: [{ path: 'a.ts', text: "const t = 'eyJhbGciOiJIUzI1NiJ9';\n" }],
  }),
  secretFormat({
    detector: 'address-with-password',
    title: 'Password in an address',
    literals: ['://'],
    pattern:
      /\b(?:postgres(?:ql)?(?:\+\w{1,12})?|mysql(?:\+\w{1,12})?|mongodb(?:\+srv)?|redis|rediss|amqps?|https?|ftp|clickhouse|mssql(?:\+\w{1,12})?):\/\/[A-Za-z0-9_.%-]{0,80}:(?<value>[^\s:@/"'`<>{}$%]{6,120})@[A-Za-z0-9.-]{2,200}/,
    prefix: '',
    confidence: 'medium',
    positive: [{ path: 'a.py', text: `U = "postgres://app:${madeUp('', MIXED, 14)}@db.internal:5432/app"\n`, line: 1 }],
    nearMiss: [
      { path: 'a.py', text: 'U = f"postgres://app:{password}@db.internal/app"\n' },
      { path: 'a.py', text: 'U = "https://example.org:8080/@scope"\n' },
    ],
  }),
  {
    id: 'secret.generic-assignment',
    title: 'Random value assigned to a name for secrets',
    kind: 'secret',
    confidence: 'medium',
    files: {},
    match: {
      form: 'line',
      literals: [
        'api_key',
        'apikey',
        'api-key',
        'secret',
        'passwd',
        'password',
        'access_token',
        'auth_token',
        'accesstoken',
        'authtoken',
        'access_key',
        'accesskey',
        'private_key',
        'privatekey',
        '_token',
        'bearer ',
      ],
      pattern:
        /(?<![A-Za-z0-9])(?<name>[A-Za-z0-9_.-]{0,40}(?:api[_-]?key|secret|passwd|password|access[_-]?token|auth[_-]?token|access[_-]?key|private[_-]?key|_token|bearer)[A-Za-z0-9_-]{0,20})["'\]]{0,2}(?:\s*(?::=|=>|=|:)\s*|\s(?=[A-Za-z0-9]{16}))(?<quote>["'`]?)(?<value>[A-Za-z0-9+/_=.~!@#%^&*-]{16,200})(?=["'`\s,;)}\]]|$)/i,
      standing: 'anywhere',
    },
    sets: { detector: 'generic-assignment', prefix: '' },
    examples: {
      positive: [
        { path: 'a.py', text: `client = Client(api_key="${madeUp('', MIXED, 32)}")\n`, line: 1 },
        { path: 'a.yaml', text: `db:\n  password: ${madeUp('', MIXED, 24)}\n`, line: 2 },
      ],
      nearMiss: [
        { path: 'a.py', text: 'api_key = os.environ["MY_SERVICE_API_KEY"]\n' },
        { path: 'a.py', text: 'password = "correct-horse-battery-staple"\n' },
        { path: 'a.yaml', text: 'secretName: model-server-credentials\n' },
        { path: 'a.py', text: 'api_key = "your-api-key-goes-right-here-1"\n' },
        { path: 'a.ts', text: 'const secret = config.service.secretKey2Reference;\n' },
        { path: 'a.js', text: 'exports.AddApiKey1720230151480 = AddApiKey1720230151480;\n' },
      ],
    },
  },
];
