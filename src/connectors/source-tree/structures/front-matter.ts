import { parse as parseYaml } from 'yaml';
import { isRecord, parsedOr } from './reader.ts';

const FRONT_MATTER_CHARS_MAX = 64 * 1024;

/** The YAML between the `---` lines a document begins with, as a record; null where there is none. */
export function frontMatterOf(text: string): Record<string, unknown> | null {
  if (!/^---\r?\n/.test(text)) return null;
  const end = text.slice(0, FRONT_MATTER_CHARS_MAX).search(/\r?\n---[ \t]*(?:\r?\n|$)/);
  if (end < 0) return null;
  // No aliases: a few bytes of them can stand for gigabytes.
  const parsed: unknown = parsedOr(() =>
    parseYaml(text.slice(text.indexOf('\n') + 1, end), { maxAliasCount: 0, logLevel: 'silent' }),
  );
  return isRecord(parsed) ? parsed : null;
}

/** A field that cards write as one value or as a list, as a list of texts. */
export function listOf(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}
