import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOfBytes } from './byte-source.ts';
import { readGguf } from './gguf.ts';
import { readHdf5, readNpy, readOnnx, readSafetensors, readTensorflowGraph, readTflite } from './headers.ts';
import { dataFormatOf, isWeightsPath, isWorthKnowing } from './names.ts';
import { scanPickle } from './pickle.ts';
import { isHarmlessImport } from './pickle-imports.ts';
import { readLfsPointer } from './pointers.ts';
import { readWeights } from './read-weights.ts';
import { readZip } from './zip.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: bigint | number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);

/** A ZIP archive of the entries. Source: PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. */
function zipOf(entries: Record<string, Buffer | string>, compress = true): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content as string);
    const packed = compress ? deflateRawSync(bytes) : bytes;
    const common = Buffer.concat([
      u16(20),
      u16(0),
      u16(compress ? 8 : 0),
      u32(0),
      u32(crc32(bytes)),
      u32(packed.length),
      u32(bytes.length),
      u16(name.length),
      u16(0),
    ]);
    const local = Buffer.concat([latin('PK\x03\x04'), common, latin(name), packed]);
    directory.push(
      Buffer.concat([latin('PK\x01\x02'), u16(20), common, u16(0), u16(0), u16(0), u32(0), u32(at), latin(name)]),
    );
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const count = u16(directory.length);
  const end = Buffer.concat([latin('PK\x05\x06'), u16(0), u16(0), count, count, u32(listed.length), u32(at), u16(0)]);
  return Buffer.concat([...parts, listed, end]);
}

// `os.system('true')`, as protocols 0, 2 and 4 write it.
const EVIL = {
  global: latin("cposix\nsystem\n(S'true'\ntR."),
  protocol2: latin('\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.'),
  stackGlobal: latin(
    '\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.',
  ),
  // The names come from the memo, in another order than they were written.
  memo: latin('\x80\x04\x8c\x06system\x94\x8c\x05posix\x940 0h\x01h\x00\x93.'.replace('0 0', '00')),
};
const STATE_DICT = latin('\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02.');

