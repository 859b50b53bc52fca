import type { Known } from '#src/facts/index.ts';
import { type Finding, keyIn, placeIn, shown } from '../finding.ts';
import type { AssetKind } from '../model.ts';
import { linesWithoutComments, type Reader } from './reader.ts';

const BLOCK_LINES_MAX = 400;

const TERRAFORM_TYPES: readonly [RegExp, string][] = [
  [
    /^aws_(?:sagemaker|bedrock|bedrockagent|kendra|comprehend|rekognition|opensearchserverless|s3vectors|qbusiness|lexv2models|textract|transcribe|polly)\w*$/,
    'aws',
  ],
  [/^awscc_(?:bedrock|sagemaker)\w*$/, 'aws'],
  [
    /^google_(?:vertex_ai|notebooks|ml_engine|discovery_engine|dialogflow|document_ai|workbench|gke_hub_ai|tpu)\w*$/,
    'google',
  ],
  [/^azurerm_(?:cognitive|machine_learning|search_service|ai_|openai)\w*$/, 'azure'],
  [/^databricks_(?:model_serving|mlflow|vector_search)\w*$/, 'databricks'],
  [
    /^(?:pinecone_index|qdrant-cloud_\w+|mongodbatlas_search_index|huggingface_\w+|openai_\w+|anthropic_\w+)$/,
    'vendor',
  ],
];

/** AI resources of Terraform: what each is, whether it names a key, whether it is open to everybody. */
export const readTerraform: Reader = (file) => {
  const lines = file.document.text().split('\n');
  return lines.flatMap((line, index): Finding[] => {
    const match = /^\s*resource\s+"([\w-]{1,100})"\s+"([\w-]{1,100})"/.exec(line);
    const [, type = '', name = ''] = match ?? [];
    const provider = TERRAFORM_TYPES.find(([pattern]) => pattern.test(type))?.[1];
    if (!match || provider === undefined) return [];
    const block = blockFrom(lines, index);
    return [resource(file, index + 1, provider, type, name, encryptedIn(block), publicIn(block))];
  });
};

