import { expect, test } from 'vitest';
import { concatBytes, toHex, utf8Bytes } from '../log/bytes.ts';
import { InvalidFormat } from '../log/invalid-format.ts';
import { fromMemory } from './bundle-files.ts';
import { COUNT_MARKER, centralHeader, isCentralHeader, isLocalHeader, isPlainName, localHeader } from './zip-format.ts';
import { openZip } from './zip-read.ts';
import { ZipWriter } from './zip-write.ts';

async function write(files: readonly [string, string][]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const zip = new ZipWriter(async (bytes) => {
    parts.push(new Uint8Array(bytes));
  });
  for (const [name, text] of files) await zip.file(name, utf8Bytes(text));
  await zip.finish();
  expect(zip.sizeBytes).toBe(parts.reduce((sum, part) => sum + part.length, 0));
  return concatBytes(...parts);
}

const FILES: [string, string][] = [
  ['README.txt', 'hello'],
  ['blobs/sha256/00', ''],
  ['entries/0.json', '{}'],
  ['manifest.json', '{}'],
];

test('what is written is read back, in order, whole or in parts', async () => {
  const files = await openZip(fromMemory(await write(FILES)));
  expect(files.names).toEqual(FILES.map(([name]) => name));
  for (const [place, [, text]] of FILES.entries()) {
    expect(toHex(await files.readAt(place))).toBe(toHex(utf8Bytes(text)));
    const parts: Uint8Array[] = [];
    for await (const part of files.chunksAt(place)) parts.push(part);
    expect(concatBytes(...parts)).toEqual(utf8Bytes(text));
  }
});

// Checksum, size and name are read from the central header, and compared with the local one and with the file.
const readFromCentral = (name: string) => [16, 17, 18, 19, 24, 25, 26, 27, ...[...name].map((_, i) => 46 + i)];

test('a header is taken for itself and for nothing else, whatever bit is turned', () => {
  const entry = { name: 'entries/17.json', sizeBytes: 355, crc32: 0x89abcdef, offset: 4_711 };
  for (const [made, holds] of [
    [localHeader(entry), (bytes: Uint8Array) => isLocalHeader(bytes, entry)],
    [
      centralHeader(entry),
      (bytes: Uint8Array) => isCentralHeader(new DataView(bytes.buffer), 0, { ...entry, nameBytes: entry.name.length }),
    ],
  ] as const) {
    expect(holds(made)).toBe(true);
    const free = made.length === localHeader(entry).length ? [] : readFromCentral(entry.name);
    for (let at = 0; at < made.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = new Uint8Array(made);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        if (!free.includes(at)) expect(holds(changed), `byte ${at} bit ${bit}`).toBe(false);
      }
  }
});

test('more files than the old format counts are written and read', async () => {
  const many = Array.from({ length: COUNT_MARKER + 5 }, (_, i): [string, string] => [
    `f${String(i).padStart(6, '0')}`,
    '',
  ]);
  const zip = await write(many);
  expect((await openZip(fromMemory(zip))).names.length).toBe(many.length);
  for (const back of [1, 10, 22, 30, 42, 50, 70, 90, 98, 99]) {
    const changed = new Uint8Array(zip);
    changed[zip.length - back] = (changed[zip.length - back] as number) ^ 4;
    await expect(openZip(fromMemory(changed)), `${back} from the end`).rejects.toThrow(InvalidFormat);
  }
});

test('files out of order, twice, or with names that lead elsewhere are not written', async () => {
  await expect(write([FILES[1], FILES[0]] as [string, string][])).rejects.toThrow(/order/);
  await expect(write([FILES[0], FILES[0]] as [string, string][])).rejects.toThrow(/order/);
  for (const name of [
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a/../b',
    '.a',
    'a/.b',
    'a\\b',
    'a b',
    'a\u00e9',
    'x'.repeat(201),
  ]) {
    expect(isPlainName(name), name).toBe(false);
    await expect(write([[name, '']])).rejects.toThrow(/no name/);
  }
  for (const name of ['a', 'README.txt', 'proofs/0.tlog-proof', 'a/b/c-d_e.f', '0'])
    expect(isPlainName(name)).toBe(true);
});

test('a stream that changes its length while it is written is an error', async () => {
  const zip = new ZipWriter(async () => undefined);
  const chunks = async function* () {
    yield utf8Bytes('abc');
  };
  await expect(zip.stream('a', 4, 0, chunks())).rejects.toThrow(/changed its size/);
});
