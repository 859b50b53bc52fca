import type { DetectionRule, Example, FileFilter, PositiveExample, RuleKind } from '../rule.ts';

function structure(rule: {
  id: string;
  title: string;
  kind: RuleKind;
  reader: string;
  files: FileFilter;
  positive: readonly PositiveExample[];
  nearMiss: readonly Example[];
}): DetectionRule {
  return {
    id: rule.id,
    title: rule.title,
    kind: rule.kind,
    confidence: 'high',
    files: rule.files,
    match: { form: 'structure', reader: rule.reader },
    examples: { positive: rule.positive, nearMiss: rule.nearMiss },
  };
}

const DIGEST = 'a'.repeat(64);

/** How the product is built, tested and run. */
export const DELIVERY: readonly DetectionRule[] = [
  structure({
    id: 'ci.github-actions.workflow',
    title: 'Workflow of GitHub Actions',
    kind: 'ci_workflow',
    reader: 'github-actions',
    files: { path: /(?:^|\/)(?:\.github\/workflows\/[^/]+\.ya?ml|action\.ya?ml)$/ },
    positive: [
      {
        path: '.github/workflows/ci.yml',
        text: 'on: push\npermissions:\n  contents: read\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test\n',
        line: 1,
      },
    ],
    nearMiss: [
      { path: '.github/dependabot.yml', text: 'version: 2\n' },
      { path: '.github/workflows/notes.yml', text: 'a: 1\n' },
    ],
  }),
  structure({
    id: 'ci.gitlab.pipeline',
    title: 'Pipeline of GitLab CI',
    kind: 'ci_workflow',
    reader: 'gitlab-ci',
    files: { path: /(?:^|\/)(?:\.gitlab-ci\.ya?ml|\.gitlab\/ci\/[^/]+\.ya?ml)$/ },
    positive: [{ path: '.gitlab-ci.yml', text: 'test:\n  image: python:3.12\n  script:\n    - pytest\n', line: 1 }],
    nearMiss: [{ path: '.gitlab-ci.yml', text: 'variables:\n  A: b\n' }],
  }),
  structure({
    id: 'ci.jenkins.pipeline',
    title: 'Jenkins pipeline',
    kind: 'ci_workflow',
    reader: 'jenkins',
    files: { name: /^Jenkinsfile(?:\.[\w-]{1,40})?$|\.jenkinsfile$/i },
    positive: [
      {
        path: 'Jenkinsfile',
        text: "pipeline {\n  agent { docker { image 'python:3.12' } }\n  stages { stage('t') { steps { sh 'pytest' } } }\n}\n",
        line: 1,
      },
    ],
    nearMiss: [{ path: 'Jenkinsfile', text: 'empty\n' }],
  }),
  structure({
    id: 'ci.circleci.config',
    title: 'Configuration of CircleCI',
    kind: 'ci_workflow',
    reader: 'circleci',
    files: { path: /(?:^|\/)\.circleci\/[^/]+\.ya?ml$/ },
    positive: [
      {
        path: '.circleci/config.yml',
        text: 'version: 2.1\norbs:\n  node: circleci/node@5.1.0\njobs:\n  a: {}\n',
        line: 1,
      },
    ],
    nearMiss: [{ path: '.circleci/notes.yml', text: 'a: 1\n' }],
  }),
  structure({
    id: 'ci.azure-pipelines.pipeline',
    title: 'Pipeline of Azure DevOps',
    kind: 'ci_workflow',
    reader: 'azure-pipelines',
    files: { name: /^azure-pipelines[\w.-]{0,40}\.ya?ml$/ },
    positive: [
      {
        path: 'azure-pipelines.yml',
        text: 'trigger: [main]\nsteps:\n  - task: UsePythonVersion@0\n  - script: pytest\n',
        line: 1,
      },
    ],
    nearMiss: [{ path: 'azure-pipelines.yml', text: 'name: x\n' }],
  }),
  structure({
    id: 'container.dockerfile.base',
    title: 'Base image of a Dockerfile',
    kind: 'container_image',
    reader: 'dockerfile',
    files: { name: /^(?:Dockerfile|Containerfile)(?:\.[\w.-]{1,60})?$|\.dockerfile$/i },
    positive: [
      {
        path: 'Dockerfile',
        text: `ARG V=3.12\nFROM python:\${V} AS build\nFROM gcr.io/x/y@sha256:${DIGEST}\nUSER app\n`,
        line: 2,
      },
    ],
    nearMiss: [{ path: 'Dockerfile', text: '# FROM python:3.12\n' }],
  }),
  structure({
    id: 'container.compose.image',
    title: 'Image of a compose file',
    kind: 'container_image',
    reader: 'images',
    files: { name: /^(?:docker-)?compose(?:[.-][\w.-]{1,40})?\.ya?ml$/i },
    positive: [{ path: 'docker-compose.yml', text: 'services:\n  db:\n    image: postgres:16\n', line: 3 }],
    nearMiss: [{ path: 'docker-compose.yml', text: 'services:\n  app:\n    build: .\n' }],
  }),
  structure({
    id: 'container.kubernetes.image',
    title: 'Image of a Kubernetes manifest',
    kind: 'container_image',
    reader: 'images',
    files: {
      path: /(?:^|\/)(?:k8s|kubernetes|manifests|deploy(?:ment)?s?|helm|charts?|templates|kustomize|overlays|base|infra)\/.{1,300}\.ya?ml$/i,
    },
    positive: [
      { path: 'k8s/app.yaml', text: 'kind: Deployment\nspec:\n  containers:\n    - image: app:latest\n', line: 4 },
    ],
    nearMiss: [{ path: 'charts/app/templates/d.yaml', text: 'image: "{{ .Values.image }}"\n' }],
  }),
  structure({
    id: 'cloud.terraform.resource',
    title: 'AI resource in Terraform',
    kind: 'cloud_resource',
    reader: 'terraform',
    files: { name: /\.tf$/ },
    positive: [{ path: 'main.tf', text: '\nresource "aws_sagemaker_endpoint" "live" {\n  name = "x"\n}\n', line: 2 }],
    nearMiss: [{ path: 'main.tf', text: 'resource "aws_s3_bucket" "b" {}\n' }],
  }),
  structure({
    id: 'cloud.cloudformation.resource',
    title: 'AI resource in CloudFormation',
    kind: 'cloud_resource',
    reader: 'cloudformation',
    files: { name: /(?:template|stack|cloudformation|cfn|sam|serverless|infra)[\w.-]{0,60}\.(?:ya?ml|json)$/i },
    positive: [{ path: 'template.yaml', text: 'Resources:\n  Agent:\n    Type: AWS::Bedrock::Agent\n', line: 3 }],
    nearMiss: [{ path: 'template.yaml', text: 'Resources:\n  B:\n    Type: AWS::S3::Bucket\n' }],
  }),
  structure({
    id: 'cloud.kubernetes.resource',
    title: 'Model server or training job in Kubernetes',
    kind: 'cloud_resource',
    reader: 'kubernetes',
    files: {
      name: /\.ya?ml$/i,
      path: /(?:^|\/)(?:k8s|kubernetes|manifests|deploy(?:ment)?s?|helm|charts?|templates|kustomize|overlays|base|infra|serving|kserve|inference)(?:\/|[\w.-]{0,40}\.ya?ml$)/i,
    },
    positive: [
      {
        path: 'k8s/llm.yaml',
        text: 'apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: llm\n',
        line: 2,
      },
      {
        path: 'k8s/gpu.yaml',
        text: 'kind: Deployment\nmetadata:\n  name: g\nspec:\n  limits:\n    nvidia.com/gpu: 1\n',
        line: 1,
      },
    ],
    nearMiss: [{ path: 'k8s/web.yaml', text: 'kind: Deployment\nmetadata:\n  name: web\n' }],
  }),
];

