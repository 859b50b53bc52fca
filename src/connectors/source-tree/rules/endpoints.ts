import type { DetectionRule } from '../rule.ts';
import { PYTHON, SHELL_AND_CONFIG } from './patterns.ts';

/** Places where a model answers requests. */
export const ENDPOINTS = [
  {
    id: 'endpoint.python.route',
    title: 'HTTP route that reaches a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.post(', '.get(', '.route(', '.websocket(', '.api_route(', '.put('],
      pattern:
        /^\s*@(?<through>(?!mock|pytest|patch|responses|httpretty)[A-Za-z_][\w.]{0,60}\.(?:post|get|put|route|websocket|api_route))\(\s*(?:path\s*=\s*|rule\s*=\s*)?f?["'](?<route>[^"'\s]{0,200})["']/,
    },
    needs: ['fastapi', 'flask', 'starlette', 'litestar', 'sanic', 'quart', 'blacksheep', 'robyn'],
    sets: { framework: 'python-web', onlyWithAi: 'yes' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from fastapi import FastAPI\napp = FastAPI()\n@app.post("/chat")\ndef chat(): ...\n',
          line: 3,
          captures: { route: '/chat' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'from fastapi import FastAPI\nr = client.post("/chat")\n' },
        { path: 'a.py', text: '@app.post("/chat")\ndef chat(): ...\n' },
      ],
    },
  },
  {
    id: 'endpoint.javascript.route',
    title: 'HTTP route that reaches a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: { languages: ['javascript'] },
    match: {
      form: 'line',
      literals: ['.post(', '.get(', '.all('],
      pattern:
        /(?<![\w.])(?<through>(?:app|router|server|fastify|api|hono|route|\w{1,30}Router)\.(?:post|get|put|all))\(\s*["'`](?<route>\/[^"'`\s]{0,200})["'`]\s*,/,
    },
    needs: ['express', 'fastify', 'hono', 'koa', '@nestjs', 'elysia', 'polka', 'restify'],
    sets: { framework: 'node-web', onlyWithAi: 'yes' },
    examples: {
      positive: [
        {
          path: 'a.ts',
          text: "import express from 'express';\nrouter.post('/chat', handler);\n",
          line: 2,
          captures: { route: '/chat' },
        },
      ],
      nearMiss: [
        { path: 'a.ts', text: "import axios from 'axios';\naxios.post('/chat', body);\n" },
        { path: 'a.ts', text: "import express from 'express';\ncache.get('/key', 1);\n" },
      ],
    },
  },
  {
    id: 'endpoint.nextjs.handler',
    title: 'Route handler that reaches a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: {
      languages: ['javascript'],
      path: /(?:^|\/)(?:app\/.{0,300}\/route|pages\/api\/.{1,300}|server\/api\/.{1,300}|\+server)\.(?:ts|js|tsx|mjs)$/,
    },
    match: {
      form: 'line',
      literals: ['POST', 'GET', 'export default', 'handler'],
      pattern:
        /^\s*export\s+(?:default\s+)?(?:async\s+)?(?:function\s*|const\s+)(?<through>POST|GET|PUT|handler|defineEventHandler)?\b/,
    },
    sets: { framework: 'nextjs', onlyWithAi: 'yes' },
    examples: {
      positive: [
        {
          path: 'app/api/chat/route.ts',
          text: 'export async function POST(req: Request) {\n}\n',
          line: 1,
          captures: { through: 'POST' },
        },
      ],
      nearMiss: [{ path: 'app/page.tsx', text: 'export async function POST(req: Request) {}\n' }],
    },
  },
  {
    id: 'endpoint.jvm.route',
    title: 'Controller method that reaches a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: { languages: ['java', 'kotlin', 'csharp'] },
    match: {
      form: 'line',
      literals: ['Mapping(', 'MapPost(', 'MapGet(', '[HttpPost', '[HttpGet', '@POST', '@Path('],
      pattern:
        /(?:@(?<through>PostMapping|GetMapping|RequestMapping|PutMapping|Path)\(\s*(?:value\s*=\s*|path\s*=\s*)?"(?<route>[^"\s]{0,200})"|\.(?<through2>MapPost|MapGet)\(\s*"(?<route2>[^"\s]{0,200})"|\[(?<through3>HttpPost|HttpGet)(?:\("(?<route3>[^"\s]{0,200})"\))?)/,
    },
    sets: { framework: 'jvm-web', onlyWithAi: 'yes' },
    examples: {
      positive: [{ path: 'A.java', text: '    @PostMapping("/chat")\n', line: 1, captures: { route: '/chat' } }],
      nearMiss: [{ path: 'A.java', text: '    @Column("/chat")\n' }],
    },
  },
  {
    id: 'endpoint.go.route',
    title: 'HTTP handler that reaches a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: { languages: ['go', 'rust'] },
    match: {
      form: 'line',
      literals: ['HandleFunc(', '.POST(', '.Post(', '.GET(', '.Get(', '.route('],
      pattern:
        /\.(?<through>HandleFunc|Handle|POST|Post|GET|Get|route)\(\s*"(?:(?:POST|GET) )?(?<route>\/[^"\s]{0,200})"\s*,/,
    },
    sets: { framework: 'go-web', onlyWithAi: 'yes' },
    examples: {
      positive: [
        { path: 'a.go', text: 'mux.HandleFunc("POST /chat", s.chat)\n', line: 1, captures: { route: '/chat' } },
      ],
      nearMiss: [{ path: 'a.go', text: 'v := cache.Get("key")\n' }],
    },
  },
  {
    id: 'endpoint.authenticated',
    title: 'Checks who calls',
    kind: 'trait',
    confidence: 'medium',
    files: { languages: ['python', 'notebook', 'javascript', 'java', 'kotlin', 'go', 'csharp', 'rust'] },
    match: {
      form: 'line',
      literals: [
        'auth',
        'login_required',
        'APIKeyHeader',
        'HTTPBearer',
        'OAuth2',
        'getServerSession',
        'getToken(',
        'jwt',
        'PreAuthorize',
        '[Authorize',
        'current_user',
        'Security(',
      ],
      pattern:
        /\bDepends\(\s*(?:\w{0,40}(?:auth|user|token|key|verify)\w{0,40})|\bSecurity\(|@(?:login_required|jwt_required|requires_auth|auth_required|PreAuthorize|Secured|RolesAllowed|token_required|authenticate)\b|\[Authorize\b|\b(?:HTTPBearer|APIKeyHeader|OAuth2PasswordBearer|HTTPBasic)\(|\b(?:getServerSession|requireAuth|ensureAuthenticated|isAuthenticated|verifyToken|authMiddleware|passport\.authenticate|clerkMiddleware|jwtVerify)\b|(?<![\w.])auth\(\)|\bjwt\.(?:verify|decode)\(/i,
    },
    sets: { trait: 'authenticated' },
    examples: {
      positive: [
        { path: 'a.py', text: 'def chat(user=Depends(get_current_user)):\n', line: 1 },
        { path: 'a.ts', text: 'app.use(requireAuth);\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'author = "x"\n' }],
    },
  },
  {
    id: 'endpoint.vllm.server',
    title: 'vLLM server',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: [...SHELL_AND_CONFIG, ...PYTHON] },
    match: {
      form: 'line',
      literals: ['vllm'],
      pattern:
        /\b(?<through>vllm\.entrypoints\.(?:openai\.)?api_server|vllm["']?,?\s*["']?serve)\b|image:\s*["']?(?<through2>vllm\/vllm-openai)\b|^\s*FROM\s+(?<through3>vllm\/vllm-openai)\b/,
      standing: 'strings',
    },
    sets: { framework: 'vllm' },
    examples: {
      positive: [
        { path: 'run.sh', text: 'python -m vllm.entrypoints.openai.api_server --model org/m\n', line: 1 },
        { path: 'k.yaml', text: '  image: vllm/vllm-openai:v0.6.0\n', line: 1 },
      ],
      nearMiss: [{ path: 'run.sh', text: 'pip install vllm\n' }],
    },
  },
  {
    id: 'endpoint.container.model-server',
    title: 'Container of a model server',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'text-generation-inference',
        'text-embeddings-inference',
        'tritonserver',
        'pytorch/torchserve',
        'tensorflow/serving',
        'ollama/ollama',
        'llama.cpp',
        'lmsysorg/sglang',
        'mlserver',
        'nvcr.io/nim',
        'localai/localai',
        'sagemaker-',
        'xinference',
        'infinity',
      ],
      pattern:
        /(?:image:\s*["']?|^\s*FROM\s+|docker\s+run\b[^\n]{0,300}\s|container_image\s*=\s*["']|image_uri\s*=\s*["'])(?:[\w.-]{1,80}(?::\d{2,5})?\/){0,4}(?<through>text-generation-inference|text-embeddings-inference|tritonserver|torchserve|ollama|llama\.cpp|sglang|mlserver|nim\/[\w./-]{1,80}|localai|xinference|infinity|serving(?=:))(?=[:@"'\s]|$)/,
      standing: 'strings',
    },
    sets: { framework: 'model-server' },
    examples: {
      positive: [
        {
          path: 'c.yml',
          text: '    image: ghcr.io/huggingface/text-generation-inference:2.0\n',
          line: 1,
          captures: { through: 'text-generation-inference' },
        },
        {
          path: 'Dockerfile',
          text: 'FROM nvcr.io/nvidia/tritonserver:24.05-py3\n',
          line: 1,
          captures: { through: 'tritonserver' },
        },
        { path: 'c.yml', text: '    image: ollama/ollama\n', line: 1, captures: { through: 'ollama' } },
      ],
      nearMiss: [
        { path: 'c.yml', text: '    image: nginx/serving-ui:1\n' },
        { path: 'c.yml', text: '#   image: ollama/ollama\n' },
      ],
    },
  },
  {
    id: 'endpoint.command.model-server',
    title: 'Model server started by a command',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'torchserve',
        'tritonserver',
        'ollama serve',
        'llama-server',
        'bentoml serve',
        'mlflow models serve',
        'text-generation-launcher',
        'serve run',
        'sglang.launch_server',
        'llama_cpp.server',
        'tensorflow_model_server',
        'litellm --',
        'ramalama serve',
      ],
      pattern:
        /(?:^|[\s"'&;|])(?<through>torchserve\s+--start|tritonserver\s+--model|ollama\s+serve|llama-server\s|bentoml\s+serve|mlflow\s+models\s+serve|text-generation-launcher\b|serve\s+run\s|-m\s+sglang\.launch_server|-m\s+llama_cpp\.server|tensorflow_model_server\s|litellm\s+--(?:config|model|port)|ramalama\s+serve)/,
      standing: 'strings',
    },
    sets: { framework: 'model-server' },
    examples: {
      positive: [
        { path: 'run.sh', text: 'ollama serve &\n', line: 1 },
        { path: 'Dockerfile', text: 'CMD mlflow models serve -m models:/x/1\n', line: 1 },
      ],
      nearMiss: [{ path: 'run.sh', text: 'apt install torchserve\n' }],
    },
  },
  {
    id: 'endpoint.bentoml.service',
    title: 'BentoML service',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['bentoml.service', 'bentoml.Service(', 'bentoml.api'],
      pattern: /(?<through>@bentoml\.service|bentoml\.Service\(|@bentoml\.api)\b/,
    },
    sets: { framework: 'bentoml' },
    examples: {
      positive: [{ path: 'a.py', text: '@bentoml.service(resources={"gpu": 1})\nclass S: ...\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'import bentoml\n' }],
    },
  },
  {
    id: 'endpoint.ray-serve.deployment',
    title: 'Ray Serve deployment',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['serve.deployment', 'serve.run('],
      pattern: /(?<through>@serve\.deployment|(?<!\w)serve\.run\()/,
    },
    needs: ['from ray', 'import ray'],
    sets: { framework: 'ray-serve' },
    examples: {
      positive: [{ path: 'a.py', text: 'from ray import serve\n@serve.deployment\nclass M: ...\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: '@serve.deployment\nclass M: ...\n' }],
    },
  },
  {
    id: 'endpoint.handler.model-server',
    title: 'Handler of a model server',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: [
        'BaseHandler',
        'triton_python_backend_utils',
        'litserve',
        'LitAPI',
        'kserve',
        'runpod.serverless',
        'BasePredictor',
        'modal.',
        'EndpointHandler',
        'mlserver',
      ],
      pattern:
        /^\s*import\s+(?<through>triton_python_backend_utils)|^\s*class\s+\w{1,60}\((?<through2>(?:ts\.\w{1,40}\.)?BaseHandler|(?:ls\.|litserve\.)LitAPI|kserve\.Model|BasePredictor|MLModel)\)|\b(?<through3>runpod\.serverless\.start)\(|^\s*class\s+(?<through4>EndpointHandler)\b/,
    },
    needs: [
      'ts.torch_handler',
      'triton_python_backend_utils',
      'litserve',
      'kserve',
      'runpod',
      'cog',
      'EndpointHandler',
      'mlserver',
    ],
    sets: { framework: 'model-server' },
    examples: {
      positive: [
        { path: 'model.py', text: 'import triton_python_backend_utils as pb_utils\n', line: 1 },
        {
          path: 'predict.py',
          text: 'from cog import BasePredictor\nclass Predictor(BasePredictor):\n    pass\n',
          line: 2,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'class H(BaseHandler):\n    pass\n' }],
    },
  },
  {
    id: 'endpoint.ui.app',
    title: 'Web interface to a model',
    kind: 'inference_api',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['gr.Interface(', 'gr.ChatInterface(', 'gr.Blocks(', 'st.chat_input(', 'cl.on_message', 'chainlit'],
      pattern: /(?<through>\bgr\.(?:Interface|ChatInterface|Blocks)\(|\bst\.chat_input\(|@cl\.on_message\b)/,
    },
    sets: { framework: 'ui', onlyWithAi: 'yes' },
    examples: {
      positive: [{ path: 'a.py', text: 'import gradio as gr\ndemo = gr.ChatInterface(fn)\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'import gradio as gr\nx = gr.Textbox()\n' }],
    },
  },
  {
    id: 'endpoint.cloud.deploy',
    title: 'Model deployed to a cloud endpoint',
    kind: 'inference_api',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.deploy(', 'create_endpoint(', 'ManagedOnlineEndpoint(', 'create_inference_endpoint('],
      pattern:
        /(?<![\w.])(?<through>\w{0,30}(?:model|predictor|estimator)\w{0,20}\.deploy|(?:sm|sagemaker)\w{0,20}\.create_endpoint|ManagedOnlineEndpoint|KubernetesOnlineEndpoint|create_inference_endpoint|aiplatform\.Endpoint\.create)\(/i,
    },
    needs: ['sagemaker', 'aiplatform', 'azure.ai.ml', 'huggingface_hub', 'vertexai'],
    sets: { framework: 'cloud' },
    examples: {
      positive: [
        { path: 'a.py', text: 'import sagemaker\npredictor = model.deploy(initial_instance_count=1)\n', line: 2 },
      ],
      nearMiss: [{ path: 'a.py', text: 'contract.deploy()\n' }],
    },
  },
  {
    id: 'endpoint.local.runtime',
    title: 'Model run in the process',
    kind: 'inference_api',
    confidence: 'medium',
    files: {},
    match: {
      form: 'import',
      modules: {
        python: [
          'llama_cpp',
          'ctransformers',
          'onnxruntime',
          'tflite_runtime',
          'openvino',
          'tensorrt_llm',
          'mlx_lm',
          'ollama',
          'langchain_ollama',
        ],
        javascript: [
          'ollama',
          'node-llama-cpp',
          'onnxruntime-node',
          'onnxruntime-web',
          '@huggingface/transformers',
          '@xenova/transformers',
          '@mlc-ai/web-llm',
          '@tensorflow/tfjs',
          '@tensorflow/tfjs-node',
        ],
        rust: ['candle_core', 'ort', 'tch', 'llama_cpp_2', 'mistralrs'],
        go: ['github.com/ollama/ollama/api', 'github.com/yalue/onnxruntime_go'],
        jvm: ['ai.onnxruntime', 'ai.djl', 'org.springframework.ai.ollama', 'dev.langchain4j.model.ollama'],
        csharp: ['Microsoft.ML.OnnxRuntime', 'LLama', 'OllamaSharp'],
      },
    },
    sets: { framework: 'in-process', authenticated: 'unknown' },
    examples: {
      positive: [
        { path: 'a.py', text: 'from llama_cpp import Llama\n', line: 1 },
        { path: 'a.ts', text: "import ollama from 'ollama';\n", line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'from onnxruntime_tools import x\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
