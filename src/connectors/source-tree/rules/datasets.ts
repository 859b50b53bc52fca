import type { DetectionRule } from '../rule.ts';
import { CODE_AND_CONFIG, PYTHON, REVISION, SHELL_AND_CONFIG } from './patterns.ts';

const DATA_EXTENSIONS =
  'csv|tsv|jsonl?|ndjson|parquet|arrow|feather|tfrecords?|txt|zip|tar|tar\\.gz|tgz|zst|h5|hdf5|npz|npy|avro|orc|wds|xml';

/** Where training and evaluation data comes from. */
export const DATASETS = [
  {
    id: 'dataset.huggingface.load',
    title: 'Dataset loaded from the Hugging Face hub',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['load_dataset('],
      pattern: /(?<![\w.])(?<through>(?:datasets\.)?load_dataset)\(/,
      call: [
        /^\s*(?:path\s*=\s*)?(?:["'](?<datasetId>[A-Za-z0-9][\w./:-]{0,199})["']|(?<datasetIdRef>[A-Za-z_][\w.]{0,80})\s*(?:[,)]|$))/,
        REVISION,
      ],
      unless: /^\s*def\s/,
      requires: ['datasetId'],
    },
    sets: { origin: 'hub' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'ds = load_dataset("squad", split="train")\n',
          line: 1,
          captures: { datasetId: 'squad', origin: 'hub' },
        },
        {
          path: 'a.py',
          text: 'DATA = "org/d"\nds = load_dataset(\n  DATA,\n  revision="v1.2",\n)\n',
          line: 2,
          captures: { datasetId: 'org/d', revision: 'v1.2' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'ds = load_dataset(args.path)\n' },
        { path: 'a.py', text: 'def load_dataset(name="squad"):\n    pass\n' },
      ],
    },
  },
  {
    id: 'dataset.huggingface.snapshot',
    title: 'Dataset repository downloaded from the hub',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['snapshot_download(', 'hf_hub_download('],
      pattern: /\b(?<through>snapshot_download|hf_hub_download)\((?=[^\n]{0,300}repo_type\s*=\s*["']dataset["'])/,
      call: [/^\s*(?:repo_id\s*=\s*)?["'](?<datasetId>[^"'\s]{1,200})["']/, REVISION],
      requires: ['datasetId'],
    },
    sets: { origin: 'hub' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'p = snapshot_download("org/data", repo_type="dataset")\n',
          line: 1,
          captures: { datasetId: 'org/data' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'p = snapshot_download("org/model")\n' }],
    },
  },
  {
    id: 'dataset.huggingface.address',
    title: 'Dataset fetched by address from the hub',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['huggingface.co/datasets/', 'hf://datasets/'],
      pattern:
        /(?:https:\/\/huggingface\.co\/datasets\/|hf:\/\/datasets\/)(?<datasetId>[\w.-]{1,96}\/[\w.-]{1,96})(?:\/(?:resolve|raw)\/(?<revision>[\w.-]{1,100})|@(?<revision2>[\w.-]{1,100}))?\//,
      standing: 'strings',
    },
    sets: { origin: 'hub', through: 'address' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'pd.read_parquet("hf://datasets/org/d/data/train.parquet")\n',
          line: 1,
          captures: { datasetId: 'org/d' },
        },
        {
          path: 'a.sh',
          text: 'wget https://huggingface.co/datasets/org/d/resolve/main/x.jsonl\n',
          line: 1,
          captures: { datasetId: 'org/d', revision: 'main' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: '# hf://datasets/org/d/x\n' }],
    },
  },
  {
    id: 'dataset.setting',
    title: 'Dataset named in a training or evaluation recipe',
    kind: 'dataset',
    confidence: 'medium',
    files: { languages: ['yaml', 'toml', 'json'] },
    match: {
      form: 'line',
      literals: ['dataset', 'path:'],
      pattern:
        /^\s*(?:-\s*)?["']?(?:dataset_name|dataset_path|dataset_id|dataset|train_dataset|eval_dataset|path)["']?\s*[:=]\s*["']?(?<datasetId>[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})["']?\s*,?\s*$/,
      standing: 'strings',
    },
    needs: [
      'base_model',
      'model_name_or_path',
      'learning_rate',
      'num_train_epochs',
      'lm_eval',
      'dataset_name',
      'dataset_path',
    ],
    sets: { origin: 'hub', through: 'setting' },
    examples: {
      positive: [
        {
          path: 'a.yaml',
          text: 'base_model: org/m\ndatasets:\n  - path: tatsu-lab/alpaca\n',
          line: 3,
          captures: { datasetId: 'tatsu-lab/alpaca' },
        },
      ],
      nearMiss: [
        { path: 'a.yaml', text: 'volumes:\n  - path: data/input\n' },
        { path: 'a.yaml', text: 'base_model: org/m\noutput_dir: ./out/x\n' },
      ],
    },
  },
  {
    id: 'dataset.tfds.load',
    title: 'Dataset of TensorFlow Datasets',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['tfds.load(', 'tfds.builder('],
      pattern:
        /\b(?<through>tfds\.(?:load|builder))\(\s*(?:name\s*=\s*)?["'](?<datasetId>[\w/]{1,80})(?::(?<revision>[\d.*]{1,20}))?["']/,
    },
    sets: { origin: 'library' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'ds = tfds.load("mnist:3.*.*", split="train")\n',
          line: 1,
          captures: { datasetId: 'mnist' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'ds = tfds.load(name)\n' }],
    },
  },
  {
    id: 'dataset.library.builtin',
    title: 'Dataset that comes with a library',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: [
        'datasets.',
        'fetch_openml(',
        'fetch_20newsgroups',
        'load_iris',
        'load_digits',
        'load_breast_cancer',
        'load_wine',
        'fetch_california_housing',
      ],
      pattern:
        /(?<![\w.])(?:(?<through>(?:torchvision\.)?datasets|torchaudio\.datasets|torchtext\.datasets|keras\.datasets|tf\.keras\.datasets)\.(?<datasetId>(?:MNIST|FashionMNIST|KMNIST|EMNIST|CIFAR10|CIFAR100|SVHN|STL10|ImageNet|Places365|CelebA|CocoDetection|CocoCaptions|VOCSegmentation|VOCDetection|Flickr\w{1,8}|Food101|LIBRISPEECH|SPEECHCOMMANDS|IMDB|AG_NEWS|mnist|fashion_mnist|cifar10|cifar100|imdb|reuters|boston_housing|california_housing))|(?<datasetId2>fetch_openml|fetch_20newsgroups|fetch_california_housing|load_iris|load_digits|load_breast_cancer|load_wine))\b\s*[(.]/,
    },
    sets: { origin: 'library' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'd = datasets.MNIST(root="data", download=True)\n',
          line: 1,
          captures: { datasetId: 'MNIST' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'd = datasets.Dataset.from_dict(x)\n' }],
    },
  },
  {
    id: 'dataset.bucket.address',
    title: 'Data in a bucket',
    kind: 'dataset',
    confidence: 'medium',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['s3://', 's3a://', 'gs://', 'abfss://', 'wasbs://', 'az://', 'r2://'],
      pattern: new RegExp(
        `(?<datasetId>(?:s3a?|gs|abfss|wasbs|az|r2):\\/\\/[A-Za-z0-9][\\w.@{}$-]{1,100}(?:\\/[\\w.={}$*-]{1,120}){0,12}\\/[\\w.={}$*-]{1,120}\\.(?:${DATA_EXTENSIONS}))(?:\\.gz)?(?=["'\`\\s,)\\]?]|$)`,
        'i',
      ),
      standing: 'strings',
    },
    sets: { origin: 'bucket', through: 'address' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'df = pd.read_parquet("s3://corp-data/train/2024/x.parquet")\n',
          line: 1,
          captures: { datasetId: 's3://corp-data/train/2024/x.parquet' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'u = "s3://corp-deploy/app.js"\n' },
        { path: 'a.py', text: '# s3://corp-data/train/x.parquet\n' },
      ],
    },
  },
  {
    id: 'dataset.bucket.folder',
    title: 'Data folder in a bucket',
    kind: 'dataset',
    confidence: 'medium',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['s3://', 's3a://', 'gs://', 'abfss://', 'wasbs://', 'az://'],
      pattern:
        /(?<datasetId>(?:s3a?|gs|abfss|wasbs|az):\/\/[A-Za-z0-9][\w.@{}$-]{0,100}(?:\/[\w.={}$*-]{1,120}){0,12}\/(?:train|training|test|val|valid|validation|eval|dataset|datasets|corpus|corpora|finetune|fine-tune|sft|dpo|pretrain|labels|annotations)(?:\/[\w.={}$*-]{0,120}){0,6})(?=["'`\s,)\]?]|$)/i,
      standing: 'strings',
      unless: /\.(?:py|js|ts|sh|yaml|yml|whl|zip|tar|jar|csv|jsonl?|parquet)["'`]/,
    },
    sets: { origin: 'bucket', through: 'address' },
    examples: {
      positive: [
        {
          path: 'a.yaml',
          text: 'data: s3://corp-ml/datasets/reviews/\n',
          line: 1,
          captures: { datasetId: 's3://corp-ml/datasets/reviews/' },
        },
      ],
      nearMiss: [{ path: 'a.yaml', text: 'backup: s3://corp-backups/nightly/\n' }],
    },
  },
  {
    id: 'dataset.url.read',
    title: 'Data read from an address',
    kind: 'dataset',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['read_csv(', 'read_parquet(', 'read_json(', 'urlretrieve(', 'get_file(', 'gdown.download('],
      pattern:
        /\b(?<through>(?:pd|pandas|pl|polars|dd)\.read_(?:csv|parquet|json|excel)|urlretrieve|get_file|gdown\.download)\(/,
      call: [
        // A download names data by its ending; what a reader of tables reads is data whatever it is called.
        /["'](?<datasetId>https?:\/\/[^"'\s]{4,400}\.(?:csv|tsv|jsonl?|parquet|arrow|npz|npy|h5|txt|zip|tgz|tar|gz|tfrecord)(?:\?[^"'\s]{0,200})?)["']/i,
        /^(?=[^)]{0,40}https?:)\s*["'](?<datasetId>https?:\/\/(?:drive\.google\.com|docs\.google\.com|zenodo\.org|archive\.ics\.uci\.edu|data\.[\w.-]{1,80})[^"'\s]{4,400})["']/,
      ],
      requires: ['datasetId'],
    },
    sets: { origin: 'url' },
    examples: {
      positive: [{ path: 'a.py', text: 'df = pd.read_csv("https://data.example.org/x.csv?token=1")\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'df = pd.read_csv("data/x.csv")\n' }],
    },
  },
  {
    id: 'dataset.kaggle.download',
    title: 'Dataset of Kaggle',
    kind: 'dataset',
    confidence: 'high',
    files: { languages: [...PYTHON, ...SHELL_AND_CONFIG] },
    match: {
      form: 'line',
      literals: ['kaggle'],
      pattern:
        /\b(?<through>kaggle\s+(?:datasets|competitions)\s+download|kagglehub\.(?:dataset|competition)_download)\b[\s(]+(?:-[dc]\s+)?["']?(?<datasetId>[\w.-]{1,80}(?:\/[\w.-]{1,80})?)/,
      standing: 'strings',
    },
    sets: { origin: 'library' },
    examples: {
      positive: [
        {
          path: 'get.sh',
          text: 'kaggle datasets download -d owner/data\n',
          line: 1,
          captures: { datasetId: 'owner/data' },
        },
      ],
      nearMiss: [{ path: 'get.sh', text: 'pip install kaggle\n' }],
    },
  },
  {
    id: 'dataset.warehouse.query',
    title: 'Training data queried from a warehouse',
    kind: 'dataset',
    confidence: 'low',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['read_gbq(', 'read_sql', 'fetch_pandas_all(', 'bigquery://', 'spark.table('],
      pattern: /\b(?<through>(?:pd|pandas)\.read_(?:gbq|sql\w{0,8})|fetch_pandas_all|spark\.table)\(/,
      call: [
        /\bfrom\s+[`"']?(?<datasetId>[A-Za-z_][\w-]{0,60}(?:\.[A-Za-z_][\w-]{0,60}){1,2})[`"']?/i,
        /^\s*["'](?<datasetId>[A-Za-z_][\w-]{0,60}(?:\.[A-Za-z_][\w-]{0,60}){1,2})["']\s*$/,
      ],
      requires: ['datasetId'],
    },
    needs: ['sklearn', 'torch', 'tensorflow', 'keras', 'xgboost', 'lightgbm', 'transformers', 'catboost'],
    sets: { origin: 'database' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'import xgboost\ndf = pd.read_gbq("SELECT * FROM proj.sales.orders")\n',
          line: 2,
          captures: { datasetId: 'proj.sales.orders' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'df = pd.read_sql("SELECT * FROM a.b")\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