function manifestRule(
  ecosystem: string,
  title: string,
  reader: string,
  name: RegExp,
  positive: PositiveExample,
  nearMiss: Example,
): DetectionRule {
  return structure({
    id: `manifest.${ecosystem}`,
    title,
    kind: 'dependency_manifest',
    reader,
    files: { name },
    positive: [positive],
    nearMiss: [nearMiss],
  });
}

/** What the product is built from. */
export const MANIFESTS: readonly DetectionRule[] = [
  manifestRule(
    'npm.package-json',
    'package.json',
    'package-json',
    /^package\.json$/,
    { path: 'package.json', text: '{ "name": "x", "dependencies": { "openai": "^4.0.0" } }\n', line: 1 },
    { path: 'package.json', text: '{ "type": "module" }\n' },
  ),
  manifestRule(
    'python.requirements',
    'requirements.txt',
    'requirements',
    /^(?:requirements|constraints)[\w.-]{0,60}\.(?:txt|in)$|^[\w-]{1,40}[-_.]requirements\.txt$/i,
    { path: 'requirements.txt', text: 'openai==1.2.3\ntorch>=2\n', line: 1 },
    { path: 'requirements.txt', text: '# none\n' },
  ),
  manifestRule(
    'python.pyproject',
    'pyproject.toml',
    'pyproject',
    /^pyproject\.toml$/,
    { path: 'pyproject.toml', text: '[project]\nname = "x"\ndependencies = ["openai>=1"]\n', line: 1 },
    { path: 'pyproject.toml', text: '[tool.ruff]\nline-length = 100\n' },
  ),
  manifestRule(
    'python.pipfile',
    'Pipfile',
    'pipfile',
    /^Pipfile$/,
    { path: 'Pipfile', text: '[packages]\nopenai = "*"\n', line: 1 },
    { path: 'Pipfile', text: '[[[\n' },
  ),
  manifestRule(
    'python.conda',
    'Conda environment',
    'conda',
    /^(?:environment|conda)[\w.-]{0,40}\.ya?ml$/i,
    { path: 'environment.yml', text: 'dependencies:\n  - pytorch=2.1\n', line: 1 },
    { path: 'environment.yml', text: 'name: x\n' },
  ),
  manifestRule(
    'go.mod',
    'go.mod',
    'go-mod',
    /^go\.mod$/,
    { path: 'go.mod', text: 'module example.org/x\n\nrequire github.com/openai/openai-go v1.2.3\n', line: 1 },
    { path: 'go.mod', text: '// empty\n' },
  ),
  manifestRule(
    'cargo',
    'Cargo.toml',
    'cargo',
    /^Cargo\.toml$/,
    { path: 'Cargo.toml', text: '[package]\nname = "x"\n[dependencies]\nasync-openai = "0.20"\n', line: 1 },
    { path: 'Cargo.toml', text: '[other]\n' },
  ),
  manifestRule(
    'maven',
    'pom.xml',
    'pom',
    /^pom\.xml$/,
    {
      path: 'pom.xml',
      text: '<project><dependencies><dependency><artifactId>langchain4j</artifactId><version>1.0</version></dependency></dependencies></project>\n',
      line: 1,
    },
    { path: 'pom.xml', text: '<other/>\n' },
  ),
  manifestRule(
    'gradle',
    'Gradle build',
    'gradle',
    /^build\.gradle(?:\.kts)?$/,
    {
      path: 'build.gradle.kts',
      text: 'dependencies {\n  implementation("dev.langchain4j:langchain4j:1.0.0")\n}\n',
      line: 1,
    },
    { path: 'build.gradle', text: '// nothing\n' },
  ),
  manifestRule(
    'nuget',
    '.NET project',
    'csproj',
    /\.(?:cs|fs|vb)proj$|^Directory\.Packages\.props$/,
    {
      path: 'a.csproj',
      text: '<Project><ItemGroup><PackageReference Include="OpenAI" Version="2.0.0" /></ItemGroup></Project>\n',
      line: 1,
    },
    { path: 'a.csproj', text: '<x/>\n' },
  ),
  manifestRule(
    'gem',
    'Gemfile',
    'gemfile',
    /^Gemfile$/,
    { path: 'Gemfile', text: "gem 'ruby-openai', '~> 7'\n", line: 1 },
    { path: 'Gemfile', text: "source 'https://rubygems.org'\n" },
  ),
];

