import * as z from 'zod';
import { defineFact, Known, Place } from './fact.ts';

/** What a scan read, and what it left out. Every other fact of the tree stands or falls with `complete`. */
export const repository = defineFact(
  'repository',
  'Repository',
  z.object({
    name: z.string(),
    /** Without credentials; null where the tree is no git clone or has no remote. */
    remote: z.string().nullable(),
    commit: z.string().nullable(),
    branch: z.string().nullable(),
    /** `unknown` where the tree is no git clone. */
    underVersionControl: Known,
    filesRead: z.number().int(),
    bytesRead: z.number().int(),
    filesSkipped: z.number().int(),
    /** False when a limit was reached or a part could not be read: an absence found then proves nothing. */
    complete: z.boolean(),
    incompleteBecause: z.array(z.string()),
    languages: z.array(z.string()),
    hasTests: z.boolean(),
    licence: z.string().nullable(),
  }),
);

/** How a hub or service reference names its version. `commit` is a full hash; `floating` is a branch, an alias or nothing at all. */
export const Pin = z.enum(['commit', 'tag', 'snapshot', 'floating']);
export type Pin = z.infer<typeof Pin>;

export const ModelFormat = z.enum([
  'safetensors',
  'gguf',
  'onnx',
  'pytorch-pickle',
  'pickle',
  'joblib',
  'keras',
  'hdf5',
  'tensorflow-savedmodel',
  'tflite',
  'coreml',
  'numpy',
  'tensorrt',
  'openvino',
  'paddle',
  'xgboost',
  'lightgbm',
  'catboost',
  'mlx',
  'flax',
  'pmml',
  'archive',
  'unknown',
]);

/** A file of weights, or the pointer that stands for one. */
export const modelFile = defineFact(
  'model-file',
  'Model file',
  z.object({
    place: Place,
    format: ModelFormat,
    sizeBytes: z.number().int(),
    /** Null where the file was too large to hash within the limits, or is a pointer without a hash. */
    sha256: z.string().nullable(),
    storedAs: z.enum(['file', 'lfs-pointer', 'dvc-pointer']),
    /** True where loading the format can run code. */
    canRunCode: z.boolean(),
    /** Imports named in the pickle stream that are outside the known-harmless list, e.g. `os.system`. */
    suspiciousImports: z.array(z.string()),
    /** From the file's own header, e.g. `architecture: llama`. Untrusted text. */
    header: z.record(z.string(), z.string()),
  }),
);

/** A model pulled by name from a hub or registry. */
export const modelReference = defineFact(
  'model-reference',
  'Model reference',
  z.object({
    place: Place,
    hub: z.string(),
    modelId: z.string(),
    revision: z.string().nullable(),
    pin: Pin,
    trustsRemoteCode: Known,
    /** The call or setting that names it, e.g. `AutoModel.from_pretrained`. */
    through: z.string(),
  }),
);

export const datasetReference = defineFact(
  'dataset-reference',
  'Dataset reference',
  z.object({
    place: Place,
    origin: z.enum(['hub', 'bucket', 'url', 'dvc', 'lfs', 'database', 'library']),
    /** Hub id, or address without credentials and without query. */
    datasetId: z.string(),
    revision: z.string().nullable(),
    pin: Pin,
    /** Licence stated beside it (dataset card, metadata); null where none is stated. */
    licence: z.string().nullable(),
    through: z.string(),
  }),
);

export const datasetFile = defineFact(
  'dataset-file',
  'Dataset file',
  z.object({
    place: Place,
    format: z.string(),
    sizeBytes: z.number().int(),
    sha256: z.string().nullable(),
    storedAs: z.enum(['file', 'lfs-pointer', 'dvc-pointer']),
    licence: z.string().nullable(),
  }),
);

export const trainingPipeline = defineFact(
  'training-pipeline',
  'Training pipeline',
  z.object({ place: Place, framework: z.string(), through: z.string(), setsSeed: Known, logsRun: Known }),
);

export const prompt = defineFact(
  'prompt',
  'Prompt',
  z.object({
    place: Place,
    form: z.enum(['file', 'inline', 'template', 'remote']),
    /** SHA-256 of the prompt's text where it could be read. The text itself is never stored. */
    sha256: z.string().nullable(),
    underVersionControl: Known,
    through: z.string(),
  }),
);

export const inferenceEndpoint = defineFact(
  'inference-endpoint',
  'Inference endpoint',
  z.object({
    place: Place,
    framework: z.string(),
    route: z.string().nullable(),
    authenticated: Known,
    through: z.string(),
  }),
);

export const agent = defineFact(
  'agent',
  'Agent',
  z.object({ place: Place, framework: z.string(), name: z.string().nullable(), through: z.string() }),
);

