import type { DetectionRule } from '../rule.ts';
import { CODE_LANGUAGES } from '../text/language.ts';
import {
  CODE_AND_CONFIG,
  FIRST_MODEL,
  NAMED_MODEL,
  PYTHON,
  PYTHON_AND_JAVASCRIPT,
  REVISION,
  SHELL_AND_CONFIG,
  TRUST,
} from './patterns.ts';

/** Models pulled by servers, libraries and registries of other kinds. */
export const OTHER_MODELS = [
  {
    id: 'model.vllm.load',
    title: 'Model loaded by vLLM',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['LLM(', 'EngineArgs('],
      pattern: /(?<![\w.])(?<through>LLM|(?:Async)?EngineArgs)\(/,
      call: [NAMED_MODEL, FIRST_MODEL, REVISION, TRUST],
      requires: ['modelId'],
    },
    needs: ['vllm', 'sglang'],
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from vllm import LLM\nllm = LLM(model="org/m", revision="main", trust_remote_code=True)\n',
          line: 2,
          captures: { modelId: 'org/m', trust: 'True' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'from mine import LLM\nllm = LLM(model="org/m")\n' }],
    },
  },
  {
    id: 'model.server.argument',
    title: 'Model given to a model server on its command line',
    kind: 'model',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['--model', 'vllm serve', 'vllm", "serve'],
      pattern:
        /(?:--(?:model|model-id|model-path|model_id|served-model)["']?(?:[=\s]|["']?\s*,\s*["'])\s*["']?|\bvllm["']?,?\s*["']?serve["']?,?\s*["']?)(?<modelId>[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})(?![\w./-])(?:[^\n]{0,300}?--revision["']?[=\s,]\s*["']?(?<revision>[\w.-]{1,100}))?/,
      standing: 'strings',
    },
    needs: ['vllm', 'text-generation', 'sglang', 'text-embeddings-inference', 'llama', 'tgi', 'triton', 'lmdeploy'],
    sets: { hub: 'huggingface', through: 'server argument' },
    examples: {
      positive: [
        {
          path: 'run.sh',
          text: 'vllm serve org/m --revision v2 --port 8000\n',
          line: 1,
          captures: { modelId: 'org/m', revision: 'v2' },
        },
        {
          path: 'k8s.yaml',
          text: 'image: ghcr.io/huggingface/text-generation-inference:2\nargs: ["--model-id", "org/m"]\n',
          line: 2,
          captures: { modelId: 'org/m' },
        },
      ],
      nearMiss: [
        { path: 'run.sh', text: 'python train.py --model org/m\n' },
        { path: 'run.sh', text: 'vllm serve /models/local\n' },
      ],
    },
  },
  {
    id: 'model.ollama.command',
    title: 'Model pulled by Ollama',
    kind: 'model',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['ollama '],
      pattern:
        /\bollama\s+(?<through>pull|run|create)\s+["']?(?<modelId>[a-z][\w./-]{1,80})(?::(?<revision>[\w.-]{1,60}))?/,
      standing: 'strings',
    },
    sets: { hub: 'ollama' },
    examples: {
      positive: [
        {
          path: 'setup.sh',
          text: 'ollama pull llama3.1:8b-instruct-q4_0\n',
          line: 1,
          captures: { modelId: 'llama3.1', revision: '8b-instruct-q4_0' },
        },
      ],
      nearMiss: [
        { path: 'setup.sh', text: 'ollama serve &\n' },
        { path: 'setup.sh', text: '# ollama pull llama3\n' },
      ],
    },
  },
  {
    id: 'model.ollama.call',
    title: 'Model used through Ollama',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['ollama'],
      pattern:
        /\b(?<through>ollama\.(?:chat|generate|embed|embeddings)|ChatOllama|OllamaLLM|OllamaEmbeddings?|Ollama)\(/i,
      call: [/\bmodel\s*[=:]\s*["'](?<modelId>[\w./-]{1,80})(?::(?<revision>[\w.-]{1,60}))?["']/],
      requires: ['modelId'],
    },
    sets: { hub: 'ollama' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'llm = ChatOllama(\n    model="llama3:8b",\n)\n',
          line: 1,
          captures: { modelId: 'llama3', revision: '8b' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'llm = ChatOllama(base_url=url)\n' }],
    },
  },
  {
    id: 'model.ollama.modelfile',
    title: 'Base model of a Modelfile',
    kind: 'model',
    confidence: 'high',
    files: { name: /^Modelfile(?:\.\w{1,40})?$/ },
    match: {
      form: 'line',
      literals: ['from '],
      pattern: /^\s*FROM\s+(?<modelId>(?![./])[a-z][\w./-]{0,120})(?::(?<revision>[\w.-]{1,60}))?\s*$/i,
      standing: 'anywhere',
    },
    sets: { hub: 'ollama', through: 'Modelfile' },
    examples: {
      positive: [
        {
          path: 'Modelfile',
          text: 'FROM llama3:8b\nPARAMETER temperature 0\n',
          line: 1,
          captures: { modelId: 'llama3' },
        },
      ],
      nearMiss: [
        { path: 'Dockerfile', text: 'FROM llama3:8b\n' },
        { path: 'Modelfile', text: 'FROM ./weights.gguf\n' },
      ],
    },
  },
  {
    id: 'model.torch-hub.load',
    title: 'Model loaded from a repository with torch.hub',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['hub.load('],
      pattern: /\b(?<through>torch\.hub\.load)\(/,
      call: [
        /^\s*(?:repo_or_dir\s*=\s*)?["'](?<modelId>[\w.-]{1,96}\/[\w.-]{1,96})(?::(?<revision>[\w./-]{1,100}))?["']/,
      ],
      requires: ['modelId'],
    },
    sets: { hub: 'torch-hub', trust: 'True' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = torch.hub.load("pytorch/vision:v0.10.0", "resnet50", pretrained=True)\n',
          line: 1,
          captures: { modelId: 'pytorch/vision', revision: 'v0.10.0' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = torch.hub.load(local_dir, "resnet50", source="local")\n' }],
    },
  },
  {
    id: 'model.timm.create',
    title: 'Pretrained model of timm',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['create_model('],
      pattern: /\b(?<through>timm\.create_model)\(/,
      call: [/^\s*(?:model_name\s*=\s*)?["'](?<modelId>[\w./:@-]{1,120})["'][^)]{0,400}\bpretrained\s*=\s*True/],
      requires: ['modelId'],
    },
    sets: { hub: 'timm', pin: 'tag' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = timm.create_model("resnet50.a1_in1k", pretrained=True)\n',
          line: 1,
          captures: { modelId: 'resnet50.a1_in1k' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = timm.create_model("resnet50")\n' }],
    },
  },
  {
    id: 'model.torchvision.pretrained',
    title: 'Pretrained model of torchvision',
    kind: 'model',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['models.'],
      pattern: /\b(?<through>(?:torchvision\.)?models(?:\.\w{1,30})?)\.(?<modelId>[a-z][a-z0-9_]{2,40})\(/,
      call: [
        /\bweights\s*=\s*["'](?<weights>[A-Z][A-Z0-9_]{1,40})["']/,
        /\bweights\s*=\s*[\w.]{0,60}_Weights\.(?<weights>\w{1,40})/,
        /\b(?<weights>pretrained)\s*=\s*True/,
      ],
      requires: ['weights'],
    },
    needs: ['torchvision'],
    sets: { hub: 'torchvision', pin: 'tag' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from torchvision import models\nm = models.resnet50(weights="IMAGENET1K_V2")\n',
          line: 2,
          captures: { modelId: 'resnet50', weights: 'IMAGENET1K_V2' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'from torchvision import models\nm = models.resnet50(weights=None)\n' }],
    },
  },
  {
    id: 'model.keras.applications',
    title: 'Pretrained model of Keras applications',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['imagenet'],
      pattern: /\b(?<modelId>[A-Z][A-Za-z0-9]{2,40})\((?=[^)]{0,300}\bweights\s*=\s*["']imagenet["'])/,
    },
    needs: ['keras'],
    sets: { hub: 'keras-applications', pin: 'tag', through: 'keras.applications' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from keras.applications import ResNet50\nb = ResNet50(weights="imagenet", include_top=False)\n',
          line: 2,
          captures: { modelId: 'ResNet50' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'import keras\nd = load("imagenet")\n' }],
    },
  },
  {
    id: 'model.keras-hub.preset',
    title: 'Preset of KerasHub',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['from_preset('],
      pattern: /\b(?<through>[A-Za-z_][\w.]{0,80}\.from_preset)\(/,
      call: [/^\s*["'](?<modelId>[^"'\s]{1,200})["']/],
      requires: ['modelId'],
    },
    sets: { hub: 'keras-hub' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = keras_hub.models.CausalLM.from_preset("gemma_2b_en")\n',
          line: 1,
          captures: { modelId: 'gemma_2b_en' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = X.from_preset(preset)\n' }],
    },
  },
  {
    id: 'model.tfhub.address',
    title: 'Model of TensorFlow Hub',
    kind: 'model',
    confidence: 'high',
    files: { languages: CODE_LANGUAGES },
    match: {
      form: 'line',
      literals: ['tfhub.dev/'],
      pattern: /https:\/\/tfhub\.dev\/(?<modelId>[\w.-]{1,60}\/[\w./-]{1,120}?)(?:\/(?<revision>\d{1,4}))?["'?]/,
      standing: 'strings',
    },
    sets: { hub: 'tensorflow-hub', through: 'address' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = hub.load("https://tfhub.dev/google/universal-sentence-encoder/4")\n',
          line: 1,
          captures: { modelId: 'google/universal-sentence-encoder', revision: '4' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: '# https://tfhub.dev/google/x/4"\n' }],
    },
  },
  {
    id: 'model.spacy.load',
    title: 'Pipeline of spaCy',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['spacy.load('],
      pattern: /\b(?<through>spacy\.load)\(\s*["'](?<modelId>[a-z]{2,3}_[\w.-]{3,60})["']/,
    },
    sets: { hub: 'spacy', pin: 'tag' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'nlp = spacy.load("en_core_web_sm")\n',
          line: 1,
          captures: { modelId: 'en_core_web_sm' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'nlp = spacy.load(path)\n' }],
    },
  },
  {
    id: 'model.whisper.load',
    title: 'Whisper speech model',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['whisper.load_model(', 'WhisperModel('],
      pattern: /\b(?<through>whisper\.load_model|WhisperModel)\(/,
      call: [
        /^\s*(?:name\s*=\s*|model_size_or_path\s*=\s*)?(?:["'](?<modelId>[\w./-]{3,80})["']|(?<modelIdRef>[A-Za-z_]\w{0,60})\s*(?:[,)]|$))/,
      ],
      requires: ['modelId'],
    },
    sets: { hub: 'whisper', pin: 'tag' },
    examples: {
      positive: [
        { path: 'a.py', text: 'm = whisper.load_model("large-v3")\n', line: 1, captures: { modelId: 'large-v3' } },
      ],
      nearMiss: [{ path: 'a.py', text: 'class MyWhisperModel(Base):\n    pass\n' }],
    },
  },
  {
    id: 'model.ultralytics.load',
    title: 'YOLO model of ultralytics',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['YOLO('],
      pattern:
        /(?<!\w)(?<through>YOLO(?:World|E)?|RTDETR|SAM)\(\s*(?:model\s*=\s*)?["'](?<modelId>(?:yolo|rtdetr|sam|fastsam)[\w.-]{1,60})["']/i,
    },
    needs: ['ultralytics'],
    sets: { hub: 'ultralytics', pin: 'tag' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from ultralytics import YOLO\nm = YOLO("yolov8n.pt")\n',
          line: 2,
          captures: { modelId: 'yolov8n.pt' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'from ultralytics import YOLO\nm = YOLO("runs/train/best.pt")\n' }],
    },
  },
  {
    id: 'model.open-clip.create',
    title: 'OpenCLIP model',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['open_clip.create_model'],
      pattern: /\b(?<through>open_clip\.create_model\w{0,30})\(/,
      call: [/^\s*["'](?<modelId>[^"'\s]{1,120})["']/, /\bpretrained\s*=\s*["'](?<revision>[^"'\s]{1,80})["']/],
      requires: ['modelId'],
    },
    sets: { hub: 'open-clip', pin: 'tag' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: "m, _, p = open_clip.create_model_and_transforms('ViT-B-32', pretrained='laion2b_s34b_b79k')\n",
          line: 1,
          captures: { modelId: 'ViT-B-32', revision: 'laion2b_s34b_b79k' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = open_clip.create_model(name)\n' }],
    },
  },
  {
    id: 'model.mlflow.registry',
    title: 'Model of an MLflow registry',
    kind: 'model',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['models:/'],
      pattern: /["'\s=]models:\/(?<modelId>[\w. -]{1,100})[/@](?<revision>[\w.-]{1,60})(?![\w/])/,
      standing: 'strings',
    },
    sets: { hub: 'mlflow', through: 'registry address' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'm = mlflow.pyfunc.load_model("models:/fraud/Production")\n',
          line: 1,
          captures: { modelId: 'fraud', revision: 'Production' },
        },
        { path: 'a.py', text: 'm = load("models:/fraud@champion")\n', line: 1, captures: { revision: 'champion' } },
      ],
      nearMiss: [{ path: 'a.py', text: 'm = load("models/fraud/1")\n' }],
    },
  },
  {
    id: 'model.wandb.artifact',
    title: 'Model artifact of Weights & Biases',
    kind: 'model',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['use_artifact(', 'use_model('],
      pattern:
        /\.(?<through>use_artifact|use_model)\(\s*(?:name\s*=\s*)?f?["'](?<modelId>[\w./ -]{1,120}):(?<revision>[\w.-]{1,60})["']/,
      unless: /type\s*=\s*["'](?:dataset|raw_data|data)["']/,
    },
    sets: { hub: 'wandb' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'a = run.use_artifact("team/p/model:latest")\n',
          line: 1,
          captures: { modelId: 'team/p/model', revision: 'latest' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'a = run.use_artifact("team/p/d:v0", type="dataset")\n' }],
    },
  },
  {
    id: 'model.replicate.run',
    title: 'Model run on Replicate',
    kind: 'model',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['replicate.run(', 'replicate.stream(', 'predictions.create('],
      pattern: /\breplicate\.(?<through>run|stream|async_run)\(/,
      call: [/^\s*(?:ref\s*=\s*)?["'`](?<modelId>[\w.-]{1,80}\/[\w.-]{1,80})(?::(?<revision>[0-9a-f]{64}))?["'`]/],
      requires: ['modelId'],
    },
    sets: { hub: 'replicate' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'out = replicate.run(\n    "meta/llama-2-70b-chat",\n    input={},\n)\n',
          line: 1,
          captures: { modelId: 'meta/llama-2-70b-chat' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'out = replicate.run(model, input={})\n' }],
    },
  },
  {
    id: 'model.llama-cpp.repository',
    title: 'Model fetched by llama.cpp',
    kind: 'model',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['llama-'],
      pattern:
        /\bllama-(?<through>server|cli|run|embedding)\b[^\n]{0,300}?(?:-hf|--hf-repo|-hfr)[=\s]+["']?(?<modelId>[\w.-]{1,96}\/[\w.-]{1,96})(?::(?<revision>[\w.-]{1,60}))?/,
      standing: 'strings',
    },
    sets: { hub: 'huggingface' },
    examples: {
      positive: [
        {
          path: 'run.sh',
          text: 'llama-server -hf ggml-org/gemma-3-4b-it-GGUF --port 8080\n',
          line: 1,
          captures: { modelId: 'ggml-org/gemma-3-4b-it-GGUF' },
        },
      ],
      nearMiss: [{ path: 'run.sh', text: 'llama-server -m ./model.gguf\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
