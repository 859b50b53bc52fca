import type { ByteSource } from './byte-source.ts';

/** What a weights file says of itself. `problem` tells in words what is wrong with it. */
export type Header = {
  facts: Record<string, string>;
  canRunCode?: boolean;
  suspiciousImports?: string[];
};

const JSON_BYTES_MAX = 16 * 1024 * 1024;
const TENSORS_MAX = 1_000_000;

/** Safetensors: eight bytes of length, then JSON. Source: huggingface/safetensors, "Format". Null where it is none. */
export function readSafetensors(source: ByteSource): Header | null {
  const head = source.read(0, 8);
  if (head.length < 8 || source.read(8, 1).toString('latin1') !== '{') return null;
  const length = head.readBigUInt64LE(0);
  if (length < 2n || length > BigInt(source.sizeBytes - 8))
    return { facts: { problem: 'the declared header is longer than the file' } };
  if (length > BigInt(JSON_BYTES_MAX)) return { facts: { problem: 'the header is larger than 16 MiB' } };
  const text = source.read(8, Number(length)).toString('utf8');
  const parsed = parseJsonObject(text);
  if (!parsed) return { facts: { problem: 'the header is no JSON object' } };
  const facts: Record<string, string> = {};
  const metadata = parsed.__metadata__;
  if (isObject(metadata))
    for (const [name, value] of Object.entries(metadata).slice(0, 40))
      if (typeof value === 'string' && value.length <= 200) facts[`metadata.${name}`] = value;
  const tensors = Object.entries(parsed).filter(([name]) => name !== '__metadata__');
  const types = new Set<string>();
  let parameters = 0;
  for (const [, tensor] of tensors.slice(0, TENSORS_MAX)) {
    if (!isObject(tensor)) continue;
    if (typeof tensor.dtype === 'string') types.add(tensor.dtype);
    if (Array.isArray(tensor.shape)) parameters += productOf(tensor.shape);
  }
  facts.tensors = String(tensors.length);
  if (types.size > 0) facts.dtypes = [...types].sort().slice(0, 12).join(', ');
  if (Number.isSafeInteger(parameters) && parameters > 0) facts.parameters = String(parameters);
  return { facts };
}

function productOf(shape: readonly unknown[]): number {
  let product = 1;
  for (const size of shape) product *= typeof size === 'number' && size >= 0 ? size : 0;
  return shape.length === 0 ? 1 : product;
}

/** ONNX: the top-level fields of a ModelProto. Source: onnx.proto3. The graph is skipped by its length. */
export function readOnnx(source: ByteSource): Header | null {
  const facts: Record<string, string> = {};
  const names: Readonly<Record<number, string>> = { 2: 'producer', 3: 'producerVersion', 4: 'domain', 6: 'doc' };
  let at = 0;
  let seen = 0;
  for (let fields = 0; fields < 2_000 && at < source.sizeBytes; fields++) {
    const tag = readVarint(source, at);
    if (!tag) break;
    at = tag.next;
    const field = Number(tag.value >> 3n);
    const wire = Number(tag.value & 7n);
    if (wire === 0) {
      const value = readVarint(source, at);
      if (!value) break;
      if (field === 1) facts.irVersion = String(value.value);
      if (field === 5) facts.modelVersion = String(value.value);
      at = value.next;
    } else if (wire === 2) {
      const length = readVarint(source, at);
      if (!length || length.value > BigInt(source.sizeBytes - length.next)) {
        if (seen > 0 || facts.irVersion !== undefined) facts.problem = 'a field is longer than the file';
        break;
      }
      const size = Number(length.value);
      const name = names[field];
      if (name !== undefined && size <= 400) facts[name] = source.read(length.next, size).toString('utf8');
      if (field === 7) facts.graph = `${size} bytes`;
      at = length.next + size;
    } else if (wire === 5) at += 4;
    else if (wire === 1) at += 8;
    else break;
    seen += 1;
  }
  return facts.irVersion !== undefined &&
    (facts.graph !== undefined || facts.problem !== undefined || facts.producer !== undefined)
    ? { facts }
    : null;
}

