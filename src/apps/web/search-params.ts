/** What stands behind the question mark of an address, parsed but not yet checked. */
export type Search = Record<string, unknown>;

const TEXT_MAX = 300;

/** A search parameter as text, or nothing where it is missing, empty or absurdly long. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= TEXT_MAX ? value : undefined;
}

/** A search parameter as a whole number from 0 up. */
export function whole(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A search parameter as a day, `YYYY-MM-DD`. */
export function day(value: unknown): string | undefined {
  const said = text(value);
  return said && /^\d{4}-\d{2}-\d{2}$/.test(said) && !Number.isNaN(Date.parse(said)) ? said : undefined;
}

/** A search parameter that must be one of a few words. */
export function oneOf<const Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  const said = text(value);
  return words.find((word) => word === said);
}

/** The parameters found, each of which may be missing. */
export function optional<Found extends object>(found: Found): { [Name in keyof Found]?: Found[Name] } {
  return found;
}
