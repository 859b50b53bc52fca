import { aiService } from './service.ts';

/** Speech, image, video, embedding and search services. */
export const MEDIA_SERVICES = [
  ...aiService({
    provider: 'elevenlabs',
    name: 'ElevenLabs',
    sdk: {
      modules: {
        python: ['elevenlabs'],
        javascript: ['elevenlabs', '@elevenlabs/elevenlabs-js', '@elevenlabs/client', '@ai-sdk/elevenlabs'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from elevenlabs.client import ElevenLabs\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import eleventy\n' }],
      },
    },
    hosts: {
      names: ['api.elevenlabs.io'],
      examples: {
        positive: [{ path: 'a.js', text: "fetch('https://api.elevenlabs.io/v1/text-to-speech')\n", line: 1 }],
        nearMiss: [{ path: 'a.js', text: "fetch('https://elevenlabs.io')\n" }],
      },
    },
    keys: {
      names: ['ELEVENLABS_API_KEY', 'ELEVEN_API_KEY', 'XI_API_KEY'],
      examples: {
        positive: [{ path: 'a.js', text: 'process.env.ELEVENLABS_API_KEY\n', line: 1 }],
        nearMiss: [{ path: 'a.js', text: 'process.env.ELEVENLABS_VOICE\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'deepgram',
    name: 'Deepgram',
    sdk: {
      modules: {
        python: ['deepgram'],
        javascript: ['@deepgram/sdk', '@ai-sdk/deepgram'],
        go: ['github.com/deepgram/deepgram-go-sdk'],
      },
      examples: {
        positive: [{ path: 'a.ts', text: "import { createClient } from '@deepgram/sdk';\n", line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import deepgraph\n' }],
      },
    },
    hosts: {
      names: ['api.deepgram.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "wss://api.deepgram.com/v1/listen"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://developers.deepgram.com"\n' }],
      },
    },
    keys: {
      names: ['DEEPGRAM_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'os.environ["DEEPGRAM_API_KEY"]\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'os.environ["DEEPGRAM_URL"]\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'assemblyai',
    name: 'AssemblyAI',
    sdk: {
      modules: { python: ['assemblyai'], javascript: ['assemblyai', '@ai-sdk/assemblyai'] },
      examples: {
        positive: [{ path: 'a.py', text: 'import assemblyai as aai\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import assembly\n' }],
      },
    },
    hosts: {
      names: ['api.assemblyai.com', 'streaming.assemblyai.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.assemblyai.com/v2/transcript"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://www.assemblyai.com"\n' }],
      },
    },
    keys: {
      names: ['ASSEMBLYAI_API_KEY', 'ASSEMBLY_AI_API_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'ASSEMBLYAI_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'ASSEMBLY_NAME=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'stability',
    name: 'Stability AI',
    sdk: {
      modules: { python: ['stability_sdk'] },
      examples: {
        positive: [{ path: 'a.py', text: 'from stability_sdk import client\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'from stability import test\n' }],
      },
    },
    hosts: {
      names: ['api.stability.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.stability.ai/v2beta/stable-image"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://stability.ai"\n' }],
      },
    },
    keys: {
      names: ['STABILITY_API_KEY', 'STABILITY_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'STABILITY_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'STABILITY_WINDOW=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'voyage',
    name: 'Voyage AI',
    sdk: {
      modules: {
        python: ['voyageai', 'langchain_voyageai', 'llama_index.embeddings.voyageai'],
        javascript: ['voyageai', 'voyage-ai-provider'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'import voyageai\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import voyager\n' }],
      },
    },
    hosts: {
      names: ['api.voyageai.com'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.voyageai.com/v1/embeddings"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://docs.voyageai.com"\n' }],
      },
    },
    keys: {
      names: ['VOYAGE_API_KEY'],
      examples: {
        positive: [{ path: 'a.py', text: 'os.environ["VOYAGE_API_KEY"]\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'os.environ["VOYAGER_API_KEY"]\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'jina',
    name: 'Jina AI',
    sdk: {
      modules: {
        python: ['llama_index.embeddings.jinaai', 'langchain_community.embeddings.jina'],
        jvm: ['dev.langchain4j.model.jina'],
      },
      examples: {
        positive: [{ path: 'a.py', text: 'from llama_index.embeddings.jinaai import JinaEmbedding\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import jinja2\n' }],
      },
    },
    hosts: {
      names: ['api.jina.ai', 'r.jina.ai', 's.jina.ai'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://api.jina.ai/v1/embeddings"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://jina.ai"\n' }],
      },
    },
    keys: {
      names: ['JINA_API_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'JINA_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'JINJA_API_KEY=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'tavily',
    name: 'Tavily',
    sdk: {
      modules: { python: ['tavily', 'langchain_tavily'], javascript: ['@tavily/core', '@langchain/tavily'] },
      examples: {
        positive: [{ path: 'a.py', text: 'from tavily import TavilyClient\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import tavil\n' }],
      },
    },
    hosts: {
      names: ['api.tavily.com'],
      examples: {
        positive: [{ path: 'a.js', text: "post('https://api.tavily.com/search')\n", line: 1 }],
        nearMiss: [{ path: 'a.js', text: "post('https://tavily.com')\n" }],
      },
    },
    keys: {
      names: ['TAVILY_API_KEY'],
      examples: {
        positive: [{ path: 'a.env', text: 'TAVILY_API_KEY=\n', line: 1 }],
        nearMiss: [{ path: 'a.env', text: 'TAVERN_API_KEY=\n' }],
      },
    },
  }),
  ...aiService({
    provider: 'fal',
    name: 'fal',
    sdk: {
      modules: { python: ['fal_client'], javascript: ['@fal-ai/client', '@fal-ai/serverless-client', '@ai-sdk/fal'] },
      examples: {
        positive: [{ path: 'a.ts', text: 'import { fal } from "@fal-ai/client";\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'import falcon\n' }],
      },
    },
    hosts: {
      names: ['fal.run', 'queue.fal.run'],
      examples: {
        positive: [{ path: 'a.py', text: 'u = "https://queue.fal.run/fal-ai/flux"\n', line: 1 }],
        nearMiss: [{ path: 'a.py', text: 'u = "https://fal.ai"\n' }],
      },
    },
  }),
] as const;
