import { readKeras, readModelArchive, readNpz, readPickle, readTorch } from './archives.ts';
import type { ByteSource } from './byte-source.ts';
import { readGguf } from './gguf.ts';
import { type Header, readHdf5, readOnnx, readSafetensors, readTensorflowGraph, readTflite } from './headers.ts';
import { type ModelFormat, weightsFormatFor } from './names.ts';

/** A weights file as its own bytes show it. */
export type Weights = {
  format: ModelFormat;
  canRunCode: boolean;
  suspiciousImports: string[];
  header: Record<string, string>;
};

type FormatReader = (source: ByteSource) => Header | null | Promise<Header | null>;

const READERS: Partial<Record<ModelFormat, FormatReader>> = {
  safetensors: readSafetensors,
  gguf: readGguf,
  onnx: readOnnx,
  'pytorch-pickle': readTorch,
  pickle: readPickle,
  joblib: readPickle,
  keras: readKeras,
  hdf5: readHdf5,
  'tensorflow-savedmodel': readTensorflowGraph,
  tflite: readTflite,
  numpy: readNpz,
  archive: readModelArchive,
  pmml: (source) => (source.read(0, 4096).toString('utf8').includes('<PMML') ? { facts: {} } : null),
  lightgbm: (source) => (/^tree\s*\nversion=/.test(source.read(0, 64).toString('latin1')) ? { facts: {} } : null),
  xgboost: (source) =>
    /learner|gradient_booster|binf|\{L/.test(source.read(0, 4096).toString('latin1')) ? { facts: {} } : null,
  tensorrt: (source) => (source.read(0, 4).toString('latin1') === 'ftrt' ? { facts: {} } : null),
  flax: (source) =>
    /params|kernel|bias|embedding/.test(source.read(0, 8192).toString('latin1')) && (source.read(0, 1)[0] ?? 0) >= 0x80
      ? { facts: {} }
      : null,
};

// Files of these formats that turn out to be another: a `.bin` or `.ckpt` can be nearly anything.
const ALSO: Partial<Record<ModelFormat, readonly ModelFormat[]>> = {
  'pytorch-pickle': ['safetensors', 'gguf', 'hdf5'],
  pickle: ['pytorch-pickle'],
  joblib: ['pytorch-pickle'],
  keras: ['hdf5'],
  hdf5: ['keras'],
};

/**
 * What the weights file called `path` is, by its bytes. Null where only the name looks like weights. A file of a format that
 * nothing else uses counts even when it is damaged: then `header.problem` says how.
 */
export async function readWeights(path: string, source: ByteSource): Promise<Weights | null> {
  const name = weightsFormatFor(path);
  if (!name || source.sizeBytes === 0) return null;
  for (const format of [name.format, ...(ALSO[name.format] ?? [])]) {
    const header = await READERS[format]?.(source);
    if (!header) continue;
    return {
      format,
      canRunCode: header.canRunCode ?? (format === name.format && name.canRunCode && format !== 'hdf5'),
      suspiciousImports: header.suspiciousImports ?? [],
      header: header.facts,
    };
  }
  if (!name.isSure) return null;
  const isUnread = READERS[name.format] === undefined;
  return {
    format: name.format,
    canRunCode: name.canRunCode,
    suspiciousImports: [],
    header: isUnread ? {} : { problem: `the bytes are no ${name.format} file` },
  };
}
