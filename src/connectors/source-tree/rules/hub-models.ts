import type { DetectionRule } from '../rule.ts';
import {
  CODE_AND_CONFIG,
  FIRST_MODEL,
  NAMED_MODEL,
  PYTHON,
  PYTHON_AND_JAVASCRIPT,
  REVISION,
  TRUST,
} from './patterns.ts';

const COMMIT = '5f0b02c75b57c5855da9ae460ce51323ea669d8a';

/** Models that code pulls by name from the Hugging Face hub. */
export const HUGGINGFACE_MODELS = [
  {
    id: 'model.huggingface.from-pretrained',
    title: 'Model loaded with from_pretrained',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['from_pretrained('],
      pattern: /(?<![\w.])(?<through>[A-Za-z_][\w.]{0,80}\.from_pretrained)\(/,
      call: [FIRST_MODEL, REVISION, TRUST],
      requires: ['modelId'],
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'train.py',
          text: 'import os\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\n',
          line: 2,
          captures: { modelId: 'gpt2', hub: 'huggingface', through: 'AutoModelForCausalLM.from_pretrained' },
        },
        {
          path: 'train.py',
          text: `MODEL = "org/name"\n\nmodel = AutoModel.from_pretrained(\n    MODEL,\n    revision="${COMMIT}",\n    trust_remote_code=True,\n)\n`,
          line: 3,
          captures: { modelId: 'org/name', revision: COMMIT, trust: 'True' },
        },
        {
          path: 'a.py',
          text: 'name = os.getenv("MODEL", "BAAI/bge-small-en")\nm = AutoModel.from_pretrained(name, revision="main")\n',
          line: 2,
          captures: { modelId: 'BAAI/bge-small-en', revision: 'main' },
        },
        {
          path: 'a.ts',
          text: "const m = await AutoModel.from_pretrained('Xenova/bert');\n",
          line: 1,
          captures: { modelId: 'Xenova/bert' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'model = AutoModel.from_pretrained(args.model_name_or_path)\n' },
        { path: 'a.py', text: '# AutoModel.from_pretrained("gpt2")\n' },
        { path: 'a.py', text: 'def from_pretrained(cls, name="gpt2"):\n    pass\n' },
        { path: 'README.md', text: 'AutoModel.from_pretrained("gpt2")\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.adapter',
    title: 'Adapter loaded onto a model',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['PeftModel', 'load_adapter(', 'load_lora_weights('],
      pattern: /\b(?<through>PeftModel(?:For\w+)?\.from_pretrained|\w+\.load_adapter|\w+\.load_lora_weights)\(/,
      call: [/^\s*(?:[A-Za-z_][\w.]{0,60}\s*,\s*)?(?:model_id\s*=\s*)?["'](?<modelId>[^"'\s]{1,200})["']/, REVISION],
      requires: ['modelId'],
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = PeftModel.from_pretrained(base, "org/adapter")\n',
          line: 1,
          captures: { modelId: 'org/adapter' },
        },
        { path: 'a.py', text: 'pipe.load_lora_weights("org/lora")\n', line: 1, captures: { modelId: 'org/lora' } },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = PeftModel.from_pretrained(base, adapter_path())\n' }],
    },
  },
  {
    id: 'model.huggingface.pipeline',
    title: 'Model in a transformers pipeline',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['pipeline('],
      pattern: /(?<![\w.])(?<through>(?:transformers\.)?pipeline)\(/,
      call: [
        NAMED_MODEL,
        /^\s*(?:task\s*=\s*)?["'][\w-]{1,60}["']\s*,\s*["'](?<modelId>[^"'\s]{1,200})["']/,
        REVISION,
        TRUST,
      ],
      requires: ['modelId'],
    },
    needs: ['transformers'],
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from transformers import pipeline\np = pipeline("text-generation", model="org/llm", trust_remote_code=True)\n',
          line: 2,
          captures: { modelId: 'org/llm', trust: 'True' },
        },
        {
          path: 'a.mjs',
          text: "import { pipeline } from '@huggingface/transformers';\nconst p = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2');\n",
          line: 2,
          captures: { modelId: 'Xenova/all-MiniLM-L6-v2' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'p = pipeline("text-generation", model="org/llm")\n' },
        { path: 'a.py', text: 'from transformers import x\ndata_pipeline("a", model="org/llm")\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.sentence-transformer',
    title: 'Embedding or ranking model of sentence-transformers',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['SentenceTransformer(', 'CrossEncoder(', 'SparseEncoder('],
      pattern: /\b(?<through>SentenceTransformer|CrossEncoder|SparseEncoder)\(/,
      call: [FIRST_MODEL, REVISION, TRUST],
      unless: /^\s*class\s/,
      requires: ['modelId'],
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'e = SentenceTransformer("all-MiniLM-L6-v2")\n',
          line: 1,
          captures: { modelId: 'all-MiniLM-L6-v2' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'class Mine(SentenceTransformer):\n    pass\n' },
        { path: 'a.py', text: 'e = SentenceTransformer(modules=[a, b])\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.embeddings-wrapper',
    title: 'Embedding model of a framework wrapper',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['HuggingFaceEmbedding', 'HuggingFaceBgeEmbeddings', 'TextEmbedding(', 'HuggingFaceCrossEncoder'],
      pattern:
        /\b(?<through>HuggingFaceEmbeddings?|HuggingFaceBgeEmbeddings|HuggingFaceInstructEmbeddings|TextEmbedding|HuggingFaceCrossEncoder)\(/,
      call: [NAMED_MODEL, FIRST_MODEL, REVISION],
      requires: ['modelId'],
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'e = HuggingFaceEmbeddings(model_name="BAAI/bge-m3")\n',
          line: 1,
          captures: { modelId: 'BAAI/bge-m3' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'e = HuggingFaceEmbeddings()\n' }],
    },
  },
  {
    id: 'model.huggingface.download',
    title: 'File or snapshot downloaded from the hub',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['hf_hub_download(', 'snapshot_download('],
      pattern: /\b(?<through>hf_hub_download|snapshot_download)\(/,
      call: [FIRST_MODEL, NAMED_MODEL, REVISION],
      unless: /repo_type\s*=\s*["']dataset["']|^\s*def\s/,
      requires: ['modelId'],
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'p = hf_hub_download(repo_id="org/m", filename="m.gguf", revision="v1.0")\n',
          line: 1,
          captures: { modelId: 'org/m', revision: 'v1.0' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'p = snapshot_download("org/data", repo_type="dataset")\n' }],
    },
  },
  {
    id: 'model.huggingface.address',
    title: 'Model file fetched by address from the hub',
    kind: 'model',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['huggingface.co/'],
      pattern:
        /https:\/\/(?:huggingface\.co|hf\.co)\/(?<modelId>(?!datasets\/|spaces\/|docs\/|api\/|blog\/)[\w.-]{1,96}\/[\w.-]{1,96})\/(?:resolve|blob|raw)\/(?<revision>[\w.-]{1,100})\//,
      standing: 'strings',
    },
    sets: { hub: 'huggingface', through: 'address' },
    examples: {
      positive: [
        {
          path: 'Dockerfile',
          text: 'RUN curl -LO https://huggingface.co/org/m/resolve/main/model.safetensors\n',
          line: 1,
          captures: { modelId: 'org/m', revision: 'main' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'u = "https://huggingface.co/datasets/org/d/resolve/main/x.csv"\n' },
        { path: 'a.py', text: 'u = "https://huggingface.co/org/m"\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.setting',
    title: 'Hub model named in settings',
    kind: 'model',
    confidence: 'medium',
    files: { languages: ['yaml', 'toml', 'json', 'ini'] },
    match: {
      form: 'line',
      literals: [
        'model_name_or_path',
        'base_model',
        'model_id',
        'hf_model',
        'modelId',
        'MODEL_ID',
        'model_name',
        'hf_repo',
        'repo_id',
      ],
      pattern:
        /(?:^|[\s{,"'-])(?:pretrained_model_name_or_path|model_name_or_path|base_model|model_id|hf_model(?:_id|_name)?|modelId|(?:HF_)?MODEL_ID|model_name|hf_repo|repo_id)["']?\s*[:=]\s*["']?(?<modelId>[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})["']?\s*(?:$|[,}#])/,
      standing: 'strings',
    },
    sets: { hub: 'huggingface', through: 'setting' },
    examples: {
      positive: [
        {
          path: 'train.yaml',
          text: 'base_model: meta-llama/Llama-3.1-8B\n',
          line: 1,
          captures: { modelId: 'meta-llama/Llama-3.1-8B' },
        },
        {
          path: 'c.json',
          text: '{ "model_name_or_path": "org/m", "x": 1 }\n',
          line: 1,
          captures: { modelId: 'org/m' },
        },
      ],
      nearMiss: [
        { path: 'train.yaml', text: '# base_model: meta-llama/Llama-3.1-8B\n' },
        { path: 'train.yaml', text: 'base_model: ./checkpoints/last\n' },
        { path: 'train.yaml', text: 'repo_id: 12\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.argument-default',
    title: 'Hub model as the default of a command-line argument',
    kind: 'model',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['add_argument('],
      pattern: /\.add_argument\(/,
      call: [
        /^\s*["']--?[\w-]{0,40}model[\w-]{0,40}["'][^)]{0,600}\bdefault\s*=\s*["'](?<modelId>[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})["']/,
      ],
      requires: ['modelId'],
    },
    needs: ['from_pretrained', 'transformers', 'vllm', 'sentence_transformers', 'diffusers'],
    sets: { hub: 'huggingface', through: 'argument default' },
    examples: {
      positive: [
        {
          path: 'train.py',
          text: 'import transformers\np.add_argument(\n    "--model-name",\n    type=str,\n    default="org/m",\n)\n',
          line: 2,
          captures: { modelId: 'org/m' },
        },
      ],
      nearMiss: [
        { path: 'train.py', text: 'import transformers\np.add_argument("--output", default="out/dir")\n' },
        { path: 'train.py', text: 'p.add_argument("--model", default="org/m")\n' },
      ],
    },
  },
  {
    id: 'model.huggingface.rust',
    title: 'Hub model fetched in Rust',
    kind: 'model',
    confidence: 'high',
    files: { languages: ['rust'] },
    match: {
      form: 'line',
      literals: ['.model("', 'with_revision('],
      pattern: /(?:\bapi\w*\.(?<through>model)\(\s*"(?<modelId>[^"\s]{1,200})"|\bRepo::(?:with_revision|new)\()/,
      call: [
        /^\s*"(?<modelId>[^"\s]{1,200})"(?:\.to_string\(\)|\.into\(\))?\s*,\s*RepoType::Model\s*(?:,\s*"(?<revision>[^"\s]{1,100})")?/,
      ],
      requires: ['modelId'],
    },
    needs: ['hf_hub'],
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.rs',
          text: 'use hf_hub::api::sync::Api;\nlet m = api.model("org/m".to_string());\n',
          line: 2,
          captures: { modelId: 'org/m' },
        },
        {
          path: 'a.rs',
          text: 'use hf_hub::Repo;\nlet r = Repo::with_revision("org/m".to_string(), RepoType::Model, "refs/pr/1".to_string());\n',
          line: 2,
          captures: { modelId: 'org/m', revision: 'refs/pr/1' },
        },
      ],
      nearMiss: [{ path: 'a.rs', text: 'let m = api.model("org/m");\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
