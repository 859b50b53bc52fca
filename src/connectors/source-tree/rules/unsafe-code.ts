import type { DetectionRule, Example, PositiveExample } from '../rule.ts';
import type { Language } from '../text/language.ts';
import { CODE_AND_CONFIG, PYTHON, PYTHON_AND_JAVASCRIPT } from './patterns.ts';

function unsafe(rule: {
  id: string;
  title: string;
  why: string;
  confidence?: 'high' | 'medium' | 'low';
  languages?: readonly Language[];
  literals: readonly string[];
  pattern: RegExp;
  unless?: RegExp;
  call?: readonly RegExp[];
  requires?: readonly string[];
  needs?: readonly string[];
  strings?: boolean;
  positive: readonly PositiveExample[];
  nearMiss: readonly Example[];
}): DetectionRule {
  return {
    id: `unsafe.${rule.id}`,
    title: rule.title,
    kind: 'unsafe_code',
    confidence: rule.confidence ?? 'high',
    files: { languages: rule.languages ?? PYTHON },
    match: {
      form: 'line',
      literals: rule.literals,
      pattern: rule.pattern,
      standing: rule.strings ? 'strings' : 'code',
      ...(rule.unless ? { unless: rule.unless } : {}),
      ...(rule.call ? { call: rule.call } : {}),
      ...(rule.requires ? { requires: rule.requires } : {}),
    },
    sets: { why: rule.why },
    ...(rule.needs ? { needs: rule.needs } : {}),
    examples: { positive: rule.positive, nearMiss: rule.nearMiss },
  };
}

const LOADS_CODE = 'Loading this format runs whatever code its author put in.';
const AI_WORDS = [
  'openai',
  'anthropic',
  'langchain',
  'llama',
  'genai',
  'mistral',
  'cohere',
  'huggingface',
  'transformers',
  'completion',
  'bedrock',
  'litellm',
  'vllm',
  'ollama',
];
const MODEL_OUTPUT =
  '(?:completion|response|resp|llm\\w{0,20}|gpt\\w{0,20}|model_output|ai_\\w{1,20}|answer|reply|generated\\w{0,20}|message\\.content|content|output|result\\.(?:text|content|output)|code_block|tool_(?:input|args|call)\\w{0,20})';

