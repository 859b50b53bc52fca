import { aiService } from './service.ts';

/** Companies that train models and serve them under their own name. */
export const LAB_SERVICES = [
  ...aiService({
    provider: 'openai',
    name: 'OpenAI',
    sdk: {
      modules: {
        python: [
          'openai',
          'langchain_openai',
          'llama_index.llms.openai',
          'llama_index.embeddings.openai',
          'autogen_ext.models.openai',
          'haystack.components.generators.openai',
          'haystack.components.embedders.openai',
        ],
        javascript: ['openai', '@ai-sdk/openai', '@langchain/openai', '@llamaindex/openai'],
        go: [
          'github.com/openai/openai-go',
          'github.com/sashabaranov/go-openai',
          'github.com/tmc/langchaingo/llms/openai',
        ],
        jvm: [
          'com.openai',
          'com.theokanning.openai',
          'com.aallam.openai',
          'dev.langchain4j.model.openai',
          'org.springframework.ai.openai',
        ],
        rust: ['async_openai', 'openai_api_rs', 'rig::providers::openai'],
        csharp: ['OpenAI'],
        ruby: ['openai'],
        php: ['OpenAI'],
      },
      // One module serves OpenAI and Azure: an import of the Azure client alone is not OpenAI.
      unless: /import\s*(?:type\s*)?[({]?\s*(?:Async)?Azure[^,]*$/,
      examples: {
        positive: [
          {
            path: 'app/llm.py',
            text: 'import os\nfrom openai import OpenAI, AsyncOpenAI\n',
            line: 2,
            captures: { provider: 'openai' },
          },
          { path: 'app/llm.py', text: 'import openai\n', line: 1 },
          { path: 'src/llm.ts', text: "import OpenAI from 'openai';\n", line: 1 },
          { path: 'src/llm.ts', text: "import {\n  generateText,\n} from '@ai-sdk/openai';\n", line: 3 },
          { path: 'src/llm.js', text: "const { OpenAI } = require('openai');\n", line: 1 },
          { path: 'main.go', text: 'import (\n\t"fmt"\n\topenai "github.com/sashabaranov/go-openai"\n)\n', line: 3 },
          { path: 'src/A.java', text: 'import com.openai.client.OpenAIClient;\n', line: 1 },
          { path: 'src/A.kt', text: 'import com.aallam.openai.client.OpenAI\n', line: 1 },
          {
            path: 'src/main.rs',
            text: 'use async_openai::{Client, types::CreateChatCompletionRequestArgs};\n',
            line: 1,
          },
          { path: 'A.cs', text: 'using OpenAI.Chat;\n', line: 1 },
        ],
        nearMiss: [
          { path: 'app/llm.py', text: 'from openai_harmony import load_harmony_encoding\n' },
          { path: 'app/llm.py', text: '# from openai import OpenAI\n' },
          {
            path: 'app/llm.py',
            text: 'def f():\n    """Use it like this:\n\n    from openai import OpenAI\n    """\n',
          },
          { path: 'app/llm.py', text: 'from openai import AzureOpenAI\n' },
          { path: 'README.md', text: 'from openai import OpenAI\n' },
          { path: 'src/llm.ts', text: "// import OpenAI from 'openai';\n" },
          { path: 'src/llm.ts', text: "const sample = `\nimport OpenAI from 'openai';\n`;\n" },
          { path: 'main.go', text: '// "github.com/sashabaranov/go-openai"\n' },
        ],
      },
    },
    hosts: {
      names: ['api.openai.com', 'eu.api.openai.com', 'us.api.openai.com'],
      examples: {
        positive: [
          {
            path: 'src/call.go',
            text: 'const url = "https://api.openai.com/v1/chat/completions"\n',
            line: 1,
            captures: { host: 'api.openai.com' },
          },
          { path: 'deploy/values.yaml', text: 'llm:\n  baseUrl: https://api.openai.com/v1\n', line: 2 },
        ],
        nearMiss: [
          { path: 'src/call.go', text: '// see https://api.openai.com/v1/chat/completions\n' },
          { path: 'src/call.go', text: 'const url = "https://api.openai.com.example.org/v1"\n' },
          { path: 'docs/guide.md', text: 'Requests go to https://api.openai.com/v1.\n' },
          { path: 'values.yaml', text: '# baseUrl: https://api.openai.com/v1\n' },
        ],
      },
    },
    keys: {
      names: ['OPENAI_API_KEY', 'OPENAI_KEY', 'OPENAI_ADMIN_KEY'],
      examples: {
        positive: [
          { path: '.env.example', text: 'OPENAI_API_KEY=\n', line: 1, captures: { keyName: 'OPENAI_API_KEY' } },
          { path: 'src/a.ts', text: 'const key = process.env.OPENAI_API_KEY;\n', line: 1 },
          {
            path: 'app.yaml',
            text: 'env:\n  - name: STAGING_OPENAI_API_KEY\n',
            line: 2,
            captures: { keyName: 'STAGING_OPENAI_API_KEY' },
          },
        ],
        nearMiss: [
          { path: 'README.md', text: 'Set OPENAI_API_KEY first.\n' },
          { path: 'src/a.ts', text: 'const AZURE_OPENAI_API_KEYRING = 1;\n' },
        ],
      },
    },
  }),
  ...aiService({
    provider: 'anthropic',
    name: 'Anthropic',
    sdk: {
      modules: {
        python: [
          'anthropic',
          'langchain_anthropic',
          'llama_index.llms.anthropic',
          'claude_agent_sdk',
          'claude_code_sdk',
        ],
        javascript: [
          '@anthropic-ai/sdk',
          '@anthropic-ai/claude-agent-sdk',
          '@anthropic-ai/claude-code',
          '@ai-sdk/anthropic',
          '@langchain/anthropic',
        ],
        go: ['github.com/anthropics/anthropic-sdk-go', 'github.com/tmc/langchaingo/llms/anthropic'],
        jvm: ['com.anthropic', 'dev.langchain4j.model.anthropic', 'org.springframework.ai.anthropic'],
        rust: ['anthropic_sdk', 'rig::providers::anthropic'],
        csharp: ['Anthropic'],
        ruby: ['anthropic'],
      },
      unless: /import\s*(?:type\s*)?[({]?\s*(?:Async)?Anthropic(?:Bedrock|Vertex|Foundry)[^,]*$/,
      examples: {
        positive: [
          {
            path: 'app/llm.py',
            text: 'from anthropic import Anthropic\n',
            line: 1,
            captures: { provider: 'anthropic' },
          },
          { path: 'src/llm.ts', text: 'import Anthropic from "@anthropic-ai/sdk";\n', line: 1 },
          { path: 'main.go', text: 'import "github.com/anthropics/anthropic-sdk-go/option"\n', line: 1 },
        ],
        nearMiss: [
          { path: 'app/llm.py', text: 'from anthropic_tools import x\n' },
          { path: 'app/llm.py', text: 'from anthropic import AnthropicBedrock\n' },
          { path: 'src/llm.ts', text: 'const note = "import Anthropic from \'@anthropic-ai/sdk\'";\n' },
        ],
      },
    },
    hosts: {
      names: ['api.anthropic.com'],
      examples: {
        positive: [{ path: 'src/a.js', text: "fetch('https://api.anthropic.com/v1/messages')\n", line: 1 }],
        nearMiss: [{ path: 'src/a.js', text: "fetch('https://docs.anthropic.com/en/api')\n" }],
      },
    },
    keys: {
      names: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_API_KEY'],
      examples: {
        positive: [
          { path: 'compose.yml', text: 'services:\n  a:\n    environment:\n      - ANTHROPIC_API_KEY\n', line: 4 },
        ],
        nearMiss: [{ path: 'a.py', text: '# ANTHROPIC_API_KEY must be set\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'google-gemini',
    name: 'Google Gemini API',
    sdk: {
      modules: {
        python: [
          'google.generativeai',
          'google.genai',
          'langchain_google_genai',
          'llama_index.llms.gemini',
          'llama_index.llms.google_genai',
        ],
        javascript: ['@google/generative-ai', '@google/genai', '@ai-sdk/google', '@langchain/google-genai'],
        go: ['google.golang.org/genai', 'github.com/google/generative-ai-go'],
        jvm: ['com.google.genai', 'dev.langchain4j.model.googleai'],
        csharp: ['Google.GenAI'],
      },
      examples: {
        positive: [
          { path: 'a.py', text: 'import google.generativeai as genai\n', line: 1 },
          { path: 'a.ts', text: "import { GoogleGenAI } from '@google/genai';\n", line: 1 },
        ],
        nearMiss: [
          { path: 'a.py', text: 'from google.cloud import storage\n' },
          { path: 'a.ts', text: "import { x } from '@google/genai-tools';\n" },
        ],
      },
    },
    hosts: {
      names: ['generativelanguage.googleapis.com'],
      examples: {
        positive: [
          { path: 'a.go', text: 'url := "https://generativelanguage.googleapis.com/v1beta/models"\n', line: 1 },
        ],
        nearMiss: [{ path: 'a.go', text: 'url := "https://language.googleapis.com/v1/documents"\n' }],
      },
    },
    keys: {
      names: ['GEMINI_API_KEY', 'GOOGLE_GENAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
      examples: {
        positive: [
          {
            path: 'a.py',
            text: 'key = os.environ["GEMINI_API_KEY"]\n',
            line: 1,
            captures: { keyName: 'GEMINI_API_KEY' },
          },
        ],
        nearMiss: [{ path: 'a.py', text: 'key = os.environ["GOOGLE_MAPS_API_KEY"]\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'mistral',
    name: 'Mistral AI',
    sdk: {
      modules: {
        python: ['mistralai', 'langchain_mistralai', 'llama_index.llms.mistralai'],
        javascript: ['@mistralai/mistralai', '@ai-sdk/mistral', '@langchain/mistralai'],
        jvm: ['dev.langchain4j.model.mistralai', 'org.springframework.ai.mistralai'],
      },
      examples: {
        positive: [
          { path: 'a.py', text: 'from mistralai import Mistral\n', line: 1 },
          { path: 'a.ts', text: "import { Mistral } from '@mistralai/mistralai'\n", line: 1 },
        ],
        nearMiss: [{ path: 'a.py', text: 'from mistral_common.tokens.tokenizers.mistral import MistralTokenizer\n' }],
      },
    },
    hosts: {
      names: ['api.mistral.ai', 'codestral.mistral.ai'],
      examples: {
        positive: [{ path: 'a.toml', text: 'url = "https://api.mistral.ai/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.toml', text: 'url = "https://docs.mistral.ai/"\n' }],
      },
    },
    keys: {
      names: ['MISTRAL_API_KEY', 'CODESTRAL_API_KEY'],
      examples: {
        positive: [{ path: '.env.sample', text: 'MISTRAL_API_KEY=changeme\n', line: 1 }],
        nearMiss: [{ path: '.env.sample', text: '# MISTRAL_API_KEY\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'cohere',
    name: 'Cohere',
    sdk: {
      modules: {
        python: ['cohere', 'langchain_cohere', 'llama_index.llms.cohere', 'llama_index.postprocessor.cohere_rerank'],
        javascript: ['cohere-ai', '@ai-sdk/cohere', '@langchain/cohere'],
        go: ['github.com/cohere-ai/cohere-go'],
        jvm: ['com.cohere.api', 'dev.langchain4j.model.cohere'],
      },
      examples: {
        positive: [
          { path: 'a.py', text: 'import cohere\n', line: 1 },
          { path: 'a.ts', text: "import { CohereClient } from 'cohere-ai';\n", line: 1 },
        ],
        nearMiss: [{ path: 'a.py', text: 'from coherence import x\n' }],
      },
    },
    hosts: {
      names: ['api.cohere.ai', 'api.cohere.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'URL = "https://api.cohere.com/v2/chat"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'URL = "https://dashboard.cohere.com/"\n' }],
      },
    },
    keys: {
      names: ['COHERE_API_KEY', 'CO_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'os.getenv("COHERE_API_KEY")\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'os.getenv("DISCO_API_KEYS")\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'deepseek',
    name: 'DeepSeek',
    sdk: {
      modules: {
        python: ['langchain_deepseek', 'llama_index.llms.deepseek'],
        javascript: ['@ai-sdk/deepseek', '@langchain/deepseek'],
      },
      examples: {
        positive: [{ path: 'a.ts', text: "import { deepseek } from '@ai-sdk/deepseek';\n", line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from deepspeed import init_inference\n' }],
      },
    },
    hosts: {
      names: ['api.deepseek.com'],
      examples: {
        positive: [
          {
            path: 'a.py',
            text: 'client = OpenAI(api_key=key, base_url="https://api.deepseek.com")\n',
            line: 1,
            captures: { host: 'api.deepseek.com' },
          },
        ],
        nearMiss: [{ path: 'a.py', text: 'docs = "https://platform.deepseek.com"\n' }],
      },
    },
    keys: {
      names: ['DEEPSEEK_API_KEY'],
      examples: {
        positive: [{ path: 'a.sh', text: 'export DEEPSEEK_API_KEY\n', line: 1 }],
        nearMiss: [{ path: 'a.md', text: 'export DEEPSEEK_API_KEY\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'xai',
    name: 'xAI',
    sdk: {
      modules: { python: ['xai_sdk', 'langchain_xai'], javascript: ['@ai-sdk/xai', '@langchain/xai'] },
      examples: {
        positive: [{ path: 'a.py', text: 'from xai_sdk import Client\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import xai\n' }],
      },
    },
    hosts: {
      names: ['api.x.ai'],
      examples: {
        positive: [{ path: 'a.ts', text: "const url = 'https://api.x.ai/v1';\n", line: 1 }],
        nearMiss: [{ path: 'a.ts', text: "const url = 'https://fapi.x.ai.example/v1';\n" }],
      },
    },
    keys: {
      names: ['XAI_API_KEY', 'GROK_API_KEY'],
      examples: {
        positive: [{ path: 'a.tf', text: 'name = "XAI_API_KEY"\n', line: 1 }],
        nearMiss: [{ path: 'a.tf', text: 'name = "XXAI_API_KEYS"\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'ai21',
    name: 'AI21 Labs',
    sdk: {
      modules: { python: ['ai21', 'langchain_ai21'] },
      examples: {
        positive: [{ path: 'a.py', text: 'from ai21 import AI21Client\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from ai2thor import controller\n' }],
      },
    },
    hosts: {
      names: ['api.ai21.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.ai21.com/studio/v1"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://www.ai21.com"\n' }],
      },
    },
    keys: {
      names: ['AI21_API_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'AI21_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'MAI21_API_KEYX=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'perplexity',
    name: 'Perplexity',
    sdk: {
      modules: {
        python: ['perplexity', 'langchain_perplexity'],
        javascript: ['@perplexity-ai/perplexity_ai', '@ai-sdk/perplexity'],
      },
      examples: {
        positive: [{ path: 'a.ts', text: "import { perplexity } from '@ai-sdk/perplexity';\n", line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'perplexity = torch.exp(loss)\n' }],
      },
    },
    hosts: {
      names: ['api.perplexity.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'BASE = "https://api.perplexity.ai"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'BASE = "https://www.perplexity.ai"\n' }],
      },
    },
    keys: {
      names: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'k = os.environ["PPLX_API_KEY"]\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'k = os.environ["PPLX_MODEL"]\n' }],
      },
    },
  }),
] as const;
