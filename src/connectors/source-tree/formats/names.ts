import type { FactOf } from '../finding.ts';
import { extensionOf, nameOf } from '../walk/tree-path.ts';

export type ModelFormat = FactOf<'model-file'>['body']['format'];

/** What the name of a weights file says. `isSure` is false for names that other files have, too: their bytes decide. */
export type WeightsName = { format: ModelFormat; canRunCode: boolean; isSure: boolean };

const BY_EXTENSION: Readonly<Record<string, WeightsName>> = {
  safetensors: { format: 'safetensors', canRunCode: false, isSure: true },
  gguf: { format: 'gguf', canRunCode: false, isSure: true },
  ggml: { format: 'gguf', canRunCode: false, isSure: true },
  onnx: { format: 'onnx', canRunCode: false, isSure: true },
  ort: { format: 'onnx', canRunCode: false, isSure: false },
  pt: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  pth: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  pt2: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  ptl: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  ckpt: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  bin: { format: 'pytorch-pickle', canRunCode: true, isSure: false },
  pkl: { format: 'pickle', canRunCode: true, isSure: false },
  pickle: { format: 'pickle', canRunCode: true, isSure: false },
  dill: { format: 'pickle', canRunCode: true, isSure: false },
  joblib: { format: 'joblib', canRunCode: true, isSure: false },
  keras: { format: 'keras', canRunCode: true, isSure: false },
  h5: { format: 'hdf5', canRunCode: false, isSure: false },
  hdf5: { format: 'hdf5', canRunCode: false, isSure: false },
  pb: { format: 'tensorflow-savedmodel', canRunCode: true, isSure: false },
  tflite: { format: 'tflite', canRunCode: false, isSure: false },
  mlmodel: { format: 'coreml', canRunCode: false, isSure: true },
  npz: { format: 'numpy', canRunCode: false, isSure: false },
  engine: { format: 'tensorrt', canRunCode: false, isSure: false },
  plan: { format: 'tensorrt', canRunCode: false, isSure: false },
  trt: { format: 'tensorrt', canRunCode: false, isSure: false },
  pdparams: { format: 'paddle', canRunCode: true, isSure: true },
  pdmodel: { format: 'paddle', canRunCode: false, isSure: true },
  pdiparams: { format: 'paddle', canRunCode: false, isSure: true },
  ubj: { format: 'xgboost', canRunCode: false, isSure: false },
  xgb: { format: 'xgboost', canRunCode: false, isSure: true },
  bst: { format: 'xgboost', canRunCode: false, isSure: false },
  lgb: { format: 'lightgbm', canRunCode: false, isSure: false },
  cbm: { format: 'catboost', canRunCode: false, isSure: true },
  msgpack: { format: 'flax', canRunCode: false, isSure: false },
  pmml: { format: 'pmml', canRunCode: false, isSure: true },
  mar: { format: 'archive', canRunCode: true, isSure: false },
  nemo: { format: 'archive', canRunCode: true, isSure: false },
  llamafile: { format: 'gguf', canRunCode: true, isSure: true },
  caffemodel: { format: 'unknown', canRunCode: false, isSure: true },
  mnn: { format: 'unknown', canRunCode: false, isSure: false },
  rten: { format: 'unknown', canRunCode: false, isSure: true },
};

const DATA_EXTENSIONS: Readonly<Record<string, string>> = {
  parquet: 'parquet',
  arrow: 'arrow',
  feather: 'arrow',
  tfrecord: 'tfrecord',
  tfrecords: 'tfrecord',
  orc: 'orc',
  avro: 'avro',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
  npy: 'numpy',
  npz: 'numpy',
  lmdb: 'lmdb',
  mdb: 'lmdb',
  bag: 'rosbag',
  conllu: 'conllu',
  h5: 'hdf5',
  hdf5: 'hdf5',
};
// Made for data and little else; a CSV or a line of JSON can be anything.
const SURELY_DATA = new Set(['parquet', 'arrow', 'feather', 'tfrecord', 'tfrecords', 'orc', 'avro']);
const DATA_FOLDER =
  /(?:^|\/)(?:data|datasets?|corpus|corpora|train(?:ing)?(?:[-_]data)?|finetun(?:e|ing)|fine[-_]tun(?:e|ing)|sft|dpo|eval(?:s|uation)?(?:[-_]data)?|benchmarks?|annotations|labels|golden(?:[-_]set)?)\/|(?:^|[/_-])(?:train|valid(?:ation)?|dev|test|eval|golden)(?:[-_](?:set|data|split))?(?:-\d{1,5}-of-\d{1,5})?\.\w{1,8}$/i;

/** What the extension of a weights file says, or null for other files. */
export function weightsFormatFor(path: string): WeightsName | null {
  return BY_EXTENSION[extensionOf(path)] ?? null;
}

/** As `weightsFormatFor`, for a path already known to be weights. */
export function weightsFormatOf(path: string): WeightsName {
  return weightsFormatFor(path) ?? { format: 'unknown', canRunCode: false, isSure: false };
}

/** True for names that weights usually have and other files rarely: enough where the bytes are elsewhere, behind a pointer. */
export function isWeightsPath(path: string): boolean {
  const extension = extensionOf(path);
  if (/^(?:bin|pb|plan|engine|msgpack|mar|bst|npz|h5|hdf5|keras|ort|mnn|lgb|ubj)$/.test(extension))
    return (
      /model|weight|checkpoint|ckpt|engine|net|lora|adapter/i.test(nameOf(path)) ||
      extension === 'h5' ||
      extension === 'keras'
    );
  return BY_EXTENSION[extension] !== undefined;
}

/** Format of a data file by its path, or null where it is not clear that it is data for a model. */
export function dataFormatOf(path: string): { format: string; isSure: boolean } | null {
  const extension = extensionOf(path.replace(/\.(?:gz|zst|bz2|xz)$/i, ''));
  const format = DATA_EXTENSIONS[extension];
  if (format === undefined) return null;
  if (SURELY_DATA.has(extension)) return { format, isSure: true };
  return DATA_FOLDER.test(path) ? { format, isSure: false } : null;
}

/** Names worth telling although git ignores them. */
export function isWorthKnowing(name: string): boolean {
  return isWeightsPath(name) || /^\.env(?:\.(?!example|sample|template|dist)[\w-]{1,40})?$/.test(name);
}