/** Code that lets a model, its files or its answers run as a program, and connections that trust anybody. */
export const UNSAFE_CODE: readonly DetectionRule[] = [
  unsafe({
    id: 'trust-remote-code',
    title: 'Remote code of a model is trusted',
    why: 'The repository of the model can run any code in this process, and can change it later.',
    languages: [...CODE_AND_CONFIG],
    literals: ['trust_remote_code', 'trust-remote-code'],
    pattern: /(?<![\w])(?<through>trust_remote_code["']?\s*[=:]\s*["']?(?:True|true)|--trust[-_]remote[-_]code)\b/,
    positive: [
      { path: 'a.py', text: 'm = AutoModel.from_pretrained(x, trust_remote_code=True)\n', line: 1 },
      { path: 'run.sh', text: 'vllm serve org/m --trust-remote-code\n', line: 1 },
      { path: 'a.yaml', text: 'trust_remote_code: true\n', line: 1 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'm = AutoModel.from_pretrained(x, trust_remote_code=False)\n' },
      { path: 'a.py', text: '# trust_remote_code=True\n' },
    ],
  }),
  unsafe({
    id: 'torch-load',
    title: 'torch.load without weights_only',
    why: LOADS_CODE,
    literals: ['torch.load('],
    pattern: /(?<![\w.])(?<through>torch\.load)\(/,
    call: [],
    unless: /weights_only\s*=\s*True/,
    positive: [
      { path: 'a.py', text: 'w = torch.load(path, map_location="cpu")\n', line: 1 },
      { path: 'a.py', text: 'w = torch.load(\n    path,\n    weights_only=False,\n)\n', line: 1 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'w = torch.load(\n    path,\n    weights_only=True,\n)\n' },
      { path: 'a.py', text: '"""torch.load(path)"""\n' },
    ],
  }),
  unsafe({
    id: 'pickle-load',
    title: 'Pickle is loaded',
    why: LOADS_CODE,
    literals: ['pickle.', 'dill.', 'Unpickler(', 'read_pickle('],
    pattern:
      /(?<![\w.])(?<through>(?:c?[pP]ickle|_pickle|cloudpickle|dill|pkl)\.(?:loads?|Unpickler)|(?:pd|pandas)\.read_pickle)\(/,
    positive: [
      { path: 'a.py', text: 'm = pickle.load(f)\n', line: 1, captures: { through: 'pickle.load' } },
      { path: 'a.py', text: 'df = pd.read_pickle("x.pkl")\n', line: 1 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'pickle.dump(m, f)\n' },
      { path: 'a.py', text: 'x = "pickle.load(f)"\n' },
    ],
  }),
  unsafe({
    id: 'joblib-load',
    title: 'joblib file is loaded',
    why: LOADS_CODE,
    literals: ['joblib.load('],
    pattern: /(?<!\w)(?<through>joblib\.load)\(/,
    positive: [{ path: 'a.py', text: 'clf = joblib.load("model.joblib")\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'joblib.dump(clf, "model.joblib")\n' }],
  }),
  unsafe({
    id: 'numpy-load-pickle',
    title: 'numpy.load with pickle allowed',
    why: LOADS_CODE,
    literals: ['allow_pickle'],
    pattern: /\b(?<through>allow_pickle\s*=\s*True)\b/,
    positive: [{ path: 'a.py', text: 'x = np.load(p, allow_pickle=True)\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'x = np.load(p, allow_pickle=False)\n' }],
  }),
  unsafe({
    id: 'yaml-load',
    title: 'YAML is loaded with an unsafe loader',
    why: 'The text can create any Python object.',
    literals: ['yaml.'],
    pattern: /(?<![\w.])(?<through>yaml\.(?:load|load_all|unsafe_load|unsafe_load_all))\(/,
    call: [],
    unless: /SafeLoader|BaseLoader|FullLoader|typ\s*=\s*["']safe|ruamel/,
    positive: [
      { path: 'a.py', text: 'c = yaml.load(f, Loader=yaml.Loader)\n', line: 1 },
      { path: 'a.py', text: 'c = yaml.unsafe_load(f)\n', line: 1 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'c = yaml.load(f, Loader=yaml.SafeLoader)\n' },
      { path: 'a.py', text: 'c = yaml.safe_load(f)\n' },
    ],
  }),
  unsafe({
    id: 'keras-safe-mode-off',
    title: 'Keras safe mode is off',
    why: 'A Lambda layer in the file runs as code.',
    literals: ['safe_mode', 'enable_unsafe_deserialization'],
    pattern: /\b(?<through>safe_mode\s*=\s*False|enable_unsafe_deserialization\()/,
    positive: [{ path: 'a.py', text: 'm = keras.models.load_model(p, safe_mode=False)\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'm = keras.models.load_model(p, safe_mode=True)\n' }],
  }),
  unsafe({
    id: 'dangerous-deserialization',
    title: 'Dangerous deserialization is allowed',
    why: LOADS_CODE,
    languages: PYTHON_AND_JAVASCRIPT,
    literals: ['allow_dangerous_deserialization', 'allowDangerousDeserialization'],
    pattern: /\b(?<through>allow_?[dD]angerous_?[dD]eserialization\s*[=:]\s*[Tt]rue)\b/,
    positive: [{ path: 'a.py', text: 'db = FAISS.load_local(p, e, allow_dangerous_deserialization=True)\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'db = FAISS.load_local(p, e, allow_dangerous_deserialization=False)\n' }],
  }),
  unsafe({
    id: 'dangerous-code-allowed',
    title: 'Agent may run code or requests without limits',
    why: 'What the model writes runs on this machine.',
    strings: true,
    literals: [
      'allow_dangerous',
      'allow_code_execution',
      'unsafe_mode',
      'code_execution_mode',
      'use_docker',
      'allow_delegation_code',
    ],
    pattern:
      /\b(?<through>allow_dangerous_(?:code|requests|tools)\s*=\s*True|allow_code_execution\s*=\s*True|code_execution_mode\s*=\s*["']unsafe["']|use_docker["']?\s*[=:]\s*False)/,
    positive: [
      { path: 'a.py', text: 'create_pandas_dataframe_agent(l, df, allow_dangerous_code=True)\n', line: 1 },
      { path: 'a.py', text: 'c = {"use_docker": False}\n', line: 1 },
    ],
    nearMiss: [{ path: 'a.py', text: 'c = {"use_docker": True}\n' }],
  }),
  unsafe({
    id: 'python-repl',
    title: 'Model writes Python that runs here',
    why: 'What the model writes runs on this machine.',
    literals: ['PythonREPL', 'PythonAstREPL', 'LocalPythonExecutor', 'LocalCommandLineCodeExecutor', 'exec_python'],
    pattern: /(?<![\w.])(?<through>Python(?:Ast)?REPL(?:Tool)?|LocalPythonExecutor|LocalCommandLineCodeExecutor)\(/,
    unless: /^\s*class\s/,
    positive: [{ path: 'a.py', text: 'tools = [PythonREPLTool()]\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'class PythonREPLTool(BaseTool):\n    pass\n' }],
  }),
  unsafe({
    id: 'eval-model-output',
    title: 'Answer of a model is evaluated as code',
    why: 'Whoever writes the prompt writes the program.',
    confidence: 'medium',
    languages: PYTHON_AND_JAVASCRIPT,
    literals: ['eval(', 'exec(', 'new Function('],
    pattern: new RegExp(
      `(?<![\\w.])(?<through>eval|exec|new\\s+Function)\\(\\s*(?:str\\(|await\\s+)?(?:\\w{1,30}\\.){0,4}${MODEL_OUTPUT}\\b`,
    ),
    needs: AI_WORDS,
    positive: [
      { path: 'a.py', text: 'import openai\nresult = eval(response.choices[0].message.content)\n', line: 2 },
      { path: 'a.py', text: 'import anthropic\nexec(generated_code)\n', line: 2 },
    ],
    nearMiss: [
      { path: 'a.py', text: 'import openai\nmodel.eval()\n' },
      { path: 'a.py', text: 'exec(generated_code)\n' },
      { path: 'a.py', text: 'import openai\nx = eval("1+1")\n' },
    ],
  }),
  unsafe({
    id: 'shell-model-output',
    title: 'Answer of a model is run as a command',
    why: 'Whoever writes the prompt writes the command.',
    confidence: 'medium',
    languages: PYTHON_AND_JAVASCRIPT,
    literals: ['subprocess', 'os.system(', 'os.popen(', 'execSync(', 'spawnSync(', 'exec('],
    pattern: new RegExp(
      `(?<!\\w)(?<through>subprocess\\.(?:run|call|check_output|check_call|Popen|getoutput)|os\\.(?:system|popen)|execSync|child_process\\.exec)\\(\\s*(?:\\w{1,30}\\.){0,4}(?:${MODEL_OUTPUT}|command|cmd|bash_command|shell_command)\\b(?=[^\\n]{0,200}(?:shell\\s*=\\s*True|\\)))`,
    ),
    needs: AI_WORDS,
    positive: [{ path: 'a.py', text: 'import openai\nsubprocess.run(command, shell=True)\n', line: 2 }],
    nearMiss: [
      { path: 'a.py', text: 'import openai\nsubprocess.run(["ls"], check=True)\n' },
      { path: 'a.py', text: 'subprocess.run(command, shell=True)\n' },
    ],
  }),
  unsafe({
    id: 'tls-verification-off',
    title: 'Certificate check is off in code that talks to AI services',
    why: 'Anybody on the way can read prompts and change answers.',
    languages: [...CODE_AND_CONFIG],
    literals: [
      'verify',
      '_create_unverified_context',
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'rejectUnauthorized',
      'InsecureSkipVerify',
      'danger_accept_invalid_certs',
      'verify_ssl',
      'PYTHONHTTPSVERIFY',
      'CERT_NONE',
    ],
    pattern:
      /(?<![\w])(?<through>verify(?:_ssl)?\s*=\s*False|ssl\._create_unverified_context|ssl\.CERT_NONE|NODE_TLS_REJECT_UNAUTHORIZED["'\]]{0,2}\s*[=:]\s*["']?0|rejectUnauthorized\s*:\s*false|InsecureSkipVerify\s*:\s*true|danger_accept_invalid_certs\(true\)|PYTHONHTTPSVERIFY["'\]]{0,2}\s*[=:]\s*["']?0)/,
    needs: AI_WORDS,
    positive: [
      { path: 'a.py', text: 'import openai\nc = httpx.Client(verify=False)\n', line: 2 },
      {
        path: 'a.ts',
        text: "import OpenAI from 'openai';\nprocess.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';\n",
        line: 2,
      },
      {
        path: 'a.go',
        text: 'import "github.com/sashabaranov/go-openai"\nt := &tls.Config{InsecureSkipVerify: true}\n',
        line: 2,
      },
    ],
    nearMiss: [
      { path: 'a.py', text: 'c = httpx.Client(verify=False)\n' },
      { path: 'a.py', text: 'import openai\nc = httpx.Client(verify=True)\n' },
    ],
  }),
  unsafe({
    id: 'key-in-browser',
    title: 'Key of an AI service reaches the browser',
    why: 'Every visitor can read the key and use it.',
    languages: ['javascript', 'ini', 'yaml', 'dockerfile'],
    literals: [
      'dangerouslyAllowBrowser',
      'NEXT_PUBLIC_',
      'VITE_',
      'REACT_APP_',
      'EXPO_PUBLIC_',
      'dangerously-allow-browser',
      'NUXT_PUBLIC_',
    ],
    pattern:
      /(?<through>\bdangerouslyAllowBrowser\s*:\s*true|\b(?:NEXT_PUBLIC|VITE|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC)_\w{0,30}(?:OPENAI|ANTHROPIC|CLAUDE|GEMINI|MISTRAL|GROQ|COHERE|REPLICATE|HUGGINGFACE|ELEVENLABS|DEEPGRAM|OPENROUTER|PERPLEXITY|DEEPSEEK)\w{0,20}(?:KEY|TOKEN)\b|["']anthropic-dangerous-direct-browser-access["'])/,
    positive: [
      { path: 'a.ts', text: 'const c = new OpenAI({ apiKey, dangerouslyAllowBrowser: true });\n', line: 1 },
      { path: '.env.example', text: 'NEXT_PUBLIC_OPENAI_API_KEY=\n', line: 1 },
    ],
    nearMiss: [{ path: '.env.example', text: 'NEXT_PUBLIC_SITE_URL=\nOPENAI_API_KEY=\n' }],
  }),
  unsafe({
    id: 'pickle-index',
    title: 'Index or cache kept as pickle',
    why: LOADS_CODE,
    confidence: 'medium',
    literals: ['.load_local(', 'SimpleVectorStore', 'BM25Retriever.from_persist'],
    pattern: /\b(?<through>FAISS\.load_local)\(/,
    positive: [{ path: 'a.py', text: 'db = FAISS.load_local("idx", e)\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'db.save_local("idx")\n' }],
  }),
  unsafe({
    id: 'safetensors-off',
    title: 'Pickle weights are preferred over safetensors',
    why: LOADS_CODE,
    literals: ['use_safetensors', 'safe_serialization'],
    pattern: /\b(?<through>(?:use_safetensors|safe_serialization)\s*=\s*False)\b/,
    positive: [{ path: 'a.py', text: 'm = AutoModel.from_pretrained(x, use_safetensors=False)\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'm = AutoModel.from_pretrained(x, use_safetensors=True)\n' }],
  }),
  unsafe({
    id: 'archive-extract',
    title: 'Downloaded archive is unpacked without a filter',
    why: 'A prepared archive writes outside its folder.',
    confidence: 'low',
    literals: ['.extractall('],
    pattern: /(?<![\w.])(?<through>\w{0,30}(?:tar|tgz)\w{0,20}\.extractall)\(/i,
    call: [],
    unless: /filter\s*=/,
    needs: ['torch', 'transformers', 'tensorflow', 'urlretrieve', 'requests', 'hf_hub', 'sklearn'],
    positive: [{ path: 'a.py', text: 'import torch\ntar.extractall(path)\n', line: 2 }],
    nearMiss: [{ path: 'a.py', text: 'import torch\ntar.extractall(path, filter="data")\n' }],
  }),
  unsafe({
    id: 'agent-permissions-off',
    title: 'Agent runs without asking',
    why: 'No person sees a command before it runs.',
    languages: [...CODE_AND_CONFIG],
    literals: [
      'dangerously-skip-permissions',
      'bypassPermissions',
      'dangerously-bypass-approvals',
      '--yolo',
      'require_approval',
      'auto_approve',
      'autoApprove',
      'human_input_mode',
    ],
    pattern:
      /(?<through>--dangerously-skip-permissions|["']bypassPermissions["']|--dangerously-bypass-approvals-and-sandbox|(?<=\b(?:gemini|codex|qwen)\b[^\n]{0,100})--yolo\b|\brequire_approval["']?\s*[:=]\s*["']never["']|\bhuman_input_mode\s*=\s*["']NEVER["'])/,
    strings: true,
    positive: [
      {
        path: '.github/workflows/a.yml',
        text: '      - run: claude -p "fix" --dangerously-skip-permissions\n',
        line: 1,
      },
      { path: 'a.py', text: 'u = UserProxyAgent("u", human_input_mode="NEVER")\n', line: 1 },
    ],
    nearMiss: [{ path: 'a.py', text: 'u = UserProxyAgent("u", human_input_mode="ALWAYS")\n' }],
  }),
];