/** What people write down about models, data and who answers for what. */
export const DOCUMENTS: readonly DetectionRule[] = [
  structure({
    id: 'card.model',
    title: 'Model card',
    kind: 'model_card',
    reader: 'model-card',
    files: { name: /^(?:readme|model[-_]?card[\w.-]{0,40})\.md$/i },
    positive: [
      {
        path: 'README.md',
        text: '---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n# My model\n\n## Intended use\n',
        line: 1,
      },
      { path: 'MODEL_CARD.md', text: '# My model\n', line: 1 },
    ],
    nearMiss: [
      { path: 'README.md', text: '# Product\n' },
      { path: 'README.md', text: '---\ntitle: Blog\n---\n' },
    ],
  }),
  structure({
    id: 'card.dataset',
    title: 'Dataset card',
    kind: 'dataset',
    reader: 'dataset-card',
    files: { name: /^(?:readme|data(?:set)?[-_]?card[\w.-]{0,40})\.md$/i },
    positive: [
      {
        path: 'data/README.md',
        text: '---\nlicense: cc-by-4.0\ntask_categories:\n- text-classification\n---\n# Reviews\n',
        line: 1,
      },
    ],
    nearMiss: [{ path: 'data/README.md', text: '---\nlibrary_name: transformers\n---\n' }],
  }),
  structure({
    id: 'owners.codeowners',
    title: 'CODEOWNERS file',
    kind: 'code_owners',
    reader: 'code-owners',
    files: { path: /^(?:\.github\/|docs\/|\.gitlab\/)?CODEOWNERS$/ },
    positive: [{ path: '.github/CODEOWNERS', text: '* @org/all\n/models/ @org/ml\n', line: 1 }],
    nearMiss: [{ path: 'src/CODEOWNERS', text: '* @org/all\n' }],
  }),
  structure({
    id: 'dataset.dvc.pointer',
    title: 'DVC pointer',
    kind: 'dataset',
    reader: 'dvc-pointer',
    files: { name: /\.dvc$/ },
    positive: [
      {
        path: 'data/train.csv.dvc',
        text: 'outs:\n- md5: d8acabbfd4ee51c95da5d7628c7ef74b\n  size: 61\n  path: train.csv\n',
        line: 1,
      },
    ],
    nearMiss: [{ path: 'a.dvc', text: 'not: a pointer\n' }],
  }),
  structure({
    id: 'training.dvc.pipeline',
    title: 'DVC pipeline that trains',
    kind: 'training_pipeline',
    reader: 'dvc-pipeline',
    files: { name: /^dvc\.yaml$/ },
    positive: [
      { path: 'dvc.yaml', text: 'stages:\n  train:\n    cmd: python train.py\n    outs: [model.pkl]\n', line: 2 },
    ],
    nearMiss: [{ path: 'dvc.yaml', text: 'stages:\n  fetch:\n    cmd: curl x\n    outs: [raw.csv]\n' }],
  }),
  structure({
    id: 'notebook.jupyter',
    title: 'Jupyter notebook',
    kind: 'notebook',
    reader: 'notebook',
    files: { name: /\.ipynb$/ },
    positive: [
      {
        path: 'a.ipynb',
        text: '{"cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": [{"output_type": "stream", "text": ["1"]}]}], "nbformat": 4}\n',
        line: null,
      },
    ],
    nearMiss: [{ path: 'a.ipynb', text: '{"cells": 3}\n' }],
  }),
];
