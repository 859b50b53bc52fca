import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#src/kernel/errors.ts';
import { putSealed } from '#src/ledger/store/sealed-blob.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import type { EvidenceContent } from './add-evidence.ts';
import { safeFileName } from './file-name.ts';
import { SNIFF_BYTES, sniffMediaType } from './media-type.ts';
import { UPLOAD_MAX_BYTES, UPLOAD_MEDIA_TYPES } from './model.ts';

/** The file of an upload whose fields were read; nothing of the file itself was. */
export type WaitingFile = { file: MultipartFile; rest: AsyncIterator<Multipart> };

/**
 * Reads the fields of a multipart request up to its file, so that they are checked like a JSON body before a byte of the
 * file is taken. Throws `invalid_input` where a field comes twice or there is no file.
 */
export async function readFields(
  request: FastifyRequest,
): Promise<{ fields: Record<string, string>; waiting: WaitingFile }> {
  const parts = request.parts()[Symbol.asyncIterator]();
  const fields: Record<string, string> = Object.create(null);
  for (;;) {
    const { value: part, done } = await parts.next().catch(refuseBroken);
    if (done || !part)
      throw new AppError('invalid_input', 'file: the upload holds no file. Send it as the last part, named "file".');
    if (part.type === 'file') {
      if (part.fieldname !== 'file')
        throw new AppError(
          'invalid_input',
          `file: the file part must be named "file", not "${part.fieldname.slice(0, 60)}".`,
        );
      return { fields: { ...fields }, waiting: { file: part, rest: parts } };
    }
    if (part.fieldname in fields)
      throw new AppError('invalid_input', `${part.fieldname.slice(0, 60)}: this field is given twice.`);
    if (part.valueTruncated) throw new AppError('too_large', `${part.fieldname.slice(0, 60)}: this field is too long.`);
    fields[part.fieldname] = String(part.value);
  }
}

/**
 * Streams the file into the blob store, encrypted: what people hand in may say anything of anybody. Its type is what its first bytes say. Throws `unsupported` for a type that is not
 * taken, `too_large` beyond the limit and `invalid_input` for an empty file; nothing is kept then.
 */
export async function storeFile(blobs: Pick<Blobs, 'put'>, waiting: WaitingFile): Promise<EvidenceContent> {
  const { file } = waiting;
  const chunks = file.file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await readHead(chunks);
  if (head.length === 0) throw new AppError('invalid_input', 'file: the file is empty.');
  const mediaType = sniffMediaType(head.subarray(0, SNIFF_BYTES), file.filename);
  if (mediaType === null)
    throw new AppError(
      'unsupported',
      `file: this is not a kind of file that is taken as evidence. Taken are ${UPLOAD_MEDIA_TYPES.map(shortName).join(', ')}. Save a page as PDF or an image.`,
    );
  const stored = await putSealed(blobs, bounded(head, chunks));
  const next = await waiting.rest.next().catch(refuseBroken);
  if (!next.done)
    throw new AppError('invalid_input', 'file: nothing may follow the file. Send the fields first, and one file.');
  return { ...stored, mediaType, fileName: safeFileName(file.filename, mediaType) };
}

/** What the parser says of a body that is no multipart is a plain error: the sender's fault, not the server's. */
function refuseBroken(error: unknown): never {
  if (error instanceof AppError || (error instanceof Error && 'statusCode' in error)) throw error;
  throw new AppError(
    'invalid_input',
    'The upload is not valid multipart/form-data, or it ended early. Send each field as a part of its own, and the file last.',
    { cause: error },
  );
}

async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    read.push(value);
    size += value.length;
  }
  return Buffer.concat(read);
}

async function* bounded(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  let size = head.length;
  yield head;
  for (;;) {
    if (size > UPLOAD_MAX_BYTES)
      throw new AppError(
        'too_large',
        `file: the file is larger than ${UPLOAD_MAX_BYTES / 1024 / 1024} MiB. Split it, or store an extract that shows the control.`,
      );
    const { value, done } = await chunks.next();
    if (done) return;
    size += value.length;
    yield value;
  }
}

function shortName(mediaType: string): string {
  const names: Record<string, string> = {
    'application/pdf': 'PDF',
    'image/png': 'PNG',
    'image/jpeg': 'JPEG',
    'image/webp': 'WebP',
    'text/plain': 'text',
    'text/csv': 'CSV',
    'text/markdown': 'Markdown',
    'application/json': 'JSON',
    'application/zip': 'ZIP',
  };
  return (
    names[mediaType] ?? (mediaType.endsWith('document') ? 'Word' : mediaType.endsWith('sheet') ? 'Excel' : 'PowerPoint')
  );
}