describe('pickle', () => {
  test.each(Object.entries(EVIL))('the import in %s is found', (_, bytes) => {
    const scan = scanPickle(sourceOfBytes(bytes));
    expect(scan).toMatchObject({ imports: ['posix.system'], suspicious: ['posix.system'], problem: null });
  });

  test('what rebuilds tensors is harmless', () => {
    expect(scanPickle(sourceOfBytes(STATE_DICT))).toEqual({
      imports: ['collections.OrderedDict', 'torch._utils._rebuild_tensor_v2'],
      suspicious: [],
      problem: null,
    });
  });

  test('a second stream behind the first is read, too', () => {
    expect(scanPickle(sourceOfBytes(Buffer.concat([STATE_DICT, EVIL.protocol2]))).suspicious).toEqual(['posix.system']);
  });

  test('names that are made while loading count as unknown', () => {
    expect(scanPickle(sourceOfBytes(latin('\x80\x04NN\x93.'))).suspicious).toEqual(['?.?']);
  });

  test.each([
    ['cut off', EVIL.protocol2.subarray(0, 20), 'posix.system'],
    ['followed by what is no operation', Buffer.concat([latin('\x80\x02cos\nsystem\n'), latin('\xff')]), 'os.system'],
    ['with a length beyond its end', Buffer.concat([latin('\x80\x02cos\nsystem\n\x42'), u32(0xffffffff)]), 'os.system'],
    ['with a length of 2^63', Buffer.concat([latin('\x80\x04cos\nsystem\n\x8e'), u64(1n << 63n)]), 'os.system'],
  ])('a stream %s tells its problem and what it had imported before', (_, bytes, name) => {
    const scan = scanPickle(sourceOfBytes(bytes));
    expect(scan.problem).not.toBeNull();
    expect(scan.suspicious).toContain(name);
  });

  test('endless operations end at the limit', () => {
    const startedAt = performance.now();
    expect(
      scanPickle(sourceOfBytes(Buffer.concat([latin('\x80\x02'), Buffer.alloc(3_000_000, 0x4e)]))).problem,
    ).toMatch(/longer than|without end/);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test.each([
    ['collections.OrderedDict', true],
    ['torch.FloatStorage', true],
    ['torch.float16', true],
    ['sklearn.svm._classes.SVC', true],
    ['sklearn.tree._tree.__pyx_unpickle_Tree', true],
    ['sklearn.datasets._base.load_files', false],
    ['numpy.core.multiarray._reconstruct', true],
    ['numpy.load', false],
    ['builtins.set', true],
    ['builtins.eval', false],
    ['builtins.getattr', false],
    ['os.system', false],
    ['functools.partial', false],
    ['torch.hub.load', false],
    ['torch.nn.modules.linear.Linear', true],
    ['sklearn.os.system', false],
    ['cloudpickle.cloudpickle._make_function', false],
  ])('%s: harmless %s', (name, harmless) => {
    expect(isHarmlessImport(name)).toBe(harmless);
  });
});

describe('PyTorch archives', () => {
  test('the pickle inside is read', async () => {
    const bytes = zipOf({ 'archive/data.pkl': EVIL.protocol2, 'archive/version': '3' }, false);
    expect(await readWeights('m.pt', sourceOfBytes(bytes))).toMatchObject({
      format: 'pytorch-pickle',
      canRunCode: true,
      suspiciousImports: ['posix.system'],
    });
  });

  test('an archive that is no model is none', async () => {
    expect(await readWeights('m.pt', sourceOfBytes(zipOf({ 'word/document.xml': '<x/>' })))).toBeNull();
  });

  test('a bomb is refused by what it declares, and told', async () => {
    const bytes = zipOf({ 'archive/data.pkl': Buffer.alloc(80 * 1024 * 1024) });
    expect(bytes.length).toBeLessThan(200_000);
    const weights = await readWeights('m.pt', sourceOfBytes(bytes));
    expect(weights?.header.problem).toMatch(/would unpack to/);
  });

  test('a bomb that lies about its size is cut off', async () => {
    const bytes = zipOf({ 'a/data.pkl': Buffer.alloc(4_000_000) });
    // The size in the central directory: 4,000,000 becomes 10.
    const at = bytes.lastIndexOf(u32(4_000_000));
    u32(10).copy(bytes, at);
    u32(10).copy(bytes, bytes.indexOf(u32(4_000_000)) >= 0 ? bytes.indexOf(u32(4_000_000)) : at);
    const content = await readZip(sourceOfBytes(bytes), () => true, 1_000);
    expect(content?.problem).not.toBeNull();
    expect([...(content?.wanted.values() ?? [])].every((entry) => entry.sizeBytes <= 1_000)).toBe(true);
  });
});

describe('other formats', () => {
  test('safetensors: tensors, types, parameters, metadata', () => {
    const json = JSON.stringify({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] },
    });
    expect(
      readSafetensors(sourceOfBytes(Buffer.concat([u64(json.length), Buffer.from(json), Buffer.alloc(12)])))?.facts,
    ).toEqual({
      'metadata.format': 'pt',
      tensors: '1',
      dtypes: 'F16',
      parameters: '6',
    });
  });

  test.each([
    ['a header longer than the file', Buffer.concat([u64(1n << 40n), latin('{"a":1}')]), /longer than the file/],
    ['a header of 2^64 - 1', Buffer.concat([u64((1n << 64n) - 1n), latin('{"a":1}')]), /longer than the file/],
    ['no JSON', Buffer.concat([u64(4), latin('{bad')]), /no JSON/],
    ['JSON nested without end', Buffer.concat([u64(200_000), latin(`{"a":${'['.repeat(199_995)}`)]), /no JSON/],
  ])('safetensors with %s has a problem', (_, bytes, problem) => {
    expect(readSafetensors(sourceOfBytes(bytes))?.facts.problem).toMatch(problem);
  });

  const text = (value: string) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const gguf = (...entries: Buffer[]) =>
    Buffer.concat([latin('GGUF'), u32(3), u64(7), u64(entries.length), ...entries]);

  test('GGUF: architecture and name, arrays passed over', () => {
    const bytes = gguf(
      Buffer.concat([text('general.architecture'), u32(8), text('llama')]),
      Buffer.concat([text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(2), text('a'), text('b')]),
      Buffer.concat([text('tokenizer.ggml.scores'), u32(9), u32(6), u64(3), Buffer.alloc(12)]),
      Buffer.concat([text('general.name'), u32(8), text('Tiny')]),
      Buffer.concat([text('llama.context_length'), u32(4), u32(4096)]),
    );
    expect(readGguf(sourceOfBytes(bytes))?.facts).toEqual({
      version: '3',
      tensors: '7',
      'general.architecture': 'llama',
      'general.name': 'Tiny',
      'llama.context_length': '4096',
    });
  });

  test.each([
    ['entries without end', Buffer.concat([latin('GGUF'), u32(3), u64(0), u64(1n << 60n)]), /more than 10,000/],
    ['a text of 2^63', gguf(Buffer.concat([text('general.name'), u32(8), u64(1n << 63n)])), /damaged/],
    ['an array of 2^60 numbers', gguf(Buffer.concat([text('x'), u32(9), u32(4), u64(1n << 60n)])), /damaged/],
    [
      'arrays in arrays',
      gguf(Buffer.concat([text('x'), ...Array.from({ length: 20 }, () => Buffer.concat([u32(9), u64(1)]))])),
      /damaged/,
    ],
    ['an unknown type', gguf(Buffer.concat([text('x'), u32(99)])), /damaged/],
  ])('GGUF with %s has a problem', (_, bytes, problem) => {
    expect(readGguf(sourceOfBytes(bytes))?.facts.problem).toMatch(problem);
  });

  test('ONNX: producer and versions', () => {
    const bytes = Buffer.concat([
      latin('\x08\x08\x12\x07pytorch\x1a\x032.1\x3a'),
      latin('\x80\x01'),
      Buffer.alloc(128),
    ]);
    expect(readOnnx(sourceOfBytes(bytes))?.facts).toEqual({
      irVersion: '8',
      producer: 'pytorch',
      producerVersion: '2.1',
      graph: '128 bytes',
    });
    expect(readOnnx(sourceOfBytes(latin('\x08\x08\x3a\xff\xff\xff\xff\x7f')))?.facts.problem).toMatch(
      /longer than the file/,
    );
    expect(readOnnx(sourceOfBytes(latin('plain text')))).toBeNull();
  });

  test('HDF5, Keras, TensorFlow, TFLite and NumPy tell code from data', async () => {
    const lambda = '{"class_name": "Lambda", "config": {}}';
    expect(readHdf5(sourceOfBytes(latin(`\x89HDF\r\n\x1a\nmodel_config ${lambda}`)))).toMatchObject({
      canRunCode: true,
      suspiciousImports: ['keras.layers.Lambda'],
    });
    expect(readHdf5(sourceOfBytes(latin('\x89HDF\r\n\x1a\nmodel_config {}')))).toMatchObject({ canRunCode: false });
    const keras = zipOf({
      'config.json': `{"config": {"name": "net"}, "layers": [${lambda}]}`,
      'metadata.json': '{"keras_version": "3.4.1"}',
    });
    expect(await readWeights('m.keras', sourceOfBytes(keras))).toMatchObject({
      format: 'keras',
      canRunCode: true,
      header: { name: 'net', kerasVersion: '3.4.1', lambdaLayer: 'yes' },
    });
    expect(
      readTensorflowGraph(sourceOfBytes(latin('\x08\x01\x12 StatefulPartitionedCall \x0f \x06PyFunc'))),
    ).toMatchObject({ canRunCode: true });
    expect(readTflite(sourceOfBytes(latin('\0\0\0\0TFL3')))).not.toBeNull();
    expect(
      readNpy(
        sourceOfBytes(latin("\x93NUMPY\x01\x00\x40\x00{'descr': '|O', 'fortran_order': False, 'shape': (3,), }")),
      ),
    ).toMatchObject({ canRunCode: true, facts: { dtype: '|O', shape: '(3,)' } });
  });

  test('compressed joblib files are unpacked within limits', async () => {
    expect(await readWeights('m.joblib', sourceOfBytes(gzipSync(EVIL.protocol2)))).toMatchObject({
      suspiciousImports: ['posix.system'],
    });
    expect(await readWeights('m.pkl', sourceOfBytes(deflateSync(EVIL.protocol2)))).toMatchObject({
      suspiciousImports: ['posix.system'],
    });
    const bomb = await readWeights('m.joblib', sourceOfBytes(gzipSync(Buffer.alloc(100 * 1024 * 1024))));
    expect(bomb?.header.problem).toMatch(/unpacks to more/);
  });

  test('a file that only has the name: told where the name is sure, nothing where it is not', async () => {
    expect(await readWeights('m.gguf', sourceOfBytes(latin('hello')))).toMatchObject({
      header: { problem: 'the bytes are no gguf file' },
    });
    expect(await readWeights('firmware.bin', sourceOfBytes(latin('\x7fELF')))).toBeNull();
    expect(await readWeights('pytorch_model.bin', sourceOfBytes(EVIL.protocol2))).toMatchObject({
      format: 'pytorch-pickle',
    });
  });
});

