import { aiService } from './service.ts';

/** Clouds and platforms that serve models of others. */
export const HOST_SERVICES = [
  ...aiService({
    provider: 'azure-openai',
    name: 'Azure OpenAI',
    sdk: {
      modules: {
        python: ['llama_index.llms.azure_openai', 'llama_index.embeddings.azure_openai', 'azure.ai.openai'],
        javascript: ['@azure/openai', '@ai-sdk/azure'],
        jvm: ['com.azure.ai.openai', 'dev.langchain4j.model.azure', 'org.springframework.ai.azure.openai'],
        csharp: ['Azure.AI.OpenAI', 'Microsoft.SemanticKernel.Connectors.AzureOpenAI'],
        go: ['github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai'],
      },
      examples: {
        positive: [
          { path: 'A.cs', text: 'using Azure.AI.OpenAI;\n', line: 1 },
          { path: 'a.ts', text: "import { createAzure } from '@ai-sdk/azure';\n", line: 1 },
        ],
        nearMiss: [{ path: 'A.cs', text: 'using Azure.Storage.Blobs;\n' }],
      },
    },
    hosts: {
      names: ['*.openai.azure.com'],
      examples: {
        positive: [
          {
            path: 'a.py',
            text: 'azure_endpoint="https://my-res.openai.azure.com"\n',
            line: 1,
            captures: { host: 'my-res.openai.azure.com' },
          },
        ],
        nearMiss: [{ path: 'a.py', text: 'x = "https://openai.azure.com.example.org"\n' }],
      },
    },
    keys: {
      names: ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_KEY', 'AZURE_OPENAI_ENDPOINT'],
      examples: {
        positive: [{ path: 'a.env', text: 'AZURE_OPENAI_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'AZURE_CLIENT_SECRET=\n' }],
      },
    },
  }),
  {
    id: 'service.azure-openai.client',
    title: 'Azure OpenAI client',
    kind: 'third_party_ai_service',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript'] },
    match: {
      form: 'line',
      literals: ['AzureOpenAI', 'AzureChatOpenAI'],
      pattern: /\b(?:Async)?Azure(?:Chat)?OpenAI(?:Embeddings)?\(/,
    },
    sets: { provider: 'azure-openai' },
    examples: {
      positive: [
        { path: 'a.py', text: 'client = AzureOpenAI(\n    api_version="2024-06-01",\n)\n', line: 1 },
        { path: 'a.ts', text: 'const c = new AzureOpenAI({ apiVersion });\n', line: 1 },
      ],
      nearMiss: [
        { path: 'a.py', text: 'client = OpenAI()  # not AzureOpenAI(\n' },
        { path: 'a.py', text: 'print("AzureOpenAI(")\n' },
      ],
    },
  },
  ...aiService({
    provider: 'aws-bedrock',
    name: 'Amazon Bedrock',
    sdk: {
      modules: {
        python: [
          'langchain_aws',
          'llama_index.llms.bedrock',
          'llama_index.llms.bedrock_converse',
          'haystack_integrations.components.generators.amazon_bedrock',
        ],
        javascript: [
          '@aws-sdk/client-bedrock-runtime',
          '@aws-sdk/client-bedrock',
          '@ai-sdk/amazon-bedrock',
          '@langchain/aws',
          '@anthropic-ai/bedrock-sdk',
        ],
        go: ['github.com/aws/aws-sdk-go-v2/service/bedrockruntime'],
        jvm: [
          'software.amazon.awssdk.services.bedrockruntime',
          'dev.langchain4j.model.bedrock',
          'org.springframework.ai.bedrock',
        ],
        rust: ['aws_sdk_bedrockruntime'],
        csharp: ['Amazon.BedrockRuntime'],
      },
      examples: {
        positive: [
          { path: 'a.ts', text: "import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';\n", line: 1 },
          { path: 'a.rs', text: 'use aws_sdk_bedrockruntime::Client;\n', line: 1 },
        ],
        nearMiss: [{ path: 'a.ts', text: "import { S3Client } from '@aws-sdk/client-s3';\n" }],
      },
    },
    hosts: {
      names: ['bedrock-runtime.*.amazonaws.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'endpoint_url="https://bedrock-runtime.us-east-1.amazonaws.com"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'endpoint_url="https://s3.us-east-1.amazonaws.com"\n' }],
      },
    },
    keys: {
      names: ['AWS_BEARER_TOKEN_BEDROCK'],
      examples: {
        positive: [{ path: 'a.sh', text: 'export AWS_BEARER_TOKEN_BEDROCK=\n', line: 1 }],
        nearMiss: [{ path: 'a.sh', text: 'export AWS_SESSION_TOKEN=\n' }],
      },
    },
  }),
  {
    id: 'service.aws-bedrock.client',
    title: 'Amazon Bedrock client',
    kind: 'third_party_ai_service',
    confidence: 'high',
    files: { languages: ['python', 'notebook'] },
    match: {
      form: 'line',
      literals: ['bedrock', 'AnthropicBedrock'],
      pattern:
        /\bclient\(\s*(?:service_name\s*=\s*)?["']bedrock(?:-runtime|-agent|-agent-runtime)?["']|\b(?:Async)?AnthropicBedrock\(/,
    },
    sets: { provider: 'aws-bedrock' },
    examples: {
      positive: [
        { path: 'a.py', text: 'b = boto3.client("bedrock-runtime", region_name="us-east-1")\n', line: 1 },
        { path: 'a.py', text: "b = session.client(service_name='bedrock-agent-runtime')\n", line: 1 },
      ],
      nearMiss: [
        { path: 'a.py', text: 'b = boto3.client("s3")\n' },
        { path: 'a.py', text: 'name = "bedrock-runtime"\n' },
      ],
    },
  },
  {
    id: 'service.aws-sagemaker.endpoint',
    title: 'SageMaker endpoint call',
    kind: 'third_party_ai_service',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript', 'java', 'go'] },
    match: {
      form: 'line',
      literals: ['invoke_endpoint', 'InvokeEndpoint', 'sagemaker-runtime'],
      pattern:
        /\.invoke_endpoint(?:_with_response_stream|_async)?\(|\bInvokeEndpoint(?:Async|WithResponseStream)?(?:Command|Request|Input)?\b|client\(\s*["'](?:sagemaker-runtime|runtime\.sagemaker)["']/,
      unless: /^\s*(?:import|from)\b/,
    },
    sets: { provider: 'aws-sagemaker' },
    examples: {
      positive: [
        { path: 'a.py', text: 'r = runtime.invoke_endpoint(EndpointName=name, Body=body)\n', line: 1 },
        { path: 'a.py', text: 'c = boto3.client("sagemaker-runtime")\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'r = lambda_client.invoke(FunctionName=name)\n' }],
    },
  },
  ...aiService({
    provider: 'google-vertex-ai',
    name: 'Google Vertex AI',
    sdk: {
      modules: {
        python: ['vertexai', 'google.cloud.aiplatform', 'langchain_google_vertexai', 'llama_index.llms.vertex'],
        javascript: [
          '@google-cloud/vertexai',
          '@google-cloud/aiplatform',
          '@ai-sdk/google-vertex',
          '@langchain/google-vertexai',
          '@anthropic-ai/vertex-sdk',
        ],
        go: ['cloud.google.com/go/vertexai', 'cloud.google.com/go/aiplatform'],
        jvm: [
          'com.google.cloud.vertexai',
          'com.google.cloud.aiplatform',
          'dev.langchain4j.model.vertexai',
          'org.springframework.ai.vertexai',
        ],
      },
      examples: {
        positive: [
          { path: 'a.py', text: 'from vertexai.generative_models import GenerativeModel\n', line: 1 },
          { path: 'a.go', text: 'import "cloud.google.com/go/vertexai/genai"\n', line: 1 },
        ],
        nearMiss: [{ path: 'a.py', text: 'from google.cloud import bigquery\n' }],
      },
    },
    hosts: {
      names: ['*-aiplatform.googleapis.com', 'aiplatform.googleapis.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://us-central1-aiplatform.googleapis.com/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://storage.googleapis.com/v1"\n' }],
      },
    },
  }),
  {
    id: 'service.google-vertex-ai.client',
    title: 'Vertex AI client',
    kind: 'third_party_ai_service',
    confidence: 'high',
    files: { languages: ['python', 'notebook'] },
    match: {
      form: 'line',
      literals: ['aiplatform'],
      pattern: /^\s*from\s+google\.cloud\s+import\s+[\w\s,]{0,100}\baiplatform\b/,
    },
    sets: { provider: 'google-vertex-ai' },
    examples: {
      positive: [{ path: 'a.py', text: 'from google.cloud import storage, aiplatform\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'from google.cloud import storage  # aiplatform later\nx = 1\n' }],
    },
  },
  ...aiService({
    provider: 'azure-ai',
    name: 'Azure AI Foundry',
    sdk: {
      modules: {
        python: ['azure.ai.inference', 'azure.ai.projects', 'azure.ai.agents', 'langchain_azure_ai'],
        javascript: ['@azure-rest/ai-inference', '@azure/ai-projects', '@azure/ai-agents'],
        csharp: ['Azure.AI.Inference', 'Azure.AI.Projects'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from azure.ai.inference import ChatCompletionsClient\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from azure.identity import DefaultAzureCredential\n' }],
      },
    },
    hosts: {
      names: [
        '*.services.ai.azure.com',
        '*.inference.ai.azure.com',
        '*.inference.ml.azure.com',
        'models.inference.ai.azure.com',
      ],
      examples: {
        positive: [{ path: 'a.yml', text: 'endpoint: https://llm.westus.inference.ml.azure.com/score\n', line: 1 }],
        nearMiss: [{ path: 'a.yml', text: 'endpoint: https://portal.azure.com\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'groq',
    name: 'Groq',
    sdk: {
      modules: {
        python: ['groq', 'langchain_groq', 'llama_index.llms.groq'],
        javascript: ['groq-sdk', '@ai-sdk/groq', '@langchain/groq'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from groq import Groq\n', line: 1 }],
        nearMiss: [{ path: 'a.ts', text: "import groq from 'groq';\n" }],
      },
    },
    hosts: {
      names: ['api.groq.com'],
      examples: {
        positive: [{ path: 'a.rs', text: 'let u = "https://api.groq.com/openai/v1";\n', line: 1 }],
        nearMiss: [{ path: 'a.rs', text: 'let u = "https://console.groq.com";\n' }],
      },
    },
    keys: {
      names: ['GROQ_API_KEY'],
      examples: {
        positive: [{ path: 'a.yaml', text: 'key: ${GROQ_API_KEY}\n', line: 1 }],
        nearMiss: [{ path: 'a.yaml', text: 'key: ${GROQ_MODEL}\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'together',
    name: 'Together AI',
    sdk: {
      modules: {
        python: ['together', 'langchain_together', 'llama_index.llms.together'],
        javascript: ['together-ai', '@ai-sdk/togetherai'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from together import Together\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from togetherness import x\n' }],
      },
    },
    hosts: {
      names: ['api.together.xyz', 'api.together.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.together.xyz/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://together.ai/blog"\n' }],
      },
    },
    keys: {
      names: ['TOGETHER_API_KEY', 'TOGETHERAI_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'k = os.environ["TOGETHER_API_KEY"]\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'k = os.environ["TOGETHER"]\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'fireworks',
    name: 'Fireworks AI',
    sdk: {
      modules: {
        python: ['fireworks.client', 'fireworks.llm', 'langchain_fireworks', 'llama_index.llms.fireworks'],
        javascript: ['@ai-sdk/fireworks'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from fireworks.client import Fireworks\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import fireworks\n' }],
      },
    },
    hosts: {
      names: ['api.fireworks.ai'],
      examples: {
        positive: [{ path: 'a.js', text: "const u = 'https://api.fireworks.ai/inference/v1'\n", line: 1 }],
        nearMiss: [{ path: 'a.js', text: "const u = 'https://fireworks.ai'\n" }],
      },
    },
    keys: {
      names: ['FIREWORKS_API_KEY'],
      examples: {
        positive: [{ path: 'a.js', text: 'process.env.FIREWORKS_API_KEY\n', line: 1 }],
        nearMiss: [{ path: 'a.js', text: 'process.env.FIREWORKS\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'replicate',
    name: 'Replicate',
    sdk: {
      modules: {
        python: ['replicate'],
        javascript: ['replicate', '@ai-sdk/replicate'],
        go: ['github.com/replicate/replicate-go'],
      },
      examples: {
        positive: [
          { path: 'a.py', text: 'import replicate\n', line: 1 },
          { path: 'a.ts', text: 'import Replicate from "replicate";\n', line: 1 },
        ],
        nearMiss: [{ path: 'a.py', text: 'from replicated import db\n' }],
      },
    },
    hosts: {
      names: ['api.replicate.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.replicate.com/v1/predictions"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://replicate.com/explore"\n' }],
      },
    },
    keys: {
      names: ['REPLICATE_API_TOKEN', 'REPLICATE_API_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'REPLICATE_API_TOKEN=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'REPLICATE_DATABASE=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'huggingface-inference',
    name: 'Hugging Face Inference',
    sdk: {
      modules: {
        javascript: ['@huggingface/inference', '@ai-sdk/huggingface'],
        python: ['langchain_huggingface.llms', 'text_generation'],
        jvm: ['dev.langchain4j.model.huggingface'],
      },
      examples: {
        positive: [{ path: 'a.ts', text: "import { InferenceClient } from '@huggingface/inference';\n", line: 1 }],
        nearMiss: [{ path: 'a.ts', text: "import { pipeline } from '@huggingface/transformers';\n" }],
      },
    },
    hosts: {
      names: ['api-inference.huggingface.co', 'router.huggingface.co', '*.endpoints.huggingface.cloud'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api-inference.huggingface.co/models/gpt2"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://huggingface.co/gpt2"\n' }],
      },
    },
  }),
  {
    id: 'service.huggingface-inference.client',
    title: 'Hugging Face inference client',
    kind: 'third_party_ai_service',
    confidence: 'high',
    files: { languages: ['python', 'notebook'] },
    match: {
      form: 'line',
      literals: ['InferenceClient', 'HuggingFaceEndpoint', 'HuggingFaceHub'],
      pattern: /\b(?:(?:Async)?InferenceClient|HuggingFaceEndpoint|HuggingFaceHub)\(/,
      unless: /^\s*(?:class|def)\b/,
    },
    needs: ['huggingface'],
    sets: { provider: 'huggingface-inference' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from huggingface_hub import InferenceClient\nclient = InferenceClient(model="x")\n',
          line: 2,
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'from azure import InferenceClient\nclient = InferenceClient()\n' },
        { path: 'a.py', text: '# huggingface\nclass InferenceClient(Base):\n    pass\n' },
      ],
    },
  },
  ...aiService({
    provider: 'openrouter',
    name: 'OpenRouter',
    sdk: {
      modules: { javascript: ['@openrouter/ai-sdk-provider', '@openrouter/sdk'], python: ['openrouter'] },
      examples: {
        positive: [
          { path: 'a.ts', text: "import { createOpenRouter } from '@openrouter/ai-sdk-provider';\n", line: 1 },
        ],
        nearMiss: [{ path: 'a.ts', text: "import { Router } from '@open/router';\n" }],
      },
    },
    hosts: {
      names: ['openrouter.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'base_url="https://openrouter.ai/api/v1",\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: '# https://openrouter.ai/api/v1\n' }],
      },
    },
    keys: {
      names: ['OPENROUTER_API_KEY', 'OPEN_ROUTER_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'api_key=os.getenv("OPENROUTER_API_KEY")\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'api_key=os.getenv("ROUTER_API_KEY")\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'nvidia-nim',
    name: 'NVIDIA NIM',
    sdk: {
      modules: { python: ['langchain_nvidia_ai_endpoints', 'llama_index.llms.nvidia'] },
      examples: {
        positive: [{ path: 'a.py', text: 'from langchain_nvidia_ai_endpoints import ChatNVIDIA\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import nvidia_smi\n' }],
      },
    },
    hosts: {
      names: ['integrate.api.nvidia.com', 'ai.api.nvidia.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://integrate.api.nvidia.com/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://developer.nvidia.com"\n' }],
      },
    },
    keys: {
      names: ['NVIDIA_API_KEY', 'NGC_API_KEY'],
      examples: {
        positive: [{ path: 'a.yaml', text: '- name: NGC_API_KEY\n', line: 1 }],
        nearMiss: [{ path: 'a.yaml', text: '- name: NVIDIA_VISIBLE_DEVICES\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'databricks',
    name: 'Databricks model serving',
    sdk: {
      modules: {
        python: ['databricks_langchain', 'langchain_databricks', 'databricks_openai', 'llama_index.llms.databricks'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from databricks_langchain import ChatDatabricks\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from databricks import sql\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'cloudflare-workers-ai',
    name: 'Cloudflare Workers AI',
    sdk: {
      modules: { javascript: ['@cloudflare/ai', 'workers-ai-provider', '@langchain/cloudflare'] },
      examples: {
        positive: [{ path: 'a.ts', text: "import { createWorkersAI } from 'workers-ai-provider';\n", line: 1 }],
        nearMiss: [{ path: 'a.ts', text: "import { x } from '@cloudflare/workers-types';\n" }],
      },
    },
    hosts: {
      names: ['gateway.ai.cloudflare.com'],
      examples: {
        positive: [{ path: 'a.ts', text: "const u = 'https://gateway.ai.cloudflare.com/v1/acc/gw/openai'\n", line: 1 }],
        nearMiss: [{ path: 'a.ts', text: "const u = 'https://api.cloudflare.com/client/v4'\n" }],
      },
    },
  }),
  ...aiService({
    provider: 'cerebras',
    name: 'Cerebras',
    sdk: {
      modules: {
        python: ['cerebras.cloud.sdk', 'langchain_cerebras', 'llama_index.llms.cerebras'],
        javascript: ['@cerebras/cerebras_cloud_sdk', '@ai-sdk/cerebras'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from cerebras.cloud.sdk import Cerebras\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import cerebro\n' }],
      },
    },
    hosts: {
      names: ['api.cerebras.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.cerebras.ai/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://cerebras.ai"\n' }],
      },
    },
    keys: {
      names: ['CEREBRAS_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'os.environ["CEREBRAS_API_KEY"]\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'os.environ["CEREBRAS"]\n' }],
      },
    },
  }),
] as const;
