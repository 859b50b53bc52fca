import type { DetectionRule } from '../rule.ts';
import { CODE_AND_CONFIG, PYTHON, SHELL_AND_CONFIG } from './patterns.ts';

/** Code that trains or fine-tunes models. */
export const TRAINING = [
  {
    id: 'training.transformers.trainer',
    title: 'Training with the transformers Trainer',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Trainer('],
      pattern: /(?<![\w.])(?<through>(?:transformers\.)?(?:Seq2Seq)?Trainer)\(/,
      unless: /^\s*class\s/,
    },
    needs: ['transformers'],
    sets: { framework: 'transformers' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from transformers import Trainer\nt = Trainer(model=m, args=a)\n',
          line: 2,
          captures: { framework: 'transformers' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'from gym import Trainer\nt = Trainer()\n' },
        { path: 'a.py', text: 'import transformers\nclass MyTrainer(Trainer):\n    pass\n' },
      ],
    },
  },
  {
    id: 'training.trl.trainer',
    title: 'Preference or supervised fine-tuning with TRL',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Trainer('],
      pattern:
        /(?<![\w.])(?<through>(?:trl\.)?(?:SFT|DPO|PPO|GRPO|ORPO|KTO|RLOO|CPO|BCO|Reward|OnlineDPO|NashMD|XPO|GKD|Iterative(?:SFT)?|PRM)Trainer)\(/,
      unless: /^\s*class\s/,
    },
    sets: { framework: 'trl' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'trainer = SFTTrainer(\n    model=m,\n)\n',
          line: 1,
          captures: { through: 'SFTTrainer' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'class SFTTrainer(Trainer):\n    pass\n' }],
    },
  },
  {
    id: 'training.peft.adapter',
    title: 'Adapter training with PEFT',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['get_peft_model(', 'LoraConfig('],
      pattern: /(?<![\w.])(?<through>(?:peft\.)?(?:get_peft_model|LoraConfig))\(/,
    },
    needs: ['peft'],
    sets: { framework: 'peft' },
    examples: {
      positive: [{ path: 'a.py', text: 'from peft import LoraConfig\nc = LoraConfig(r=8)\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'c = LoraConfig(r=8)\n' }],
    },
  },
  {
    id: 'training.lightning.trainer',
    title: 'Training with Lightning',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Trainer(', 'LightningModule', 'LightningCLI('],
      pattern:
        /(?<!\w)(?<through>(?:pl|L|lightning|pytorch_lightning)\.Trainer|LightningCLI|(?<=^class\s{1,4}\w{1,80}\((?:[\w.]{0,40}\.)?)LightningModule)\b/,
    },
    needs: ['lightning'],
    sets: { framework: 'lightning' },
    examples: {
      positive: [
        { path: 'a.py', text: 'import pytorch_lightning as pl\nt = pl.Trainer(max_epochs=3)\n', line: 2 },
        { path: 'a.py', text: 'import lightning as L\nclass Net(L.LightningModule):\n    pass\n', line: 2 },
      ],
      nearMiss: [{ path: 'a.py', text: 'import lightning\nt = gym.Trainer()\n' }],
    },
  },
  {
    id: 'training.pytorch.loop',
    title: 'Training loop in PyTorch',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.backward('],
      pattern:
        /(?<![\w])(?<through>(?:\w{0,40}loss\w{0,20}|accelerator|scaler\.scale\([\w.]{1,40}\)|fabric|model_engine|engine)\.backward)\(/,
    },
    needs: ['import torch', 'from torch', 'accelerate', 'deepspeed'],
    sets: { framework: 'pytorch' },
    examples: {
      positive: [{ path: 'a.py', text: 'import torch\nfor x in d:\n    loss.backward()\n', line: 3 }],
      nearMiss: [
        { path: 'a.py', text: 'robot.backward()\n' },
        { path: 'a.py', text: 'import torch\n# loss.backward()\n' },
      ],
    },
  },
  {
    id: 'training.keras.fit',
    title: 'Training with Keras',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.fit(', '.compile('],
      pattern:
        /(?<![\w.])(?<through>\w{0,30}(?:model|net|network|autoencoder|gan)\w{0,20}\.(?:fit|fit_generator|compile))\(/i,
      unless: /\.compile\(\s*\)|re\.compile/,
    },
    needs: ['keras'],
    sets: { framework: 'keras' },
    examples: {
      positive: [{ path: 'a.py', text: 'from tensorflow import keras\nmodel.fit(x, y, epochs=3)\n', line: 2 }],
      nearMiss: [
        { path: 'a.py', text: 'model.fit(x, y)\n' },
        { path: 'a.py', text: 'import keras\np = re.compile("x")\n' },
      ],
    },
  },
  {
    id: 'training.tensorflow.loop',
    title: 'Training loop in TensorFlow',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: { form: 'line', literals: ['GradientTape('], pattern: /\b(?<through>tf\.GradientTape)\(/ },
    sets: { framework: 'tensorflow' },
    examples: {
      positive: [{ path: 'a.py', text: 'with tf.GradientTape() as tape:\n    pass\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'with my.GradientTape():\n    pass\n' }],
    },
  },
  {
    id: 'training.jax.optimizer',
    title: 'Training with JAX',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['jax.value_and_grad(', 'optax.', 'TrainState.create('],
      pattern:
        /\b(?<through>jax\.value_and_grad|optax\.(?:adam\w{0,10}|sgd|chain|lion|apply_updates|adafactor)|TrainState\.create)\(/,
    },
    needs: ['jax', 'optax', 'flax'],
    sets: { framework: 'jax' },
    examples: {
      positive: [{ path: 'a.py', text: 'import optax\ntx = optax.adamw(1e-3)\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'import optax\nx = optax.losses.l2(y)\n' }],
    },
  },
  {
    id: 'training.boosting.train',
    title: 'Training of boosted trees',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['xgb', 'lgb', 'lightgbm', 'catboost', 'LGBM', 'xgboost'],
      pattern:
        /(?<![\w.])(?<through>(?:xgb|xgboost|lgb|lightgbm)\.train|(?:(?:xgb|xgboost|lgb|lightgbm|catboost)\.)?(?:XGB|LGBM|CatBoost)(?:Classifier|Regressor|Ranker))\(/,
    },
    sets: { framework: 'gradient boosting' },
    examples: {
      positive: [
        { path: 'a.py', text: 'import xgboost as xgb\nb = xgb.train(params, d)\n', line: 2 },
        { path: 'a.py', text: 'm = LGBMClassifier(n_estimators=9)\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'x = xgb.Booster()\n' }],
    },
  },
  {
    id: 'training.sklearn.fit',
    title: 'Training with scikit-learn',
    kind: 'training_pipeline',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['.fit('],
      pattern:
        /(?<![\w.])(?<through>\w{0,30}(?:model|clf|classifier|regressor|reg|estimator|pipeline|pipe|grid|search|svm|svc|forest|knn)\w{0,20}\.fit)\(/i,
    },
    needs: ['sklearn'],
    sets: { framework: 'scikit-learn' },
    examples: {
      positive: [{ path: 'a.py', text: 'from sklearn.svm import SVC\nclf = SVC()\nclf.fit(x, y)\n', line: 3 }],
      nearMiss: [
        { path: 'a.py', text: 'from sklearn.preprocessing import StandardScaler\nscaler.fit(x)\n' },
        { path: 'a.py', text: 'clf.fit(x, y)\n' },
      ],
    },
  },
  {
    id: 'training.spark-ml.fit',
    title: 'Training with Spark ML',
    kind: 'training_pipeline',
    confidence: 'medium',
    files: { languages: ['python', 'notebook', 'scala', 'java'] },
    match: {
      form: 'import',
      modules: {
        python: [
          'pyspark.ml.classification',
          'pyspark.ml.regression',
          'pyspark.ml.clustering',
          'pyspark.ml.recommendation',
        ],
        jvm: [
          'org.apache.spark.ml.classification',
          'org.apache.spark.ml.regression',
          'org.apache.spark.ml.recommendation',
        ],
      },
    },
    sets: { framework: 'spark-ml', through: 'import' },
    examples: {
      positive: [{ path: 'a.py', text: 'from pyspark.ml.classification import LogisticRegression\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'from pyspark.sql import SparkSession\n' }],
    },
  },
  {
    id: 'training.service.fine-tune',
    title: 'Fine-tuning at an outside service',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'javascript', 'java', 'go'] },
    match: {
      form: 'line',
      literals: ['fine_tuning', 'fineTuning', 'fine-tuning', 'FineTun', 'create_model_customization_job', 'sft.train('],
      pattern:
        /\b(?<through>fine_tuning\.jobs\.create|fineTuning\.jobs\.create|FineTuningJob\.create|FineTune\.create|create_model_customization_job|fine_tuning\.create|sft\.train)\(/,
    },
    sets: { framework: 'service fine-tuning' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'job = client.fine_tuning.jobs.create(training_file=f, model="gpt-4o-mini-2024-07-18")\n',
          line: 1,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'job = client.fine_tuning.jobs.list()\n' }],
    },
  },
  {
    id: 'training.sagemaker.estimator',
    title: 'Training job on SageMaker',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: [
        'Estimator(',
        'create_training_job(',
        'ModelTrainer(',
        'HuggingFace(',
        'PyTorch(',
        'TensorFlow(',
        'SKLearn(',
        'XGBoost(',
      ],
      pattern:
        /(?<!\w)(?<through>(?:sagemaker\.)?(?:estimator\.)?(?:Estimator|ModelTrainer|JumpStartEstimator)|(?<=^\s{0,40}(?:\w{1,40}\s{0,3}=\s{0,3}))(?:PyTorch|TensorFlow|HuggingFace|SKLearn|XGBoost)|\w{1,30}\.create_training_job)\(/,
    },
    needs: ['sagemaker'],
    sets: { framework: 'sagemaker' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from sagemaker.pytorch import PyTorch\nest = PyTorch(entry_point="train.py")\n',
          line: 2,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'import sagemaker\nm = sagemaker.Session()\n' }],
    },
  },
  {
    id: 'training.vertex.job',
    title: 'Training job on Vertex AI',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['TrainingJob(', 'CustomJob(', 'sft.train('],
      pattern: /\b(?<through>aiplatform\.(?:Custom\w{0,30}TrainingJob|AutoML\w{0,30}TrainingJob|CustomJob))\(/,
    },
    sets: { framework: 'vertex-ai' },
    examples: {
      positive: [{ path: 'a.py', text: 'job = aiplatform.CustomTrainingJob(display_name="x")\n', line: 1 }],
      nearMiss: [{ path: 'a.py', text: 'job = aiplatform.Model(x)\n' }],
    },
  },
  {
    id: 'training.azure-ml.job',
    title: 'Training job on Azure Machine Learning',
    kind: 'training_pipeline',
    confidence: 'high',
    files: { languages: ['python', 'notebook', 'yaml'] },
    match: {
      form: 'line',
      literals: ['azure.ai.ml import', 'azuremlschemas', 'ScriptRunConfig('],
      pattern:
        /(?:^\s*from\s+(?<through>azure\.ai\.ml)\s+import\s+[^#]{0,200}\bcommand\b|\$schema:\s*https:\/\/azuremlschemas\S{0,80}\/(?:command|pipeline|sweep)Job|\bScriptRunConfig\()/i,
    },
    sets: { framework: 'azure-ml' },
    examples: {
      positive: [
        { path: 'a.py', text: 'from azure.ai.ml import MLClient, command\n', line: 1 },
        {
          path: 'job.yml',
          text: '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n',
          line: 1,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'from azure.ai.ml import MLClient\n' }],
    },
  },
  {
    id: 'training.pipeline.framework',
    title: 'Training pipeline in an orchestration framework',
    kind: 'training_pipeline',
    confidence: 'medium',
    files: { languages: PYTHON },
    match: {
      form: 'import',
      modules: {
        python: [
          'kfp',
          'metaflow',
          'zenml',
          'ray.train',
          'composer',
          'unsloth',
          'axolotl',
          'torchtune',
          'nemo.collections',
          'tfx',
          'flytekitplugins.kfpytorch',
          'autotrain',
          'fastai',
        ],
      },
    },
    sets: { framework: 'pipeline framework', through: 'import' },
    examples: {
      positive: [
        { path: 'a.py', text: 'from kfp import dsl\n', line: 1 },
        { path: 'a.py', text: 'from unsloth import FastLanguageModel\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'from kfputils import x\n' }],
    },
  },
  {
    id: 'training.launcher.command',
    title: 'Training started from a script',
    kind: 'training_pipeline',
    confidence: 'medium',
    files: { languages: SHELL_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'torchrun',
        'accelerate launch',
        'deepspeed',
        'axolotl',
        'tune run',
        'llamafactory-cli',
        'torch.distributed.launch',
      ],
      pattern:
        /(?<![\w./-])(?<through>torchrun|accelerate launch|deepspeed|axolotl (?:train|preprocess)|axolotl\.cli\.train|tune run|llamafactory-cli train|torch\.distributed\.launch)\s+[^\n#]{0,300}(?:\.py|\.ya?ml|--config|full_|lora_)/,
      standing: 'strings',
    },
    sets: { framework: 'launcher' },
    examples: {
      positive: [
        { path: 'run.sh', text: 'torchrun --nproc_per_node 8 train.py --lr 1e-4\n', line: 1 },
        { path: 'job.yaml', text: 'command: ["bash", "-c", "accelerate launch src/train.py"]\n', line: 1 },
      ],
      nearMiss: [
        { path: 'run.sh', text: 'pip install deepspeed\n' },
        { path: 'run.sh', text: '# torchrun train.py\n' },
      ],
    },
  },
  {
    id: 'training.config.recipe',
    title: 'Fine-tuning recipe',
    kind: 'training_pipeline',
    confidence: 'medium',
    files: { languages: ['yaml', 'json', 'toml'] },
    match: {
      form: 'line',
      literals: ['learning_rate', 'num_train_epochs', 'num_epochs'],
      pattern: /^\s*["']?(?<through>learning_rate|num_train_epochs|num_epochs)["']?\s*[:=]\s*[\d.]/,
    },
    needs: [
      'base_model',
      'model_name_or_path',
      'pretrained_model',
      'per_device_train_batch_size',
      'micro_batch_size',
      'lora_r',
    ],
    sets: { framework: 'recipe' },
    examples: {
      positive: [{ path: 'lora.yaml', text: 'base_model: org/m\nlearning_rate: 0.0002\n', line: 2 }],
      nearMiss: [{ path: 'x.yaml', text: 'learning_rate: 0.1\n' }],
    },
  },
  {
    id: 'training.seed',
    title: 'Sets a random seed',
    kind: 'trait',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['seed', 'random_state', 'PRNGKey('],
      pattern:
        /\b(?:set_seed|seed_everything|manual_seed(?:_all)?|random\.seed|set_random_seed|enable_determinism)\(|\b(?:random_)?seed["']?\s*[:=]\s*\d|\brandom_state\s*=\s*\d|\bPRNGKey\(/,
    },
    sets: { trait: 'sets-seed' },
    examples: {
      positive: [
        { path: 'a.py', text: 'torch.manual_seed(42)\n', line: 1 },
        { path: 'a.yaml', text: 'seed: 42\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'seeds = plant()\n' }],
    },
  },
  {
    id: 'training.run-log',
    title: 'Logs its runs',
    kind: 'trait',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: [
        'mlflow.',
        'wandb',
        'SummaryWriter(',
        'TensorBoard',
        'comet',
        'neptune',
        'Live(',
        'clearml',
        'trackio',
        'report_to',
        'aim.Run',
        'swanlab',
      ],
      pattern:
        /\bmlflow\.(?:start_run|autolog|log_\w{1,20}|set_experiment|\w{1,20}\.autolog)\(|\bwandb\.(?:init|log)\(|\b(?:SummaryWriter|TensorBoard|WandbLogger|MLFlowLogger|CometLogger|TensorBoardLogger|Live)\(|\b(?:comet_ml\.\w{0,20}Experiment|neptune\.init\w{0,10}|Task\.init|aim\.Run|swanlab\.init|trackio\.init)\b|\breport_to\s*[=:]\s*\[?["']?(?!none)[a-z]|^\s*wandb_project:\s*\S/,
    },
    sets: { trait: 'logs-run' },
    examples: {
      positive: [
        { path: 'a.py', text: 'with mlflow.start_run():\n    pass\n', line: 1 },
        { path: 'a.py', text: 'args = TrainingArguments(report_to="wandb")\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'args = TrainingArguments(report_to="none")\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