function readVarint(source: ByteSource, offset: number): { value: bigint; next: number } | null {
  const bytes = source.read(offset, 10);
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    value |= BigInt((bytes[i] as number) & 127) << BigInt(7 * i);
    if (((bytes[i] as number) & 128) === 0) return { value, next: offset + i + 1 };
  }
  return null;
}

const GRAPH_BYTES_MAX = 32 * 1024 * 1024;
const GRAPH_WORDS = [
  'StatefulPartitionedCall',
  'VarHandleOp',
  'saver_filename',
  'Placeholder',
  '\x05serve',
  '\x12\x05Const',
];
const OPERATIONS_OF_CONCERN = ['PyFunc', 'EagerPyFunc', 'ReadFile', 'WriteFile', 'PyFuncStateless'];

/** TensorFlow SavedModel or frozen graph: a protobuf in which operations stand by name. Null where it is none. */
export function readTensorflowGraph(source: ByteSource): Header | null {
  // The first field of either message: a version number, or a node.
  const first = source.read(0, 1)[0];
  if (first !== 0x08 && first !== 0x0a) return null;
  const text = source.read(0, GRAPH_BYTES_MAX).toString('latin1');
  const isGraph = GRAPH_WORDS.some((word) => text.includes(word));
  if (!isGraph) return null;
  const found = OPERATIONS_OF_CONCERN.filter((name) => text.includes(`${String.fromCharCode(name.length)}${name}`));
  return {
    facts: found.length > 0 ? { operations: found.join(', ') } : {},
    canRunCode: found.length > 0,
    suspiciousImports: found.map((name) => `tensorflow.${name}`),
  };
}

/** HDF5 by its signature; a Keras model in it can hold a Lambda layer, which is code. */
export function readHdf5(source: ByteSource): Header | null {
  if (source.read(0, 8).toString('latin1') !== '\x89HDF\r\n\x1a\n') return null;
  const text = source.read(0, 4 * 1024 * 1024).toString('latin1');
  const isKeras = text.includes('model_config') || text.includes('keras_version') || text.includes('layer_names');
  const hasLambda = /"class_name":\s?"(?:Lambda|TFOpLambda)"/.test(text);
  const facts: Record<string, string> = {};
  if (isKeras) facts.content = 'keras';
  if (hasLambda) facts.lambdaLayer = 'yes';
  return { facts, canRunCode: hasLambda, suspiciousImports: hasLambda ? ['keras.layers.Lambda'] : [] };
}

export function readTflite(source: ByteSource): Header | null {
  return source.read(4, 4).toString('latin1') === 'TFL3' ? { facts: {} } : null;
}

/** A NumPy array file: its header tells type and shape. Objects in it are pickled. Source: NumPy NEP 1. */
export function readNpy(source: ByteSource): Header | null {
  const head = source.read(0, 12);
  if (head.length < 10 || head.toString('latin1', 0, 6) !== '\x93NUMPY') return null;
  const isLong = (head[6] ?? 1) >= 2;
  const length = isLong ? (head.length >= 12 ? head.readUInt32LE(8) : 0) : head.readUInt16LE(8);
  const text = source.read(isLong ? 12 : 10, Math.min(length, 4096)).toString('latin1');
  const type = /'descr':\s*'([^']{1,40})'/.exec(text)?.[1];
  const shape = /'shape':\s*(\([^)]{0,100}\))/.exec(text)?.[1];
  const hasObjects = type !== undefined && /O/.test(type);
  return {
    facts: { ...(type ? { dtype: type } : {}), ...(shape ? { shape } : {}) },
    canRunCode: hasObjects,
    suspiciousImports: [],
  };
}

export function parseJsonObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : null;
  } catch {
    // Not JSON, or nested deeper than the parser goes: the caller says that the header is unreadable.
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
