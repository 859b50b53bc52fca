import { extensionOf } from './file-name.ts';
import type { UPLOAD_MEDIA_TYPES } from './model.ts';

export type UploadMediaType = (typeof UPLOAD_MEDIA_TYPES)[number];

/** How many first bytes are enough to tell. */
export const SNIFF_BYTES = 8192;

const SIGNATURES: readonly { type: UploadMediaType; at: number; bytes: string }[] = [
  { type: 'application/pdf', at: 0, bytes: '%PDF-' },
  { type: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/webp', at: 8, bytes: 'WEBP' },
  { type: 'application/zip', at: 0, bytes: 'PK\x03\x04' },
];

const OFFICE: Record<string, { type: UploadMediaType; folder: string }> = {
  docx: { type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', folder: 'word/' },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', folder: 'xl/' },
  pptx: { type: 'application/vnd.openxmlformats-officedocument.presentationml.presentation', folder: 'ppt/' },
};

const TEXT_TYPES: Record<string, UploadMediaType> = {
  csv: 'text/csv',
  md: 'text/markdown',
  markdown: 'text/markdown',
  json: 'application/json',
};

// Text that a browser would run when somebody opens the saved file.
const ACTIVE_TEXT = /<\s*(!doctype|html|head|body|script|svg|iframe|object|embed|xml|\?xml)/i;

/**
 * What an upload is, by its first bytes; the name only tells kinds of text and of office file apart. What the sender
 * claims is not asked. Null for what is not taken: programs, pages that run scripts, and anything unknown.
 */
export function sniffMediaType(head: Uint8Array, name: string): UploadMediaType | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const signature = SIGNATURES.find(({ at, bytes: sign }) => bytes.startsWith(sign, at));
  const extension = extensionOf(name);
  if (signature?.type === 'application/zip') {
    const office = OFFICE[extension];
    return office && (bytes.includes('[Content_Types].xml') || bytes.includes(office.folder))
      ? office.type
      : signature.type;
  }
  if (signature) return signature.type;
  const text = textOf(head);
  if (text === null || ACTIVE_TEXT.test(text)) return null;
  return TEXT_TYPES[extension] ?? 'text/plain';
}

/** The bytes as UTF-8 text, where they are one; a character cut off at the end is no fault. */
function textOf(head: Uint8Array): string | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary from text
  return /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text) ? null : text;
}
