import type { DetectionRule } from '../rule.ts';
import { PYTHON, PYTHON_AND_JAVASCRIPT } from './patterns.ts';

const PROMPT_NAME =
  '(?:[A-Za-z_]\\w{0,60}_)?(?:SYSTEM_PROMPT|SYSTEM_MESSAGE|SYSTEM_INSTRUCTIONS?|PROMPT_TEMPLATE|USER_PROMPT|PROMPT|system_prompt|system_message|system_instructions?|prompt_template|systemPrompt|systemMessage|systemInstructions?|promptTemplate)(?:_[A-Z]\\w{0,40})?';

/** Prompts written into code, and prompts fetched from elsewhere. Prompt files are in `structures/prompt-files.ts`. */
export const PROMPTS = [
  {
    id: 'prompt.inline.constant',
    title: 'Prompt written into code',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript', 'go', 'java', 'kotlin', 'csharp', 'rust', 'ruby'] },
    match: {
      form: 'line',
      literals: ['prompt', 'system_message', 'systemMessage', 'system_instruction', 'systemInstruction'],
      pattern: new RegExp(
        `^\\s*(?:(?:export|public|private|static|final|const|let|var|readonly|String|string|self\\.|this\\.)\\s*){0,6}(?<name>${PROMPT_NAME})(?:\\s*:\\s*[\\w.]{1,30})?\\s*:?=\\s*(?:\\(\\s*)?(?<opens>[fFrR$@]{0,2}["'\`]|dedent\\(|textwrap\\.dedent\\(|$)`,
      ),
      readsText: true,
    },
    sets: { form: 'inline' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'SYSTEM_PROMPT = """You are a careful assistant.\nAnswer in one line.\n"""\n',
          line: 1,
          captures: { name: 'SYSTEM_PROMPT' },
        },
        {
          path: 'a.ts',
          text: 'export const systemPrompt = `You are a helpful bot for ${company}.`;\n',
          line: 1,
          captures: { name: 'systemPrompt' },
        },
        { path: 'a.go', text: 'const systemPrompt = "You answer questions about billing."\n', line: 1 },
        {
          path: 'A.java',
          text: '  private static final String SYSTEM_PROMPT = "You answer questions about billing.";\n',
          line: 1,
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'PROMPT = "$ "\n' },
        { path: 'a.py', text: 'prompt_template = load("a.txt")\n' },
        { path: 'a.py', text: '# SYSTEM_PROMPT = "You are a careful assistant."\n' },
      ],
    },
  },
  {
    id: 'prompt.inline.system-role',
    title: 'System message in a call',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript', 'go', 'ruby', 'php'] },
    match: {
      form: 'line',
      literals: ['system', 'developer'],
      pattern:
        /["']?role["']?\s*(?::|=>|=)\s*(?<quoted>["'])(?:system|developer)\k<quoted>\s*,\s*["']?content["']?\s*(?::|=>|=)\s*(?<opens>[fFrR]{0,2}["'`])/,
      readsText: true,
    },
    sets: { form: 'inline', through: 'system message' },
    examples: {
      positive: [
        { path: 'a.py', text: 'messages=[{"role": "system", "content": "You are a helpful assistant."}]\n', line: 1 },
        { path: 'a.ts', text: "messages: [{ role: 'system', content: `You are an expert in ${topic}.` }],\n", line: 1 },
      ],
      nearMiss: [
        { path: 'a.py', text: 'messages=[{"role": "user", "content": "You are a helpful assistant."}]\n' },
        { path: 'a.py', text: 'messages=[{"role": "system", "content": prompt}]\n' },
      ],
    },
  },
  {
    id: 'prompt.inline.system-argument',
    title: 'System prompt as an argument',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['system', 'instructions'],
      pattern:
        /(?<![\w.])(?<name>system_prompt|systemPrompt|system_instruction|systemInstruction|system_message|instructions|system)\s*[=:]\s*(?:\(\s*)?(?<opens>[fFrR]{0,2}["'`])/,
      readsText: true,
    },
    needs: [
      'openai',
      'anthropic',
      'langchain',
      'llama_index',
      'genai',
      'vertexai',
      'gemini',
      'generateText',
      'streamText',
      'ai-sdk',
      'crewai',
      'autogen',
      'pydantic_ai',
      'from agents',
      '@openai/agents',
      'mastra',
      'bedrock',
      'litellm',
      'groq',
      'mistral',
      'cohere',
      'smolagents',
    ],
    sets: { form: 'inline' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'import anthropic\nr = c.messages.create(\n    system="You are a helpful assistant.",\n)\n',
          line: 3,
          captures: { name: 'system' },
        },
        {
          path: 'a.ts',
          text: "import { generateText } from 'ai';\nconst r = await generateText({ model, system: 'You write short answers.' });\n",
          line: 2,
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'install(instructions="Turn the screw twice, gently.")\n' },
        { path: 'a.py', text: 'import anthropic\nplatform(system="linux")\n' },
      ],
    },
  },
  {
    id: 'prompt.template.langchain',
    title: 'Prompt template of LangChain',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['PromptTemplate', 'MessagePromptTemplate', 'SystemMessage('],
      pattern:
        /(?<![\w.])(?<through>(?:Chat|System\w{0,8}|Human\w{0,8}|FewShot)?(?:Message)?PromptTemplate(?:\.(?:from_template|from_messages|fromTemplate|fromMessages))?|SystemMessage)\(/,
      unless: /^\s*(?:class|import|from)\s/,
    },
    sets: { form: 'template', framework: 'langchain' },
    needs: ['langchain'],
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from langchain_core.prompts import ChatPromptTemplate\np = ChatPromptTemplate.from_messages([("system", "Hi")])\n',
          line: 2,
          captures: { through: 'ChatPromptTemplate.from_messages' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'p = PromptTemplate("x")\n' },
        { path: 'a.py', text: 'import langchain\nclass MyPromptTemplate(PromptTemplate):\n    pass\n' },
      ],
    },
  },
  {
    id: 'prompt.template.llama-index',
    title: 'Prompt template of LlamaIndex, Haystack or DSPy',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['PromptTemplate(', 'PromptBuilder(', 'RichPromptTemplate(', 'dspy.Signature'],
      pattern:
        /(?<![\w.])(?<through>(?:Rich)?PromptTemplate|(?:Chat)?PromptBuilder)\(|^\s*class\s+(?<name>\w{1,60})\(dspy\.Signature\)/,
    },
    needs: ['llama_index', 'haystack', 'dspy'],
    sets: { form: 'template' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from llama_index.core import PromptTemplate\nt = PromptTemplate("Context: {c}")\n',
          line: 2,
        },
        {
          path: 'a.py',
          text: 'import dspy\nclass Answer(dspy.Signature):\n    """Answer."""\n',
          line: 2,
          captures: { name: 'Answer' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 't = PromptTemplate("Context: {c}")\n' }],
    },
  },
  {
    id: 'prompt.template.jvm',
    title: 'Prompt annotation or template on the JVM and .NET',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: ['java', 'kotlin', 'csharp'] },
    match: {
      form: 'line',
      literals: [
        '@SystemMessage',
        '@UserMessage',
        'SystemPromptTemplate(',
        'CreateFunctionFromPrompt',
        'new SystemMessage(',
        '.defaultSystem(',
      ],
      pattern:
        /(?<through>@SystemMessage|@UserMessage|SystemPromptTemplate|CreateFunctionFromPrompt|new SystemMessage|\.defaultSystem)\(/,
    },
    sets: { form: 'inline' },
    examples: {
      positive: [{ path: 'A.java', text: '    @SystemMessage("You are a polite assistant")\n', line: 1 }],
      nearMiss: [{ path: 'A.java', text: '// @SystemMessage("x")\n' }],
    },
  },
  {
    id: 'prompt.remote.hub',
    title: 'Prompt fetched at run time',
    kind: 'prompt',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: [
        'hub.pull(',
        'pull_prompt(',
        'pullPrompt(',
        'get_prompt(',
        'getPrompt(',
        'templates.get(',
        'prompts.get(',
        'load_prompt(',
      ],
      pattern:
        /\b(?<through>hub\.pull|\w{0,20}\.pull_prompt|\w{0,20}\.pullPrompt|\w{0,20}langfuse\w{0,10}\.(?:get_prompt|getPrompt|prompt\.get)|\w{0,20}promptlayer\w{0,10}\.templates\.get|mlflow\.(?:genai\.)?load_prompt)\(\s*["'](?<name>[^"'\s]{1,120})["']/i,
    },
    sets: { form: 'remote' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'prompt = hub.pull("hwchase17/react")\n',
          line: 1,
          captures: { name: 'hwchase17/react' },
        },
        {
          path: 'a.ts',
          text: "const p = await langfuse.getPrompt('support');\n",
          line: 1,
          captures: { name: 'support' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'image = docker.pull("x")\n' },
        { path: 'a.py', text: 'p = self.get_prompt("name")\n' },
      ],
    },
  },
  {
    id: 'prompt.file.prompt',
    title: 'Prompt file',
    kind: 'prompt',
    confidence: 'high',
    files: { name: /\.(?:prompt|prompty|prompt\.(?:md|txt|ya?ml|json)|poml)$/i },
    match: { form: 'structure', reader: 'prompt-file' },
    sets: { form: 'file' },
    examples: {
      positive: [{ path: 'support.prompty', text: '---\nname: Support\n---\nsystem:\nYou are kind.\n', line: null }],
      nearMiss: [{ path: 'a.prompts.bak', text: 'x\n' }],
    },
  },
  {
    id: 'prompt.file.folder',
    title: 'File in a folder of prompts',
    kind: 'prompt',
    confidence: 'medium',
    files: {
      path: /(?:^|\/)(?:prompts?|prompt[-_]templates?|system[-_]prompts?)\/(?:[^/]+\/){0,6}[^/]+\.(?:txt|md|mdx|ya?ml|json|jinja2?|j2|mustache|hbs|tmpl|tpl|xml|toml)$/i,
    },
    match: { form: 'structure', reader: 'prompt-file' },
    sets: { form: 'file' },
    examples: {
      positive: [{ path: 'app/prompts/summary.txt', text: 'Summarize the text below.\n{{text}}\n', line: null }],
      nearMiss: [
        { path: 'app/prompts/index.ts', text: 'export {};\n' },
        { path: 'app/prompts/README.md', text: '# Prompts\n' },
      ],
    },
  },
  {
    id: 'prompt.file.chat-template',
    title: 'Template with chat roles',
    kind: 'prompt',
    confidence: 'high',
    files: { name: /\.(?:jinja2?|j2|mustache|hbs|handlebars|tmpl|tpl)$/i },
    match: { form: 'structure', reader: 'chat-template' },
    sets: { form: 'template' },
    examples: {
      positive: [
        {
          path: 'chat.jinja',
          text: '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}\n',
          line: 1,
        },
      ],
      nearMiss: [{ path: 'page.jinja', text: '<html>{{ title }}</html>\n' }],
    },
  },
  {
    id: 'prompt.file.agent-instructions',
    title: 'Standing instructions for coding agents',
    kind: 'prompt',
    confidence: 'medium',
    files: {
      path: /(?:^|\/)(?:CLAUDE\.md|AGENTS\.md|GEMINI\.md|\.cursorrules|\.windsurfrules|\.clinerules|copilot-instructions\.md|\.cursor\/rules\/[^/]+\.mdc?|\.github\/prompts\/[^/]+\.md|\.claude\/(?:agents|commands|skills)\/.{1,200}\.md)$/,
    },
    match: { form: 'structure', reader: 'prompt-file' },
    sets: { form: 'file' },
    examples: {
      positive: [{ path: 'CLAUDE.md', text: 'Run the tests before you commit.\n', line: null }],
      nearMiss: [{ path: 'docs/claude.md', text: 'About Claude.\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
