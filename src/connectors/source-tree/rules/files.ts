import type { DetectionRule, Example, PositiveExample } from '../rule.ts';

type Sample = { path: string; text: string };

function weights(
  format: string,
  title: string,
  extensions: readonly string[],
  positive: readonly Sample[],
  nearMiss: readonly Sample[],
): DetectionRule {
  return {
    id: `weights.${format}`,
    title,
    kind: 'model',
    confidence: 'high',
    files: {},
    match: { form: 'format', extensions },
    examples: {
      positive: positive.map((sample): PositiveExample => ({ ...sample, isBinary: true, line: null })),
      nearMiss: nearMiss.map((sample): Example => ({ ...sample, isBinary: true })),
    },
  };
}

const PICKLE = '\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.';
const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0123456789abcdef'.repeat(4)}\nsize 4312\n`;

/** Files of weights, by extension and first bytes; pointers of Git LFS and DVC count as the files they stand for. */
export const WEIGHTS: readonly DetectionRule[] = [
  weights(
    'safetensors',
    'Weights in safetensors',
    ['safetensors'],
    [
      {
        path: 'model.safetensors',
        text: '\x3b\x00\x00\x00\x00\x00\x00\x00{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}     \x00\x00\x00\x00\x00\x00\x00\x00',
      },
      { path: 'model.safetensors', text: LFS },
    ],
    [{ path: 'model.safetensors.md', text: 'x' }],
  ),
  weights(
    'gguf',
    'Weights in GGUF',
    ['gguf', 'ggml', 'llamafile'],
    [{ path: 'm.gguf', text: 'GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' }],
    [{ path: 'm.gguf.txt', text: 'GGUF' }],
  ),
  weights(
    'onnx',
    'Weights in ONNX',
    ['onnx', 'ort'],
    [{ path: 'm.onnx', text: '\x08\x07\x12\x07pytorch\x3a\x02\x0a\x00' }],
    [{ path: 'm.ort', text: 'no protobuf' }],
  ),
  weights(
    'pytorch',
    'Weights of PyTorch',
    ['pt', 'pth', 'pt2', 'ptl', 'ckpt', 'bin'],
    [
      { path: 'pytorch_model.bin', text: PICKLE },
      { path: 'a.pt', text: PICKLE },
    ],
    [
      { path: 'firmware.bin', text: '\x7fELF\x02\x01' },
      { path: 'messages.pt', text: 'ola mundo' },
    ],
  ),
  weights(
    'pickle',
    'Pickled object',
    ['pkl', 'pickle', 'dill'],
    [{ path: 'clf.pkl', text: PICKLE }],
    [{ path: 'a.pkl', text: 'text' }],
  ),
  weights(
    'joblib',
    'joblib file',
    ['joblib'],
    [{ path: 'clf.joblib', text: PICKLE }],
    [{ path: 'clf.joblib', text: 'text' }],
  ),
  weights(
    'keras',
    'Keras model',
    ['keras'],
    [{ path: 'm.keras', text: '\x89HDF\r\n\x1a\n\x00\x00\x00\x00model_config' }],
    [{ path: 'm.keras', text: 'text' }],
  ),
  weights(
    'hdf5',
    'Weights in HDF5',
    ['h5', 'hdf5'],
    [{ path: 'm.h5', text: '\x89HDF\r\n\x1a\n\x00\x00\x00\x00model_config' }],
    [{ path: 'm.h5', text: 'text' }],
  ),
  weights(
    'tensorflow',
    'TensorFlow graph',
    ['pb'],
    [{ path: 'saved_model.pb', text: '\x08\x01\x12\x10 StatefulPartitionedCall' }],
    [{ path: 'descriptor.pb', text: '\x0a\x04name' }],
  ),
  weights(
    'tflite',
    'TensorFlow Lite model',
    ['tflite'],
    [{ path: 'm.tflite', text: '\x1c\x00\x00\x00TFL3\x00\x00' }],
    [{ path: 'm.tflite', text: 'text here' }],
  ),
  weights(
    'coreml',
    'Core ML model',
    ['mlmodel'],
    [{ path: 'm.mlmodel', text: '\x08\x04\x12\x02' }],
    [{ path: 'm.mlmodel.json', text: '{}' }],
  ),
  weights(
    'tensorrt',
    'TensorRT engine',
    ['engine', 'plan', 'trt'],
    [{ path: 'm.engine', text: 'ftrt\x00\x00' }],
    [{ path: 'test.plan', text: '1..4' }],
  ),
  weights(
    'paddle',
    'Weights of Paddle',
    ['pdparams', 'pdmodel', 'pdiparams'],
    [{ path: 'm.pdparams', text: '\x80\x02x' }],
    [{ path: 'pdparams.txt', text: 'x' }],
  ),
  weights(
    'boosting',
    'Boosted trees',
    ['ubj', 'xgb', 'bst', 'lgb', 'cbm'],
    [
      { path: 'm.cbm', text: 'CBM1' },
      { path: 'm.lgb', text: 'tree\nversion=v4\n' },
    ],
    [{ path: 'm.bst', text: 'bibtex style' }],
  ),
  weights(
    'flax',
    'Weights of Flax',
    ['msgpack'],
    [{ path: 'flax_model.msgpack', text: '\x81\xa6params\x81\xa6kernel\x00' }],
    [{ path: 'cache.msgpack', text: '\x81\xa1a\x01' }],
  ),
  weights(
    'pmml',
    'PMML model',
    ['pmml'],
    [{ path: 'm.pmml', text: '<?xml version="1.0"?><PMML version="4.4"/>' }],
    [{ path: 'm.pmml.bak', text: '<PMML/>' }],
  ),
  weights(
    'archive',
    'Archive of model and code',
    ['mar', 'nemo', 'caffemodel', 'mnn', 'rten'],
    [{ path: 'm.caffemodel', text: '\x0a\x04net1' }],
    [{ path: 'm.mar', text: 'text' }],
  ),
];

/** Files of data for training or evaluation. */
export const DATA_FILES: readonly DetectionRule[] = [
  {
    id: 'dataset.file.binary',
    title: 'Data file made for training',
    kind: 'dataset',
    confidence: 'medium',
    files: {},
    match: { form: 'format', extensions: ['parquet', 'arrow', 'feather', 'tfrecord', 'tfrecords', 'orc', 'avro'] },
    examples: {
      positive: [
        { path: 'x/train.parquet', text: 'PAR1\x00\x00PAR1', isBinary: true, line: null },
        { path: 'x/train.parquet', text: LFS, isBinary: true, line: null },
      ],
      nearMiss: [{ path: 'x/train.parquet', text: 'not parquet', isBinary: true }],
    },
  },
  {
    id: 'dataset.file.in-data-folder',
    title: 'Data file in a folder of data',
    kind: 'dataset',
    confidence: 'low',
    files: {},
    match: {
      form: 'format',
      extensions: ['csv', 'tsv', 'jsonl', 'ndjson', 'npy', 'npz', 'h5', 'hdf5', 'lmdb', 'mdb', 'bag', 'conllu'],
    },
    examples: {
      positive: [
        { path: 'data/reviews.csv', text: 'a,b\n1,2\n', isBinary: true, line: null },
        { path: 'finetune/chat.jsonl', text: '{"messages": []}\n', isBinary: true, line: null },
      ],
      nearMiss: [
        { path: 'src/i18n/strings.csv', text: 'a,b\n', isBinary: true },
        { path: 'data/x.npy', text: 'text', isBinary: true },
      ],
    },
  },
];
