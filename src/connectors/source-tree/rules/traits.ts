import type { DetectionRule } from '../rule.ts';
import { CODE_AND_CONFIG } from './patterns.ts';

/** Signs that say something of the file, or of a client in it, rather than being an asset. */
export const TRAITS = [
  {
    id: 'model.local.load',
    title: 'Loads a model from a file',
    kind: 'trait',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'load_model(',
        'InferenceSession(',
        'load_from_checkpoint(',
        'jit.load(',
        'load_state_dict(',
        'Booster(',
        'from_pretrained(',
        'torch.load(',
        'joblib.load(',
        'pickle.load(',
        'loadLayersModel(',
        'loadGraphModel(',
      ],
      pattern:
        /\b(?:load_model|InferenceSession|load_from_checkpoint|torch\.jit\.load|load_state_dict|Booster|from_pretrained|torch\.load|joblib\.load|pickle\.load|loadLayersModel|loadGraphModel)\(/,
    },
    sets: { trait: 'loads-model' },
    examples: {
      positive: [{ path: 'a.py', text: 'model = joblib.load(PATH)\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: '# model = joblib.load(PATH)\n' }],
    },
  },
  {
    id: 'service.compatible.address',
    title: 'Client pointed at another server',
    kind: 'trait',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['base_url', 'baseURL', 'api_base', 'apiBase'],
      pattern:
        /\b(?:base_url|baseURL|openai_api_base|api_base|apiBase)\b["']?\s*[=:]\s*f?["'`]https?:\/\/(?!api\.openai\.com)[\w.{$-]/,
    },
    sets: { trait: 'points-elsewhere' },
    examples: {
      positive: [{ path: 'a.py', text: 'c = OpenAI(base_url="http://localhost:8000/v1", api_key="none")\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'c = OpenAI(base_url="https://api.openai.com/v1")\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