export const agentTool = defineFact(
  'agent-tool',
  'Agent tool',
  z.object({
    place: Place,
    framework: z.string(),
    name: z.string().nullable(),
    /** `shell`, `filesystem`, `network`, `database`, `code`, `payment`, `email` or `other`. */
    reach: z.string(),
    asksApproval: Known,
    through: z.string(),
  }),
);

export const evalSuite = defineFact(
  'eval-suite',
  'Evaluation suite',
  z.object({ place: Place, framework: z.string(), thresholds: Known, through: z.string() }),
);

export const retrievalIndex = defineFact(
  'retrieval-index',
  'Retrieval index',
  z.object({ place: Place, store: z.string(), name: z.string().nullable(), through: z.string() }),
);

export const guardrail = defineFact(
  'guardrail',
  'Prompt or output filter',
  z.object({ place: Place, framework: z.string(), through: z.string() }),
);

/** Use of an outside AI service. One fact a provider and file. */
export const aiService = defineFact(
  'ai-service',
  'Third-party AI service',
  z.object({
    place: Place,
    /** Slug, e.g. `openai`, `anthropic`, `aws-bedrock`. */
    provider: z.string(),
    host: z.string().nullable(),
    through: z.string(),
    models: z.array(z.object({ modelId: z.string(), pin: Pin, line: z.number().int() })),
    /** Names of environment variables that hold its keys. Never a value. */
    keyNames: z.array(z.string()),
  }),
);

/** A secret found in the tree. The value is never stored: only where it is, what it looks like, and its masked ends. */
export const secret = defineFact(
  'secret',
  'Secret in the tree',
  z.object({
    place: Place,
    detector: z.string(),
    masked: z.string(),
    inside: z.enum(['file', 'notebook-output', 'notebook-source']),
    likelyPlaceholder: z.boolean(),
  }),
);

export const notebook = defineFact(
  'notebook',
  'Notebook',
  z.object({ place: Place, cells: z.number().int(), cellsWithOutput: z.number().int(), outputBytes: z.number().int() }),
);

export const ciWorkflow = defineFact(
  'ci-workflow',
  'CI workflow',
  z.object({
    place: Place,
    system: z.string(),
    runsTests: z.boolean(),
    runsEvals: z.boolean(),
    /** Third-party steps, with how each is pinned. */
    steps: z.array(z.object({ uses: z.string(), pin: Pin, line: z.number().int(), thirdParty: z.boolean() })),
    /** `unknown` where the file does not state the token's permissions. */
    tokenReadOnly: Known,
  }),
);

export const dependencyManifest = defineFact(
  'dependency-manifest',
  'Dependency manifest',
  z.object({
    place: Place,
    ecosystem: z.string(),
    lockFile: z.string().nullable(),
    dependencies: z.number().int(),
    unpinned: z.number().int(),
    aiLibraries: z.array(z.string()),
  }),
);

export const containerImage = defineFact(
  'container-image',
  'Container image',
  z.object({ place: Place, image: z.string(), pin: Pin, runsAsRoot: Known }),
);

export const codeOwners = defineFact(
  'code-owners',
  'Code owners file',
  z.object({
    place: Place,
    rules: z.array(z.object({ pattern: z.string(), owners: z.number().int(), line: z.number().int() })),
  }),
);

/** Which owner rule covers each folder that holds models, training code, prompts or deployment files. */
export const sensitivePath = defineFact(
  'sensitive-path',
  'Sensitive path',
  z.object({ place: Place, holds: z.string(), ownedBy: z.string().nullable() }),
);

export const modelCard = defineFact(
  'model-card',
  'Model card',
  z.object({
    place: Place,
    modelId: z.string().nullable(),
    licence: z.string().nullable(),
    /** Which of the expected sections are there: `training-data`, `limitations`, `intended-use`, `evaluation`. */
    sections: z.array(z.string()),
    /** Ids of the models it was made from, as the card states them. */
    baseModels: z.array(z.string()).optional(),
    /** Ids of the datasets it was trained on, as the card states them. */
    datasets: z.array(z.string()).optional(),
    /** Task in the hub's words, e.g. `text-generation`. */
    task: z.string().nullable().optional(),
  }),
);

/** What a dataset's card states. It holds for the data files of its folder, too. */
export const datasetCard = defineFact(
  'dataset-card',
  'Dataset card',
  z.object({
    place: Place,
    datasetId: z.string().nullable(),
    licence: z.string().nullable(),
    sections: z.array(z.string()),
  }),
);

/** A cloud resource for AI, declared in Terraform, CloudFormation, Pulumi or Helm. */
export const cloudResource = defineFact(
  'cloud-resource',
  'Declared cloud AI resource',
  z.object({
    place: Place,
    provider: z.string(),
    resourceType: z.string(),
    name: z.string().nullable(),
    encrypted: Known,
    publicAccess: Known,
  }),
);

export const unsafeCode = defineFact(
  'unsafe-code',
  'Unsafe loading or execution',
  z.object({ place: Place, rule: z.string(), through: z.string(), why: z.string() }),
);
