import type { DetectionRule } from '../rule.ts';
import { PYTHON, SHELL_AND_CONFIG } from './patterns.ts';

/** What measures a model or a prompt before it goes out. */
export const EVALS = [
  {
    id: 'eval.promptfoo.config',
    title: 'promptfoo configuration',
    kind: 'eval_suite',
    confidence: 'high',
    files: { name: /^promptfooconfig[\w.-]{0,40}\.(?:ya?ml|json|js|ts)$/i },
    match: { form: 'structure', reader: 'eval-config' },
    sets: { framework: 'promptfoo' },
    examples: {
      positive: [
        {
          path: 'promptfooconfig.yaml',
          text: 'prompts: [a]\ntests:\n  - assert:\n      - type: llm-rubric\n        threshold: 0.8\n',
          line: 1,
        },
      ],
      nearMiss: [{ path: 'promptfoo.yaml', text: 'a: 1\n' }],
    },
  },
  {
    id: 'eval.python.framework',
    title: 'Evaluation framework',
    kind: 'eval_suite',
    confidence: 'high',
    files: {},
    match: {
      form: 'import',
      modules: {
        python: [
          'deepeval',
          'ragas',
          'inspect_ai',
          'lm_eval',
          'lighteval',
          'trulens',
          'trulens_eval',
          'giskard',
          'evals',
          'autoevals',
          'braintrust',
          'langsmith.evaluation',
          'langchain.evaluation',
          'phoenix.evals',
          'opik.evaluation',
          'helm.benchmark',
          'mteb',
          'bigcode_eval',
          'evidently',
          'azure.ai.evaluation',
          'continuous_eval',
          'uptrain',
          'pydantic_evals',
          'garak',
          'pyrit',
          'openevals',
          'agentevals',
          'weave',
        ],
        javascript: [
          'promptfoo',
          'autoevals',
          'braintrust',
          'evalite',
          'langsmith/evaluation',
          'openevals',
          '@mastra/evals',
        ],
        jvm: ['org.springframework.ai.evaluation', 'org.springframework.ai.chat.evaluation', 'dev.dokimos'],
        csharp: ['Microsoft.Extensions.AI.Evaluation'],
      },
    },
    sets: { framework: 'module', through: 'import' },
    examples: {
      positive: [
        {
          path: 'tests/test_rag.py',
          text: 'from deepeval import assert_test\n',
          line: 1,
          captures: { module: 'deepeval' },
        },
        {
          path: 'evals/a.ts',
          text: "import { Eval } from 'braintrust';\n",
          line: 1,
          captures: { module: 'braintrust' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'from evaluator import x\n' }],
    },
  },
  {
    id: 'eval.huggingface.metric',
    title: 'Metric of the evaluate library',
    kind: 'eval_suite',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['evaluate.load(', 'evaluate.evaluator('],
      pattern: /(?<![\w.])(?<through>evaluate\.(?:load|evaluator))\(\s*["'](?<name>[\w/-]{1,60})["']/,
    },
    sets: { framework: 'evaluate' },
    examples: {
      positive: [{ path: 'a.py', text: 'm = evaluate.load("accuracy")\n', line: 1, captures: { name: 'accuracy' } }],
      nearMiss: [{ path: 'a.py', text: 'm = self.evaluate.load("accuracy")\n' }],
    },
  },
  {
    id: 'eval.mlflow.evaluate',
    title: 'Evaluation with MLflow',
    kind: 'eval_suite',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.evaluate('],
      pattern: /(?<![\w.])(?<through>mlflow\.(?:genai\.|models\.)?evaluate)\(/,
    },
    sets: { framework: 'mlflow' },
    examples: {
      positive: [{ path: 'a.py', text: 'r = mlflow.evaluate(model, data, model_type="text")\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'r = model.evaluate(x)\n' }],
    },
  },
  {
    id: 'eval.client.run',
    title: 'Evaluation run at a service',
    kind: 'eval_suite',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript'] },
    match: {
      form: 'line',
      literals: [
        'evals.create(',
        'evals.runs.create(',
        'client.evaluate(',
        'EvalTask(',
        'run_experiment(',
        'create_evaluation_job(',
        'runExperiment(',
      ],
      pattern:
        /(?<!\w)(?<through>evals\.(?:runs\.)?create|(?:client|ls_client|langsmith\w{0,10})\.a?evaluate|EvalTask|run_experiment|runExperiment|create_evaluation_job)\(/,
    },
    needs: ['openai', 'langsmith', 'vertexai', 'phoenix', 'langfuse', 'bedrock', 'braintrust'],
    sets: { framework: 'service' },
    examples: {
      positive: [{ path: 'a.py', text: 'from langsmith import Client\nclient.evaluate(target, data="ds")\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'client.evaluate(target)\n' }],
    },
  },
  {
    id: 'eval.command.run',
    title: 'Evaluation started by a command',
    kind: 'eval_suite',
    confidence: 'high',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'promptfoo',
        'lm_eval',
        'lm-eval',
        'inspect eval',
        'deepeval',
        'helm-run',
        'oaieval',
        'garak',
        'lighteval',
        'braintrust eval',
      ],
      pattern:
        /(?:^|[\s"'&;|/])(?<through>promptfoo(?:@\w{1,20})?\s+(?:eval|redteam)|lm[_-]eval\s+(?:--|run)|inspect\s+eval|deepeval\s+test|helm-run\s|oaieval\s|garak\s+--|-m\s+garak|lighteval\s+(?:accelerate|vllm|endpoint|--)|braintrust\s+eval)/,
      standing: 'strings',
    },
    sets: { framework: 'command' },
    examples: {
      positive: [
        { path: '.github/workflows/eval.yml', text: '      - run: npx promptfoo@latest eval -c c.yaml\n', line: 1 },
        { path: 'run.sh', text: 'lm_eval --model hf --tasks mmlu\n', line: 1 },
      ],
      nearMiss: [{ path: 'run.sh', text: 'pip install lm_eval\n' }],
    },
  },
  {
    id: 'eval.openai-evals.registry',
    title: 'Entry of an evaluation registry',
    kind: 'eval_suite',
    confidence: 'medium',
    files: { languages: ['yaml'], path: /(?:^|\/)(?:evals?|evaluations?|benchmarks?)\// },
    match: {
      form: 'line',
      literals: ['evals.', 'class:', 'task:', 'metric_list', 'scorer', 'threshold', 'assert'],
      pattern:
        /^\s*(?:class:\s*(?<through>evals\.[\w.:]{1,80})|(?<through2>metric_list|scorers?|dataset_path|assertions?)\s*:)/,
    },
    sets: { framework: 'registry' },
    examples: {
      positive: [
        { path: 'evals/registry/a.yaml', text: 'a.dev.v0:\n  class: evals.elsuite.basic.match:Match\n', line: 2 },
      ],
      nearMiss: [{ path: 'config/a.yaml', text: 'class: evals.elsuite.basic.match:Match\n' }],
    },
  },
  {
    id: 'eval.folder.code',
    title: 'Evaluation code by its folder or name',
    kind: 'eval_suite',
    confidence: 'low',
    files: {
      languages: ['python', 'notebook', 'javascript'],
      path: /(?:^|\/)(?:evals?|evaluation)\/[^/]+\.(?:py|ts|js|ipynb)$|(?:^|\/)(?:eval_\w{1,40}|\w{1,40}_evals?|run_evals?)\.py$|\.eval\.ts$/,
    },
    match: {
      form: 'line',
      literals: ['accuracy', 'score', 'expected', 'judge', 'metric'],
      pattern: /\b(?<through>accuracy|f1_score|exact_match|llm_judge|judge|score)\w{0,20}\s*(?:=|\()/i,
    },
    needs: ['openai', 'anthropic', 'langchain', 'transformers', 'llm', 'model'],
    sets: { framework: 'own' },
    examples: {
      positive: [{ path: 'evals/run.py', text: 'import openai\naccuracy = hits / total\n', line: 2 }],
      nearMiss: [{ path: 'src/run.py', text: 'import openai\naccuracy = hits / total\n' }],
    },
  },
  {
    id: 'eval.threshold',
    title: 'States a threshold',
    kind: 'trait',
    confidence: 'medium',
    files: { languages: [...PYTHON, 'javascript', 'yaml', 'json', 'toml'] },
    match: {
      form: 'line',
      literals: ['threshold', 'min_score', 'minScore', 'assert ', 'toBeGreaterThan'],
      pattern:
        /\b\w{0,20}(?:threshold|min_score|minScore)["']?\s*[:=]\s*[\d.]|\bassert\s+[\w.[\]"']{1,80}\s*>=?\s*0?\.\d|toBeGreaterThan(?:OrEqual)?\(\s*0?\.\d/,
    },
    sets: { trait: 'threshold' },
    examples: {
      positive: [
        { path: 'a.yaml', text: 'threshold: 0.8\n', line: 1 },
        { path: 'a.py', text: 'assert score >= 0.9\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'assert count > 3\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
