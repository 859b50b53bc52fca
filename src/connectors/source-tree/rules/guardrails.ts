import type { DetectionRule } from '../rule.ts';
import { CODE_AND_CONFIG } from './patterns.ts';

/** What checks prompts and answers. */
export const GUARDRAILS = [
  {
    id: 'guardrail.library.import',
    title: 'Guardrail library',
    kind: 'guardrail',
    confidence: 'high',
    files: {},
    match: {
      form: 'import',
      modules: {
        python: [
          'guardrails',
          'nemoguardrails',
          'llm_guard',
          'rebuff',
          'presidio_analyzer',
          'presidio_anonymizer',
          'lakera_chainguard',
          'lakera_guard',
          'azure.ai.contentsafety',
          'vigil',
          'langkit',
          'aporia',
          'llamafirewall',
          'google.cloud.modelarmor_v1',
          'google.cloud.modelarmor',
          'pangea',
          'detoxify',
          'langchain_experimental.data_anonymizer',
        ],
        javascript: [
          '@azure-rest/ai-content-safety',
          '@openai/guardrails',
          'rebuff',
          '@lakera/sdk',
          '@google-cloud/modelarmor',
          'llm-guard',
          '@guardrails-ai/core',
        ],
        csharp: ['Azure.AI.ContentSafety'],
      },
    },
    sets: { framework: 'module', through: 'import' },
    examples: {
      positive: [
        { path: 'a.py', text: 'from guardrails import Guard\n', line: 1, captures: { module: 'guardrails' } },
        { path: 'a.py', text: 'from presidio_analyzer import AnalyzerEngine\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'from guardrail_tests import x\n' }],
    },
  },
  {
    id: 'guardrail.openai.moderation',
    title: 'Moderation endpoint',
    kind: 'guardrail',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['moderation'],
      pattern:
        /(?<through>\bmoderations\.create|\bModeration\.create|\/v1\/moderations|omni-moderation-|OpenAIModerationChain|OpenAIModeration\w{0,20})/,
      standing: 'strings',
    },
    sets: { framework: 'openai-moderation' },
    examples: {
      positive: [{ path: 'a.py', text: 'r = client.moderations.create(input=text)\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'r = forum.moderation_queue()\n' }],
    },
  },
  {
    id: 'guardrail.bedrock.guardrail',
    title: 'Guardrail of Amazon Bedrock',
    kind: 'guardrail',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'guardrailIdentifier',
        'apply_guardrail(',
        'ApplyGuardrail',
        'aws_bedrock_guardrail',
        'guardrailConfig',
        'guardrail_identifier',
        'AWS::Bedrock::Guardrail',
      ],
      pattern:
        /(?<through>\bguardrailIdentifier\b|\bapply_guardrail\(|\bApplyGuardrail\w{0,20}|"aws_bedrock_guardrail"|\bguardrailConfig\b|\bguardrail_identifier\b|AWS::Bedrock::Guardrail\b)/,
      standing: 'strings',
    },
    sets: { framework: 'bedrock-guardrails' },
    examples: {
      positive: [{ path: 'a.py', text: 'b.converse(guardrailConfig={"guardrailIdentifier": g})\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'rail = guard(x)\n' }],
    },
  },
  {
    id: 'guardrail.model.safety',
    title: 'Safety model',
    kind: 'guardrail',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['guard', 'deberta', 'shieldgemma', 'granite-guardian', 'wildguard', 'nemoguard'],
      pattern:
        /["'`\s:=/](?<through>(?:meta-llama\/)?(?:Meta-)?Llama-?(?:Prompt-)?Guard[\w.-]{0,40}|[\w.-]{1,40}\/[\w.-]{0,40}(?:prompt-injection|prompt-guard|shieldgemma|granite-guardian|wildguard|nemoguard)[\w.-]{0,40})["'`\s,)]?/i,
      standing: 'strings',
    },
    sets: { framework: 'safety-model' },
    examples: {
      positive: [
        { path: 'a.py', text: 'G = "meta-llama/Llama-Prompt-Guard-2-86M"\n', line: 1 },
        {
          path: 'a.py',
          text: 'c = pipeline("text-classification", model="protectai/deberta-v3-base-prompt-injection-v2")\n',
          line: 1,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'mode = "coast-guard"\n' }],
    },
  },
  {
    id: 'guardrail.agents.decorator',
    title: 'Guardrail of an agent framework',
    kind: 'guardrail',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript', 'java', 'kotlin'] },
    match: {
      form: 'line',
      literals: ['guardrail', 'PIIMiddleware(', 'wrapLanguageModel(', 'InputGuardrail', 'OutputGuardrail'],
      pattern:
        /(?:^\s*@(?<through>input_guardrail|output_guardrail|tool_input_guardrail|InputGuardrails|OutputGuardrails)\b|\b(?<through2>inputGuardrails|outputGuardrails|input_guardrails|output_guardrails)\s*[:=]|(?<![\w.])(?<through3>PIIMiddleware|defineInputGuardrail|GuardrailProvider)\()/,
    },
    sets: { framework: 'agent-guardrail' },
    examples: {
      positive: [
        { path: 'a.py', text: '@input_guardrail\nasync def check(ctx): ...\n', line: 1 },
        { path: 'a.ts', text: 'new Agent({ inputGuardrails: [g] })\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: '# @input_guardrail\n' }],
    },
  },
  {
    id: 'guardrail.gemini.safety-settings',
    title: 'Safety settings of Gemini',
    kind: 'guardrail',
    confidence: 'medium',
    files: { languages: ['python', 'notebook', 'javascript', 'go', 'java'] },
    match: {
      form: 'line',
      literals: ['HARM_CATEGORY_', 'safety_settings', 'safetySettings'],
      pattern: /\b(?<through>safety_settings|safetySettings)\s*[:=]\s*[[{A-Za-z]/,
    },
    sets: { framework: 'gemini-safety' },
    examples: {
      positive: [{ path: 'a.py', text: 'm.generate(safety_settings=[s])\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: '# safety_settings=[s]\n' }],
    },
  },
  {
    id: 'guardrail.service.address',
    title: 'Guardrail service',
    kind: 'guardrail',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'lakera.ai',
        'cognitiveservices.azure.com/contentsafety',
        'modelarmor',
        'promptarmor',
        'promptsecurity',
        'LAKERA_',
      ],
      pattern:
        /(?<through>api\.lakera\.ai|cognitiveservices\.azure\.com\/contentsafety|modelarmor\.[\w.-]{0,40}googleapis\.com|LAKERA_(?:GUARD_)?API_KEY)/,
      standing: 'strings',
    },
    sets: { framework: 'guardrail-service' },
    examples: {
      positive: [{ path: 'a.py', text: 'U = "https://api.lakera.ai/v2/guard"\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'U = "https://www.lakera.ai"\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