describe('pointers', () => {
  const oid = 'a1'.repeat(32);
  test('of Git LFS tell digest and size', () => {
    expect(
      readLfsPointer(latin(`version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12345\n`)),
    ).toEqual({ sha256: oid, sizeBytes: 12345 });
  });
  test.each([
    '',
    'version https://git-lfs.github.com/spec/v1\nsize 1\n',
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize -1\n`,
    `x\noid sha256:${oid}\nsize 1\n`,
  ])('%j is none', (text) => {
    expect(readLfsPointer(latin(text))).toBeNull();
  });
});

test.each([
  ['models/a.safetensors', true],
  ['firmware.bin', false],
  ['pytorch_model-00001-of-2.bin', true],
  ['a.pb', false],
  ['notes.txt', false],
])('%s: weights by name %s', (path, expected) => {
  expect(isWeightsPath(path)).toBe(expected);
});

test('data is told by format, or by the folder it lies in', () => {
  expect(dataFormatOf('x/y.parquet')).toEqual({ format: 'parquet', isSure: true });
  expect(dataFormatOf('data/y.csv')).toEqual({ format: 'csv', isSure: false });
  expect(dataFormatOf('data/train.jsonl.gz')).toEqual({ format: 'jsonl', isSure: false });
  expect(dataFormatOf('src/i18n/names.csv')).toBeNull();
  expect(isWorthKnowing('.env')).toBe(true);
  expect(isWorthKnowing('.env.example')).toBe(false);
});

describe('hostile bytes', () => {
  const names = [
    'a.safetensors',
    'a.gguf',
    'a.onnx',
    'a.pt',
    'a.pkl',
    'a.joblib',
    'a.keras',
    'a.h5',
    'a.pb',
    'a.tflite',
    'a.npz',
    'a.mar',
    'a.bin',
    'a.ckpt',
  ];
  const starts = [
    '',
    'GGUF\x03\0\0\0',
    '\x80\x02',
    '\x80\x04\x95',
    'PK\x03\x04',
    '\x89HDF\r\n\x1a\n',
    '\x93NUMPY\x01\0',
    '\x08\x07\x3a',
    '\x10\0\0\0\0\0\0\0{',
    '\x1f\x8b\x08',
    '\x78\x9c',
    'PK\x05\x06',
  ];

  test('of any kind never throw and never take long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.constantFrom(...starts),
        fc.uint8Array({ maxLength: 300 }),
        async (name, start, bytes) => {
          const startedAt = performance.now();
          const weights = await readWeights(name, sourceOfBytes(Buffer.concat([latin(start), bytes])));
          if (weights) for (const value of Object.values(weights.header)) expect(typeof value).toBe('string');
          expect(performance.now() - startedAt).toBeLessThan(2_000);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  test('good files with a few bytes changed or cut off never throw', async () => {
    const good: [string, Buffer][] = [
      [
        'a.pt',
        zipOf({ 'archive/data.pkl': STATE_DICT, 'archive/version': '3', 'archive/data/0': Buffer.alloc(64) }, false),
      ],
      ['a.keras', zipOf({ 'config.json': '{"config": {}}', 'metadata.json': '{}' })],
      ['a.pkl', EVIL.stackGlobal],
      ['a.joblib', gzipSync(EVIL.protocol2)],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        async ([name, bytes], changes, cut) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          await readWeights(
            name,
            sourceOfBytes(changed.subarray(0, changed.length - (cut % 3 === 0 ? cut % changed.length : 0))),
          );
        },
      ),
      { numRuns: 600 },
    );
  });
});
