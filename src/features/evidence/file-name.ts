import type { UPLOAD_MEDIA_TYPES } from './model.ts';

const NAME_MAX_CHARACTERS = 120;

const EXTENSIONS: Record<(typeof UPLOAD_MEDIA_TYPES)[number], readonly [string, ...string[]]> = {
  'application/pdf': ['pdf'],
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/webp': ['webp'],
  'text/plain': ['txt', 'log', 'yaml', 'yml', 'toml', 'ini', 'conf', 'eml', 'tsv'],
  'text/csv': ['csv'],
  'text/markdown': ['md', 'markdown'],
  'application/json': ['json'],
  'application/zip': ['zip'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
};

/** Extension of a name in lower case, '' where it has none. */
export function extensionOf(name: string): string {
  return /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

/**
 * A name that is safe to store, show and offer for saving: no folders, no control or direction characters, bounded, and
 * with an extension that says what the bytes are.
 */
export function safeFileName(given: string, mediaType: (typeof UPLOAD_MEDIA_TYPES)[number]): string {
  const last = given.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    // Control, direction and zero-width characters can make a name look like another one.
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '')
    .replace(/["<>|:*?%;]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const allowed = EXTENSIONS[mediaType];
  const extension = extensionOf(clean);
  const fits = allowed.includes(extension);
  const stem = fits ? clean.slice(0, -extension.length - 1) : clean;
  const bounded = [...stem].slice(0, NAME_MAX_CHARACTERS).join('').trim();
  return `${bounded === '' ? 'file' : bounded}.${fits ? extension : allowed[0]}`;
}

/** The header that makes a browser save the file instead of showing it. Source: RFC 6266 and RFC 8187. */
export function attachmentHeader(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
