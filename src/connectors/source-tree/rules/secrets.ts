import type { DetectionRule, Example, PositiveExample } from '../rule.ts';
import { DIGITS, HEX, MIXED, madeUp, UPPER } from './secret-samples.ts';

type SecretFormat = {
  detector: string;
  title: string;
  literals: readonly string[];
  /** Captures the secret as `value`. */
  pattern: RegExp;
  /** What every secret of the format begins with; shown when masked. */
  prefix: string;
  confidence?: 'high' | 'medium';
  needs?: readonly string[];
  positive: readonly PositiveExample[];
  nearMiss: readonly Example[];
};

function secretFormat(format: SecretFormat): DetectionRule {
  return {
    id: `secret.${format.detector}`,
    title: format.title,
    kind: 'secret',
    confidence: format.confidence ?? 'high',
    files: {},
    match: { form: 'line', literals: format.literals, pattern: format.pattern, standing: 'anywhere' },
    sets: { detector: format.detector, prefix: format.prefix },
    ...(format.needs ? { needs: format.needs } : {}),
    examples: { positive: format.positive, nearMiss: format.nearMiss },
  };
}

/** A format that is a fixed start and a body of known signs: its examples follow from it. */
function prefixed(parts: {
  detector: string;
  title: string;
  prefix: string;
  body: string;
  alphabet: string;
  length: number;
  confidence?: 'high' | 'medium';
  sample?: string;
}): DetectionRule {
  const { detector, title, prefix, body, alphabet, length } = parts;
  const sample = parts.sample ?? madeUp(prefix, alphabet, length);
  return secretFormat({
    detector,
    title,
    literals: [prefix],
    pattern: new RegExp(
      `(?<![A-Za-z0-9_-])(?<value>${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${body})(?![A-Za-z0-9_-])`,
    ),
    prefix,
    ...(parts.confidence ? { confidence: parts.confidence } : {}),
    positive: [
      { path: 'app/config.py', text: `import os\nKEY = "${sample}"\n`, line: 2 },
      { path: '.env', text: `KEY=${sample}\n`, line: 1 },
      { path: 'README.md', text: `Run with \`${sample}\`.\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'app/config.py', text: `KEY = "${sample.slice(0, prefix.length + 4)}"\n` },
      { path: 'app/config.py', text: `KEY = "x${sample}"\n` },
    ],
  });
}

/** Keys of AI services. */
export const AI_SECRETS: readonly DetectionRule[] = [
  secretFormat({
    detector: 'openai-key',
    title: 'OpenAI key',
    literals: ['T3BlbkFJ', 'sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern:
      /(?<![A-Za-z0-9_-])(?<value>sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{16,180}T3BlbkFJ[A-Za-z0-9_-]{16,180}|sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200})(?![A-Za-z0-9_-])/,
    prefix: 'sk-',
    positive: [
      { path: 'a.py', text: `k = "${madeUp(`${madeUp('sk-', MIXED, 20)}T3Blbk` + 'FJ', MIXED, 20)}"\n`, line: 1 },
      { path: '.env', text: `OPENAI_API_KEY=${madeUp('sk-' + 'proj-', MIXED, 60)}\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'k = "sk-your-key"\n' },
      { path: 'a.css', text: '.sk-proj-header { color: red }\n' },
    ],
  }),
  prefixed({
    detector: 'anthropic-key',
    title: 'Anthropic key',
    prefix: 'sk-ant-',
    body: '(?:api|admin|oat|sid)\\d\\d-[A-Za-z0-9_-]{40,160}',
    alphabet: MIXED,
    length: 0,
    sample: madeUp('sk-ant-' + 'api03-', MIXED, 95),
  }),
  prefixed({
    detector: 'openrouter-key',
    title: 'OpenRouter key',
    prefix: 'sk-or-v1-',
    body: '[0-9a-f]{48,72}',
    alphabet: HEX,
    length: 64,
  }),
  prefixed({
    detector: 'huggingface-token',
    title: 'Hugging Face token',
    prefix: 'hf_',
    body: '[A-Za-z]{30,40}',
    alphabet: MIXED.slice(0, 52),
    length: 34,
  }),
  prefixed({
    detector: 'google-api-key',
    title: 'Google API key',
    prefix: 'AIza',
    body: '[A-Za-z0-9_-]{35}',
    alphabet: MIXED,
    length: 35,
  }),
  prefixed({
    detector: 'groq-key',
    title: 'Groq key',
    prefix: 'gsk_',
    body: '[A-Za-z0-9]{48,60}',
    alphabet: MIXED,
    length: 52,
  }),
  prefixed({
    detector: 'replicate-token',
    title: 'Replicate token',
    prefix: 'r8_',
    body: '[A-Za-z0-9]{36,40}',
    alphabet: MIXED,
    length: 37,
  }),
  prefixed({
    detector: 'perplexity-key',
    title: 'Perplexity key',
    prefix: 'pplx-',
    body: '[A-Za-z0-9]{40,64}',
    alphabet: MIXED,
    length: 48,
  }),
  prefixed({
    detector: 'xai-key',
    title: 'xAI key',
    prefix: 'xai-',
    body: '[A-Za-z0-9]{70,90}',
    alphabet: MIXED,
    length: 80,
  }),
  prefixed({
    detector: 'fireworks-key',
    title: 'Fireworks AI key',
    prefix: 'fw_',
    body: '[A-Za-z0-9]{20,32}',
    alphabet: MIXED,
    length: 24,
    confidence: 'medium',
  }),
  prefixed({
    detector: 'nvidia-key',
    title: 'NVIDIA API key',
    prefix: 'nvapi-',
    body: '[A-Za-z0-9_-]{60,70}',
    alphabet: MIXED,
    length: 64,
  }),
  prefixed({
    detector: 'pinecone-key',
    title: 'Pinecone key',
    prefix: 'pcsk_',
    body: '[A-Za-z0-9_]{50,80}',
    alphabet: MIXED,
    length: 64,
  }),
  prefixed({
    detector: 'langsmith-key',
    title: 'LangSmith key',
    prefix: 'lsv2_',
    body: '(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}',
    alphabet: HEX,
    length: 0,
    sample: `${madeUp('lsv2_' + 'pt_', HEX, 32)}${madeUp('_', HEX, 10)}`,
  }),
  prefixed({
    detector: 'langfuse-key',
    title: 'Langfuse secret key',
    prefix: 'sk-lf-',
    body: '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}',
    alphabet: HEX,
    length: 0,
    sample: `${madeUp('sk-lf-', HEX, 8)}${madeUp('-', HEX, 4)}${madeUp('-', HEX, 4)}${madeUp('-', HEX, 4)}${madeUp('-', HEX, 12)}`,
  }),
  prefixed({
    detector: 'jina-key',
    title: 'Jina AI key',
    prefix: 'jina_',
    body: '[A-Za-z0-9_-]{50,70}',
    alphabet: MIXED,
    length: 60,
  }),
  prefixed({
    detector: 'tavily-key',
    title: 'Tavily key',
    prefix: 'tvly-',
    body: '(?:dev-|prod-)?[A-Za-z0-9]{28,40}',
    alphabet: MIXED,
    length: 32,
  }),
  prefixed({
    detector: 'elevenlabs-key',
    title: 'ElevenLabs key',
    prefix: 'sk_',
    body: '[0-9a-f]{48}',
    alphabet: HEX,
    length: 48,
  }),
  prefixed({
    detector: 'voyage-key',
    title: 'Voyage AI key',
    prefix: 'pa-',
    body: '[A-Za-z0-9_-]{43}',
    alphabet: MIXED,
    length: 43,
    confidence: 'medium',
  }),
];

