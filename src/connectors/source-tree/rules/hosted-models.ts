import type { DetectionRule, Example, PositiveExample } from '../rule.ts';
import { CODE_AND_CONFIG } from './patterns.ts';

// A model id counts where it is a whole value: behind a quote, a colon, an equals sign or a list dash, and nothing after it. A key of
// a table says what is known of a model, not that it is used.
// Gateways write the provider in front: `openai/gpt-4o`, `openai:chat:gpt-4o`.
const BEFORE = `(?<=["'\`]|[:=]\\s{0,3}|^\\s{0,40}-\\s{1,3})(?:[a-z0-9_.-]{1,40}[/:]){0,3}`;
const AFTER = `(?=["'\`](?!\\s*:)|\\s*(?:$|[,}\\]#;)]))`;

const NOT_A_USE =
  /\b(?:startsWith|startswith|endsWith|endswith|includes|indexOf|has|test|match|contains)\(|[=!]==?\s*["'`]|\bcase\s+["'`]|\bin\s+[[({]|["'`]\s+(?:not\s+)?in\s/;

function hostedModel(model: {
  provider: string;
  name: string;
  literals: readonly string[];
  ids: string;
  needs?: readonly string[];
  positive: readonly PositiveExample[];
  nearMiss: readonly Example[];
}): DetectionRule {
  return {
    id: `model.${model.provider}.id`,
    title: `Model id of ${model.name}`,
    kind: 'model',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: model.literals,
      pattern: new RegExp(`${BEFORE}(?<modelId>${model.ids})${AFTER}`),
      standing: 'whole',
      // A comparison or a table of known names says what may come, not what is called.
      unless: NOT_A_USE,
    },
    sets: { provider: model.provider },
    ...(model.needs ? { needs: model.needs } : {}),
    examples: { positive: model.positive, nearMiss: model.nearMiss },
  };
}

/** Ids of models that outside services run, as they stand in code and settings. */
export const HOSTED_MODELS: readonly DetectionRule[] = [
  hostedModel({
    provider: 'openai',
    name: 'OpenAI',
    literals: [
      'gpt-3',
      'gpt-4',
      'gpt-5',
      'gpt-image',
      'gpt-realtime',
      'gpt-audio',
      'chatgpt-4o',
      '"o1',
      "'o1",
      'o1-',
      '"o3',
      "'o3",
      'o3-',
      'o4-mini',
      'text-embedding-',
      'whisper-1',
      'tts-1',
      'dall-e-',
      'omni-moderation',
      'computer-use-preview',
      'davinci-00',
    ],
    ids: '(?:chatgpt-4o|gpt-(?:3\\.5|4|5|4\\.1|4\\.5|5\\.\\d|4o|image|realtime|audio)(?!all))(?:[-.o][\\w.-]{0,60})?|o[134](?:-(?:mini|preview|pro|deep-research)[\\w-]{0,40}|-\\d{4}-\\d\\d-\\d\\d)?|text-embedding-(?:3-(?:small|large)|ada-002)|whisper-1|tts-1(?:-hd)?|dall-e-[23]|omni-moderation-[\\w-]{1,20}|computer-use-preview[\\w-]{0,20}|(?:text-)?davinci-00\\d',
    positive: [
      {
        path: 'a.py',
        text: 'r = client.chat.completions.create(\n    model="gpt-4o",\n)\n',
        line: 2,
        captures: { modelId: 'gpt-4o' },
      },
      {
        path: 'a.ts',
        text: "const m = openai('gpt-4o-2024-08-06');\n",
        line: 1,
        captures: { modelId: 'gpt-4o-2024-08-06' },
      },
      {
        path: 'a.yaml',
        text: 'providers:\n  - openai:chat:gpt-4.1-mini\n',
        line: 2,
        captures: { modelId: 'gpt-4.1-mini' },
      },
      { path: 'a.go', text: 'model := "o3-mini"\n', line: 1, captures: { modelId: 'o3-mini' } },
      {
        path: 'a.env',
        text: 'MODEL=text-embedding-3-small\n',
        line: 1,
        captures: { modelId: 'text-embedding-3-small' },
      },
    ],
    nearMiss: [
      { path: 'a.py', text: 'print("We moved to gpt-4o last year")\n' },
      { path: 'a.py', text: '# model="gpt-4o"\n' },
      { path: 'README.md', text: 'model: gpt-4o\n' },
      { path: 'a.py', text: 'x = "gpt-4all"\n' },
      { path: 'a.py', text: 'x = "o100"\n' },
    ],
  }),
  hostedModel({
    provider: 'anthropic',
    name: 'Anthropic',
    literals: ['claude-'],
    ids: 'claude-(?!code|desktop|agent|flow|cli)(?:\\d|instant|opus|sonnet|haiku|v\\d|[a-z]{3,12}-\\d)[\\w.@-]{0,60}',
    positive: [
      {
        path: 'a.py',
        text: 'MODEL = "claude-3-5-sonnet-20241022"\n',
        line: 1,
        captures: { modelId: 'claude-3-5-sonnet-20241022' },
      },
      { path: 'a.ts', text: "anthropic('claude-sonnet-4-0')\n", line: 1, captures: { modelId: 'claude-sonnet-4-0' } },
    ],
    nearMiss: [
      { path: 'a.json', text: '{ "name": "claude-code" }\n' },
      { path: 'a.py', text: 'print("ask claude-3-opus nicely")\n' },
    ],
  }),
  hostedModel({
    provider: 'google-gemini',
    name: 'Google',
    literals: ['gemini-', 'text-bison', 'chat-bison', 'textembedding-gecko', 'imagen-', 'text-embedding-00'],
    ids: 'gemini-(?:\\d|pro|ultra|flash|exp|embedding)[\\w.-]{0,60}|(?:text|chat)-bison[\\w@-]{0,20}|textembedding-gecko[\\w@-]{0,20}|imagen-\\d[\\w.-]{0,40}|text-embedding-00\\d',
    positive: [
      {
        path: 'a.py',
        text: 'model = genai.GenerativeModel("gemini-1.5-pro-002")\n',
        line: 1,
        captures: { modelId: 'gemini-1.5-pro-002' },
      },
      { path: 'a.py', text: 'm = "models/gemini-pro"\n', line: 1, captures: { modelId: 'gemini-pro' } },
    ],
    nearMiss: [{ path: 'a.py', text: 'exchange = "gemini-exchange"\n' }],
  }),
  hostedModel({
    provider: 'mistral',
    name: 'Mistral AI',
    literals: ['mistral-', 'mixtral-', 'codestral-', 'ministral-', 'pixtral-', 'magistral-', 'devstral-'],
    ids: '(?:open-)?(?:mistral|mixtral|codestral|ministral|pixtral|magistral|devstral)-(?:tiny|small|medium|large|embed|latest|nemo|ocr|moderation|mamba|8x7b|8x22b|7b|3b|8b|12b|\\d{4})(?:-[\\w.-]{1,40})?',
    needs: [
      'mistralai',
      'api.mistral.ai',
      'MISTRAL_API_KEY',
      '@ai-sdk/mistral',
      'openrouter',
      'litellm',
      'promptfoo',
      'mistral/',
    ],
    positive: [
      {
        path: 'a.py',
        text: 'from mistralai import Mistral\nr = c.chat.complete(model="mistral-large-latest")\n',
        line: 2,
        captures: { modelId: 'mistral-large-latest' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'r = run(model="mistral-large-latest")\n' }],
  }),
  hostedModel({
    provider: 'cohere',
    name: 'Cohere',
    literals: ['command-', 'embed-english', 'embed-multilingual', 'embed-v4', 'rerank-'],
    ids: 'command-(?:r|light|nightly|a|r-plus|r7b)(?:-[\\w-]{1,30})?|embed-(?:english|multilingual)-(?:light-)?v\\d(?:\\.\\d)?|embed-v4(?:\\.\\d)?|rerank-(?:(?:english|multilingual)-)?v\\d(?:\\.\\d)?',
    needs: ['cohere'],
    positive: [
      {
        path: 'a.py',
        text: 'import cohere\nr = co.chat(model="command-r-plus-08-2024")\n',
        line: 2,
        captures: { modelId: 'command-r-plus-08-2024' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'r = run("command-r")\n' }],
  }),
  hostedModel({
    provider: 'deepseek',
    name: 'DeepSeek',
    literals: ['deepseek-'],
    ids: 'deepseek-(?:chat|reasoner|coder)',
    positive: [
      { path: 'a.py', text: 'r = c.create(model="deepseek-chat")\n', line: 1, captures: { modelId: 'deepseek-chat' } },
    ],
    nearMiss: [{ path: 'a.py', text: 'repo = "deepseek-ai"\n' }],
  }),
  hostedModel({
    provider: 'xai',
    name: 'xAI',
    literals: ['grok-'],
    ids: 'grok-(?:\\d|beta|vision|code)[\\w.-]{0,40}',
    positive: [{ path: 'a.ts', text: "xai('grok-2-1212')\n", line: 1, captures: { modelId: 'grok-2-1212' } }],
    nearMiss: [{ path: 'a.ts', text: "use('grok-pattern')\n" }],
  }),
  hostedModel({
    provider: 'perplexity',
    name: 'Perplexity',
    literals: ['sonar-'],
    ids: 'sonar-(?:pro|reasoning|deep-research)(?:-[a-z]{1,20})?',
    positive: [{ path: 'a.py', text: 'm = "sonar-pro"\n', line: 1, captures: { modelId: 'sonar-pro' } }],
    nearMiss: [{ path: 'a.py', text: 'm = "sonar-scanner"\n' }],
  }),
  hostedModel({
    provider: 'aws-bedrock',
    name: 'Amazon Bedrock',
    literals: [
      'anthropic.claude',
      'amazon.titan',
      'amazon.nova',
      'meta.llama',
      'cohere.command',
      'cohere.embed',
      'cohere.rerank',
      'ai21.j',
      'mistral.m',
      'stability.s',
      'deepseek.r',
    ],
    ids: '(?:(?:us|eu|apac|jp|au|global|us-gov)\\.)?(?:anthropic\\.claude|amazon\\.(?:titan|nova)|meta\\.llama|cohere\\.(?:command|embed|rerank)|ai21\\.j|mistral\\.m|stability\\.s|deepseek\\.r)[\\w.:-]{1,80}',
    positive: [
      {
        path: 'a.py',
        text: 'b.invoke_model(modelId="anthropic.claude-3-sonnet-20240229-v1:0")\n',
        line: 1,
        captures: { modelId: 'anthropic.claude-3-sonnet-20240229-v1:0' },
      },
      {
        path: 'a.tf',
        text: 'model = "us.amazon.nova-pro-v1:0"\n',
        line: 1,
        captures: { modelId: 'us.amazon.nova-pro-v1:0' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'host = "bucket.s3.amazon.titanic.example"\n# amazon.titan-embed\n' }],
  }),
  hostedModel({
    provider: 'groq',
    name: 'Groq',
    literals: ['llama', 'mixtral-8x7b-32768', 'gemma2-9b-it'],
    ids: 'llama-?3[\\w.-]{0,20}-(?:\\d{1,3}b)-(?:versatile|instant|specdec|8192|preview|\\d{4,6})|llama3-(?:8|70)b-8192|mixtral-8x7b-32768|gemma2-9b-it',
    needs: ['groq'],
    positive: [
      {
        path: 'a.py',
        text: 'from groq import Groq\nr = c.create(model="llama-3.3-70b-versatile")\n',
        line: 2,
        captures: { modelId: 'llama-3.3-70b-versatile' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'r = c.create(model="llama-3.3-70b-versatile")\n' }],
  }),
  hostedModel({
    provider: 'voyage',
    name: 'Voyage AI',
    literals: ['voyage-', 'rerank-2'],
    ids: 'voyage-(?:\\d|large|code|law|finance|multilingual|context|lite)[\\w.-]{0,30}',
    positive: [
      { path: 'a.py', text: 'v.embed(x, model="voyage-3-large")\n', line: 1, captures: { modelId: 'voyage-3-large' } },
    ],
    nearMiss: [{ path: 'a.py', text: 'ship = "voyage-home"\n' }],
  }),
  hostedModel({
    provider: 'jina',
    name: 'Jina AI',
    literals: ['jina-embeddings-', 'jina-reranker-', 'jina-clip-', 'jina-colbert-'],
    ids: 'jina-(?:embeddings|reranker|clip|colbert)-v\\d[\\w-]{0,40}',
    positive: [
      {
        path: 'a.py',
        text: 'data = {"model": "jina-embeddings-v3"}\n',
        line: 1,
        captures: { modelId: 'jina-embeddings-v3' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'data = {"model": "jina-embeddings"}\n' }],
  }),
  hostedModel({
    provider: 'elevenlabs',
    name: 'ElevenLabs',
    literals: ['eleven_'],
    ids: 'eleven_(?:multilingual|turbo|monolingual|flash|english)\\w{0,20}',
    positive: [
      {
        path: 'a.py',
        text: 'model_id="eleven_multilingual_v2",\n',
        line: 1,
        captures: { modelId: 'eleven_multilingual_v2' },
      },
    ],
    nearMiss: [{ path: 'a.py', text: 'x = "eleven_days"\n' }],
  }),
];
