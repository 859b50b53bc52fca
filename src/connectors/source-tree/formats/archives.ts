import { constants, gunzipSync, inflateSync } from 'node:zlib';
import { type ByteSource, sourceOfBytes } from './byte-source.ts';
import { type Header, isObject, parseJsonObject, readNpy } from './headers.ts';
import { beginsPickle, type PickleScan, scanPickle } from './pickle.ts';
import { readZip } from './zip.ts';

const PICKLE_BYTES_MAX = 64 * 1024 * 1024;
const CONFIG_BYTES_MAX = 16 * 1024 * 1024;
const COMPRESSED_BYTES_MAX = 32 * 1024 * 1024;
const IMPORTS_SHOWN = 40;

function isZip(source: ByteSource): boolean {
  return source.read(0, 4).toString('latin1') === 'PK\x03\x04';
}

function headerOf(scan: PickleScan, facts: Record<string, string>): Header {
  if (scan.problem !== null) facts.problem = scan.problem;
  facts.imports = String(scan.imports.length);
  return { facts, canRunCode: true, suspiciousImports: scan.suspicious.slice(0, IMPORTS_SHOWN) };
}

/** PyTorch: an archive with `data.pkl`, or the older row of pickles. Null where it is neither. */
export async function readTorch(source: ByteSource): Promise<Header | null> {
  if (!isZip(source)) {
    if (!beginsPickle(source)) return null;
    return headerOf(scanPickle(source), { container: 'pickle' });
  }
  const content = await readZip(
    source,
    (name) => /(?:^|\/)(?:data|constants|extra\/[\w.]{1,40})\.pkl$/.test(name),
    PICKLE_BYTES_MAX,
  );
  if (!content || content.names.length === 0) return { facts: { problem: 'the archive is damaged' }, canRunCode: true };
  const pickles = [...content.wanted].map(([, bytes]) => scanPickle(bytes));
  if (
    pickles.length === 0 &&
    content.problem === null &&
    !content.names.some((name) => /(?:^|\/)(?:version|model\.json|data\/\d+)$/.test(name))
  )
    return null;
  const isScript = content.names.some((name) => /(?:^|\/)code\/.{1,200}\.py$/.test(name));
  const problem = content.problem ?? pickles.find((scan) => scan.problem !== null)?.problem ?? null;
  const merged: PickleScan = {
    imports: [...new Set(pickles.flatMap((scan) => scan.imports))],
    // What TorchScript names is compiled code of the archive itself, not an import of Python.
    suspicious: [...new Set(pickles.flatMap((scan) => scan.suspicious))].filter(
      (name) => !(isScript && name.startsWith('__torch__.')),
    ),
    problem,
  };
  return headerOf(merged, { container: isScript ? 'torchscript' : 'zip' });
}

/** A pickle file, compressed or not, as `pickle` and `joblib` write them. Null where it is none. */
export function readPickle(source: ByteSource): Header | null {
  if (beginsPickle(source)) return headerOf(scanPickle(source), {});
  const unpacked = decompress(source);
  if (unpacked === null) return null;
  if (unpacked === 'refused') return { facts: { problem: 'it unpacks to more than 64 MiB' }, canRunCode: true };
  const inner = sourceOfBytes(unpacked);
  return beginsPickle(inner) ? headerOf(scanPickle(inner), { compressed: 'yes' }) : null;
}

function decompress(source: ByteSource): Buffer | 'refused' | null {
  const head = source.read(0, 2);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isZlib = head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1] ?? 0);
  if (!isGzip && !isZlib) return null;
  const bytes = source.read(0, COMPRESSED_BYTES_MAX);
  try {
    // A flush at the end lets the first part of a longer stream be read.
    const options = { maxOutputLength: PICKLE_BYTES_MAX, finishFlush: constants.Z_SYNC_FLUSH };
    return isGzip ? gunzipSync(bytes, options) : inflateSync(bytes, options);
  } catch (error) {
    return error instanceof RangeError ? 'refused' : null;
  }
}

/** Keras 3: an archive with `config.json`; a Lambda layer in it is code. */
export async function readKeras(source: ByteSource): Promise<Header | null> {
  if (!isZip(source)) return null;
  const content = await readZip(source, (name) => name === 'config.json' || name === 'metadata.json', CONFIG_BYTES_MAX);
  if (!content?.names.some((name) => name === 'config.json' || name.endsWith('.weights.h5'))) return null;
  const facts: Record<string, string> = {};
  if (content.problem !== null) facts.problem = content.problem;
  const metadata = content.wanted.get('metadata.json');
  const version = metadata
    ? parseJsonObject(metadata.read(0, metadata.sizeBytes).toString('utf8'))?.keras_version
    : undefined;
  if (typeof version === 'string') facts.kerasVersion = version.slice(0, 40);
  const config = content.wanted.get('config.json');
  const text = config ? config.read(0, config.sizeBytes).toString('utf8') : '';
  const hasLambda = /"class_name":\s?"(?:Lambda|TFOpLambda)"/.test(text);
  const parsed = parseJsonObject(text);
  if (isObject(parsed?.config) && typeof parsed.config.name === 'string') facts.name = parsed.config.name.slice(0, 100);
  if (hasLambda) facts.lambdaLayer = 'yes';
  return {
    facts,
    canRunCode: hasLambda || content.problem !== null,
    suspiciousImports: hasLambda ? ['keras.layers.Lambda'] : [],
  };
}

/** NumPy's archive of arrays: arrays of objects in it are pickled. */
export async function readNpz(source: ByteSource): Promise<Header | null> {
  if (!isZip(source)) return null;
  const content = await readZip(source, (name) => name.endsWith('.npy'), CONFIG_BYTES_MAX);
  if (!content?.names.some((name) => name.endsWith('.npy'))) return null;
  const headers = [...content.wanted.values()].map((bytes) => readNpy(bytes));
  const facts: Record<string, string> = { arrays: String(content.names.length) };
  return { facts, canRunCode: headers.some((header) => header?.canRunCode === true), suspiciousImports: [] };
}

/** Archives that carry code and weights together: TorchServe's `.mar`, NeMo's `.nemo` (a tar file). */
export async function readModelArchive(source: ByteSource): Promise<Header | null> {
  if (isZip(source)) {
    const content = await readZip(source, (name) => name === 'MAR-INF/MANIFEST.json', CONFIG_BYTES_MAX);
    if (!content?.names.some((name) => name.startsWith('MAR-INF/'))) return null;
    return { facts: { content: 'torchserve', files: String(content.names.length) }, canRunCode: true };
  }
  return source.read(257, 5).toString('latin1') === 'ustar' ? { facts: { content: 'tar' }, canRunCode: true } : null;
}