/** Keys of clouds, code hosts and other vendors. */
export const VENDOR_SECRETS: readonly DetectionRule[] = [
  secretFormat({
    detector: 'aws-access-key',
    title: 'AWS access key id',
    literals: ['AKIA', 'ASIA'],
    pattern: /(?<![A-Z0-9])(?<value>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Z0-9])/,
    prefix: 'AKIA',
    positive: [{ path: 'a.py', text: `k = "${madeUp('AKI' + 'A', UPPER, 16)}"\n`, line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'k = "AKIATOOSHORT"\n' }],
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
      /(?<value>-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----)(?:\\{1,2}[rn]|\s*$)/,
    prefix: '-----BEGIN ',
    positive: [
      { path: 'id_rsa', text: `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${madeUp('MII', MIXED, 60)}\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'a.pem', text: '-----BEGIN PUBLIC KEY-----\n' },
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
  prefixed({
    detector: 'github-token',
    title: 'GitHub token',
    prefix: 'ghp_',
    body: '[A-Za-z0-9]{36,40}',
    alphabet: MIXED,
    length: 36,
  }),
  prefixed({
    detector: 'github-app-token',
    title: 'GitHub app token',
    prefix: 'ghs_',
    body: '[A-Za-z0-9]{36,40}',
    alphabet: MIXED,
    length: 36,
  }),
  prefixed({
    detector: 'github-oauth-token',
    title: 'GitHub OAuth token',
    prefix: 'gho_',
    body: '[A-Za-z0-9]{36,40}',
    alphabet: MIXED,
    length: 36,
  }),
  prefixed({
    detector: 'github-fine-grained-token',
    title: 'GitHub fine-grained token',
    prefix: 'github_pat_',
    body: '[A-Za-z0-9_]{70,90}',
    alphabet: MIXED,
    length: 82,
  }),
  prefixed({
    detector: 'gitlab-token',
    title: 'GitLab token',
    prefix: 'glpat-',
    body: '[A-Za-z0-9_-]{20,60}',
    alphabet: MIXED,
    length: 20,
  }),
  prefixed({
    detector: 'slack-token',
    title: 'Slack token',
    prefix: 'xoxb-',
    body: '\\d{8,14}-\\d{8,14}-[A-Za-z0-9]{20,30}',
    alphabet: MIXED,
    length: 0,
    sample: `${madeUp('xoxb-', DIGITS, 12)}${madeUp('-', DIGITS, 12)}${madeUp('-', MIXED, 24)}`,
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
  prefixed({
    detector: 'stripe-key',
    title: 'Stripe live key',
    prefix: 'sk_live_',
    body: '[A-Za-z0-9]{20,120}',
    alphabet: MIXED,
    length: 24,
  }),
  prefixed({
    detector: 'stripe-restricted-key',
    title: 'Stripe restricted key',
    prefix: 'rk_live_',
    body: '[A-Za-z0-9]{20,120}',
    alphabet: MIXED,
    length: 24,
  }),
  prefixed({
    detector: 'sendgrid-key',
    title: 'SendGrid key',
    prefix: 'SG.',
    body: '[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
    alphabet: MIXED,
    length: 0,
    sample: `${madeUp('SG.', MIXED, 22)}${madeUp('.', MIXED, 43)}`,
  }),
  prefixed({
    detector: 'npm-token',
    title: 'npm token',
    prefix: 'npm_',
    body: '[A-Za-z0-9]{36}',
    alphabet: MIXED,
    length: 36,
  }),
  prefixed({
    detector: 'pypi-token',
    title: 'PyPI token',
    prefix: 'pypi-AgEIcHlwaS5vcmc',
    body: '[A-Za-z0-9_-]{50,250}',
    alphabet: MIXED,
    length: 80,
  }),
  prefixed({
    detector: 'databricks-token',
    title: 'Databricks token',
    prefix: 'dapi',
    body: '[0-9a-f]{32}(?:-\\d)?',
    alphabet: HEX,
    length: 32,
  }),
  prefixed({
    detector: 'docker-token',
    title: 'Docker Hub token',
    prefix: 'dckr_pat_',
    body: '[A-Za-z0-9_-]{20,40}',
    alphabet: MIXED,
    length: 27,
  }),
  prefixed({
    detector: 'digitalocean-token',
    title: 'DigitalOcean token',
    prefix: 'dop_v1_',
    body: '[0-9a-f]{64}',
    alphabet: HEX,
    length: 64,
  }),
  prefixed({
    detector: 'vault-token',
    title: 'HashiCorp Vault token',
    prefix: 'hvs.',
    body: '[A-Za-z0-9_-]{80,120}',
    alphabet: MIXED,
    length: 95,
  }),
  prefixed({
    detector: 'linear-key',
    title: 'Linear key',
    prefix: 'lin_api_',
    body: '[A-Za-z0-9]{40}',
    alphabet: MIXED,
    length: 40,
  }),
  prefixed({
    detector: 'notion-token',
    title: 'Notion token',
    prefix: 'ntn_',
    body: '[A-Za-z0-9]{40,50}',
    alphabet: MIXED,
    length: 46,
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
      ],
    },
  },
];
