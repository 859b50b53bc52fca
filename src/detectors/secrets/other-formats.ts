/** Formats without a fixed start, or with more structure than start and body. `value` is the secret itself. */
export type PatternFormat = {
  id: string;
  title: string;
  /** The pattern is tried only on texts that hold one of these, in small letters. */
  hints: readonly string[];
  pattern: RegExp;
  confidence: number;
  /** Documentation words inside do not make it a placeholder: the form itself is the secret. */
  always?: boolean;
};

export const PATTERN_FORMATS: readonly PatternFormat[] = [
  {
    id: 'private-key',
    title: 'private key',
    hints: ['private key'],
    confidence: 0.98,
    always: true,
    pattern:
      /-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?<value>(?:(?!-----END)[A-Za-z0-9+/=\s\\:,."'-]){16,8000})/g,
  },
  {
    id: 'putty-key',
    title: 'PuTTY private key',
    hints: ['putty-user-key-file'],
    confidence: 0.95,
    always: true,
    pattern: /(?<value>PuTTY-User-Key-File-[23]: [^\n]{4,60}\n)/g,
  },
  {
    id: 'openai-key',
    title: 'OpenAI key',
    hints: ['t3blbkfj'],
    confidence: 0.98,
    pattern: /(?<![A-Za-z0-9_-])(?<value>sk-[A-Za-z0-9_-]{16,180}T3BlbkFJ[A-Za-z0-9_-]{16,180})/g,
  },
  {
    id: 'jwt',
    title: 'JSON web token',
    hints: ['eyj'],
    confidence: 0.85,
    always: true,
    pattern: /(?<![A-Za-z0-9_-])(?<value>eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{6,4000}\.[A-Za-z0-9_-]{16,1000})/g,
  },
  {
    id: 'url-password',
    title: 'password in a connection string',
    hints: ['://'],
    confidence: 0.85,
    pattern:
      /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'<>]{0,80}:(?<value>[^\s@/"'<>]{3,120}(?:@[^\s@/"'<>.]{1,60})?)@[^\s@"'<>]{2,200}/g,
  },
  {
    id: 'odbc-password',
    title: 'password in a connection string',
    hints: ['pwd', 'password'],
    confidence: 0.8,
    pattern:
      /(?:;|^|["'\s])(?:Pwd|pwd|PWD|Password|password|PASSWORD)\s{0,2}=\s{0,2}(?<value>[^;"'\s]{4,120})(?=;|["'])/g,
  },
  {
    id: 'azure-account-key',
    title: 'Azure storage key',
    hints: ['accountkey', 'accesskey'],
    confidence: 0.97,
    pattern: /(?:AccountKey|SharedAccessKey)\s?=\s?(?<value>[A-Za-z0-9+/]{40,86}={1,2})/g,
  },
  {
    id: 'azure-devops-key',
    title: 'Azure key',
    hints: ['azdo', 'azdo', 'jqqj99', '+ast', 'aiot'],
    confidence: 0.95,
    pattern: /(?<![A-Za-z0-9+/])(?<value>[A-Za-z0-9+/]{33,76}(?:JQQJ99|AZDO|\+ASt|AIoT)[A-Za-z0-9+/]{4,40}={0,2})/g,
  },
  {
    id: 'azure-client-secret',
    title: 'Azure client secret',
    hints: ['q~'],
    confidence: 0.93,
    pattern: /(?<![A-Za-z0-9_~.-])(?<value>[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~.-])/g,
  },
  {
    id: 'sas-signature',
    title: 'Azure shared access signature',
    hints: ['sig='],
    confidence: 0.9,
    pattern: /[?&;]sig=(?<value>[A-Za-z0-9%+/]{40,90}(?:%3[dD]|=)?)/g,
  },
  {
    id: 'slack-webhook',
    title: 'Slack webhook',
    hints: ['hooks.slack.com'],
    confidence: 0.95,
    pattern: /(?<value>hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/]{40,80})/g,
  },
  {
    id: 'discord-webhook',
    title: 'Discord webhook',
    hints: ['/api/webhooks/'],
    confidence: 0.95,
    pattern: /(?<value>discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[A-Za-z0-9_-]{60,72})/g,
  },
  {
    id: 'teams-webhook',
    title: 'Microsoft Teams webhook',
    hints: ['webhook'],
    confidence: 0.95,
    pattern:
      /(?<value>(?:outlook\.office\.com|[a-z0-9-]{2,60}\.webhook\.office\.com)\/webhook[a-z0-9]{0,3}\/[a-f0-9-]{36}@[a-f0-9-]{36}\/IncomingWebhook\/[a-f0-9]{32}\/[a-f0-9-]{36}\S{0,60})/g,
  },
  {
    id: 'zapier-webhook',
    title: 'Zapier webhook',
    hints: ['hooks.zapier.com'],
    confidence: 0.85,
    pattern: /(?<value>hooks\.zapier\.com\/hooks\/catch\/[A-Za-z0-9]{4,20}(?:\/[A-Za-z0-9]{4,20})?)/g,
  },
  {
    id: 'telegram-token',
    title: 'Telegram bot token',
    hints: [':aa', ':ab'],
    confidence: 0.95,
    pattern: /(?<![\d])(?<value>\d{8,10}:A[A-Z][A-Za-z0-9_-]{32,34})(?![A-Za-z0-9_-])/g,
  },
  {
    id: 'discord-token',
    title: 'Discord bot token',
    hints: ['.'],
    confidence: 0.9,
    pattern:
      /(?<![A-Za-z0-9_.-])(?<value>[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40})(?![A-Za-z0-9_-])/g,
  },
  {
    id: 'mailchimp-key',
    title: 'Mailchimp key',
    hints: ['-us'],
    confidence: 0.9,
    pattern: /(?<![A-Za-z0-9])(?<value>[0-9a-f]{32}-us\d{1,2})(?![A-Za-z0-9])/g,
  },
  {
    id: 'terraform-token',
    title: 'Terraform token',
    hints: ['.atlasv1.'],
    confidence: 0.97,
    pattern: /(?<value>[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70})/g,
  },
  {
    id: 'asana-token',
    title: 'Asana token',
    hints: ['0/', '1/'],
    confidence: 0.85,
    pattern: /(?<![A-Za-z0-9/])(?<value>[01]\/\d{10,20}(?:\/\d{10,20})?:[0-9a-f]{32})/g,
  },
  {
    id: 'firebase-key',
    title: 'Firebase messaging key',
    hints: ['aaaa'],
    confidence: 0.95,
    pattern: /(?<![A-Za-z0-9_-])(?<value>AAAA[A-Za-z0-9_-]{7}:[A-Za-z0-9_-]{130,150})/g,
  },
  {
    id: 'okta-token',
    title: 'Okta token',
    hints: ['ssws ', 'okta'],
    confidence: 0.9,
    pattern: /(?:SSWS |(?:okta|OKTA)[\s\S]{0,60}?["'= ])(?<value>00[A-Za-z0-9_-]{40})(?![A-Za-z0-9_-])/g,
  },
  {
    id: 'maxmind-key',
    title: 'MaxMind key',
    hints: ['_mmk'],
    confidence: 0.95,
    pattern: /(?<value>[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)/g,
  },
  {
    id: 'basic-authorization',
    title: 'Basic credentials',
    hints: ['basic '],
    confidence: 0.8,
    pattern: /[Bb]asic (?<value>[A-Za-z0-9+/]{12,200}={0,2})(?![A-Za-z0-9+/])/g,
  },
  {
    id: 'bearer-token',
    title: 'bearer token',
    hints: ['bearer '],
    confidence: 0.75,
    pattern: /[Bb]earer (?<value>[A-Za-z0-9._~+/-]{20,1000}={0,2})/g,
  },
  {
    id: 'command-line-password',
    title: 'password on a command line',
    hints: ['curl ', 'psexec', 'mysql ', 'sshpass', 'net use'],
    confidence: 0.65,
    pattern:
      /(?:curl[^\n]{0,200}?(?:-u|--user)[ =]["']?[^\s:"']{1,60}:|sshpass -p ?["']?|psexec(?:\.exe)?[^\n]{0,120}? -p ["']?|mysql[^\n]{0,120}? -p|net use[^\n]{0,120}? \/user:\S{1,80} ["']?)(?<value>[^\s"']{4,80})/gi,
  },
];