function blockFrom(lines: string[], start: number): string {
  let depth = 0;
  let end = start;
  for (; end < Math.min(lines.length, start + BLOCK_LINES_MAX); end++) {
    for (const sign of lines[end] ?? '') depth += sign === '{' ? 1 : sign === '}' ? -1 : 0;
    if (depth <= 0 && end > start) break;
  }
  return lines
    .slice(start, end + 1)
    .join('\n')
    .replace(/^[ \t]*(?:#|\/\/).*$/gm, '');
}

function encryptedIn(block: string): Known {
  if (
    /\b(?:kms_key\w*|kms_master_key_id|kms_key_name|encryption_spec|customer_managed_key|key_vault_key_id|kmsKeyId|KmsKeyId|KmsMasterKeyId|volume_kms_key_id|key_vault_id)\b/.test(
      block,
    )
  )
    return 'yes';
  return /\bencrypt\w*\s*[=:]\s*(?:false|"false")/i.test(block) ? 'no' : 'unknown';
}

function publicIn(block: string): Known {
  if (
    /public_network_access_enabled\s*=\s*true|publicNetworkAccess\S{0,3}\s*[=:]\s*["']?Enabled|direct_internet_access\s*=\s*"Enabled"|DirectInternetAccess\S{0,3}\s*:\s*["']?Enabled|AllowFromPublic\W{1,6}true/i.test(
      block,
    )
  )
    return 'yes';
  if (
    /public_network_access_enabled\s*=\s*false|direct_internet_access\s*=\s*"Disabled"|DirectInternetAccess\S{0,3}\s*:\s*["']?Disabled|no_public_ip\s*=\s*true|AllowFromPublic\W{1,6}false|local_auth_enabled\s*=\s*false/i.test(
      block,
    )
  )
    return 'no';
  return 'unknown';
}

/** AI resources of CloudFormation, in YAML or JSON. */
export const readCloudFormation: Reader = (file) => {
  const lines = linesWithoutComments(file.document.text());
  return lines.flatMap((line, index): Finding[] => {
    const type =
      /["']?Type["']?\s*:\s*["']?(AWS::(?:SageMaker|Bedrock|Kendra|OpenSearchServerless|Comprehend|Rekognition|Lex|QBusiness|S3Vectors)::\w{1,60})/.exec(
        line,
      )?.[1];
    if (type === undefined) return [];
    const name = /^\s*["']?(\w{1,100})["']?\s*:/.exec(lines[index - 1] ?? '')?.[1] ?? type;
    const block = lines.slice(index, index + 40).join('\n');
    return [resource(file, index + 1, 'aws', type, name, encryptedIn(block), publicIn(block))];
  });
};

const KUBERNETES_KINDS: Readonly<Record<string, true>> = {
  InferenceService: true,
  ServingRuntime: true,
  SeldonDeployment: true,
  RayService: true,
  RayCluster: true,
  RayJob: true,
  PyTorchJob: true,
  TFJob: true,
  MPIJob: true,
  TrainJob: true,
  Notebook: true,
  LLMInferenceService: true,
  InferencePool: true,
};

/** Model servers and training jobs of Kubernetes, and workloads that ask for accelerators. */
export const readKubernetes: Reader = (file) => {
  const text = file.document.text();
  let line = 1;
  return text.split(/^---.*$/m).flatMap((part): Finding[] => {
    const starts = line;
    line += part.split('\n').length - 1;
    const kindAt = /^[ \t]*kind[ \t]*:[ \t]*["']?(\w{1,60})/m.exec(part);
    const kind = kindAt?.[1] ?? '';
    const wantsAccelerator =
      /(?:nvidia\.com\/gpu|amd\.com\/gpu|google\.com\/tpu|habana\.ai\/gaudi|aws\.amazon\.com\/neuron)/.test(part);
    if (
      !kindAt ||
      !(
        KUBERNETES_KINDS[kind] ||
        (wantsAccelerator && /^(?:Deployment|StatefulSet|Job|CronJob|DaemonSet|Pod)$/.test(kind))
      )
    )
      return [];
    const name =
      /^[ \t]*metadata[ \t]*:[ \t]*(?:\n[ \t]+[\w./-]{1,80}[ \t]*:.{0,300}){0,10}?\n[ \t]+name[ \t]*:[ \t]*["']?([\w.{} -]{1,80}?)["']?[ \t]*\r?$/m.exec(
        part,
      )?.[1] ?? kind;
    const at = starts + part.slice(0, kindAt.index).split('\n').length - 1;
    const found = resource(
      file,
      at,
      'kubernetes',
      kind,
      name,
      'unknown',
      /type\s*:\s*LoadBalancer/.test(part) ? 'yes' : 'unknown',
    );
    const served: AssetKind | null =
      /Service$|Deployment$|Pool$/.test(kind) && kind !== 'Service'
        ? 'inference_api'
        : /Job$/.test(kind)
          ? 'training_pipeline'
          : null;
    return [
      {
        ...found,
        asset: served && {
          kind: served,
          identity: keyIn(file.path, kind, shown(name)),
          title: `${kind} ${shown(name)}`,
          details: { framework: 'kubernetes' },
        },
      },
    ];
  });
};

function resource(
  file: Parameters<Reader>[0],
  line: number,
  provider: string,
  type: string,
  name: string,
  encrypted: Known,
  publicAccess: Known,
): Finding {
  return {
    rule: file.rule,
    line,
    fact: {
      kind: 'cloud-resource',
      key: keyIn(file.path, type, shown(name)),
      body: {
        place: placeIn(file.path, line),
        provider,
        resourceType: type,
        name: shown(name),
        encrypted,
        publicAccess,
      },
    },
    asset: assetOf(file.path, type, name),
  };
}

/** Terraform and CloudFormation types that are an asset of their own. */
function assetOf(path: string, type: string, name: string): Finding['asset'] {
  const kind: AssetKind | null = /endpoint(?!_config)|::Endpoint$|online_endpoint|model_serving/i.test(type)
    ? 'inference_api'
    : /bedrockagent_agent$|::Agent$/.test(type)
      ? 'agent'
      : /knowledge_base|KnowledgeBase|kendra_index|Kendra::Index|search_service|vertex_ai_index$|opensearchserverless_collection|vector_search_index|pinecone_index/.test(
            type,
          )
        ? 'knowledge_base'
        : /guardrail/i.test(type)
          ? 'guardrail'
          : null;
  return (
    kind && {
      kind,
      identity: keyIn(path, type, shown(name)),
      title: `${type} ${shown(name)}`,
      details: { declaredIn: 'infrastructure code' },
    }
  );
}
