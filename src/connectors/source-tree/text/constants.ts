const LINE_CHARS_MAX = 400;
const NAMES_MAX = 5_000;

// `NAME = "value"`, `const name: string = 'value';`, `private static final String NAME = "value";`, `model: str = "value",`
const ASSIGNMENT =
  /^[ \t]*(?:[A-Za-z_]\w*[ \t]+){0,4}(?:self\.|this\.)?([A-Za-z_]\w{0,60})[ \t]*(?::[ \t]*[\w.[\]| ]{1,60}?)?[ \t]*:?=[ \t]*(.{1,300})$/;
const PLAIN =
  /^(?:str\(|String\()?["'`]([^"'`\\]{1,200})["'`]\)?[ \t]*(?:[;,)]|\bas const\b|#|\/\/|\)[ \t]*(?::|->)|$)/;
// A value taken from the environment has a default, which is what runs where nothing is set.
const FROM_ENVIRONMENT =
  /^(?:os\.getenv|os\.environ\.get|getenv|env|config)\(\s*["'][A-Za-z_]\w*["']\s*,\s*["']([^"'\\]{1,200})["']\s*\)/;
const OR_DEFAULT =
  /^(?:process\.env|import\.meta\.env|Deno\.env)[.[(][^|?]{1,80}?(?:\|\||\?\?)\s*["'`]([^"'`\\]{1,200})["'`]/;

/** Names that the text gives a literal value, with that value; a name with two different values is left out. */
export function constantsOf(text: string): Map<string, string> {
  const constants = new Map<string, string | null>();
  for (const line of text.split('\n')) {
    if (line.length > LINE_CHARS_MAX || !line.includes('=')) continue;
    const match = ASSIGNMENT.exec(line.endsWith('\r') ? line.slice(0, -1) : line);
    const [, name, right] = match ?? [];
    if (name === undefined || right === undefined) continue;
    const value = (PLAIN.exec(right) ?? FROM_ENVIRONMENT.exec(right) ?? OR_DEFAULT.exec(right))?.[1];
    if (value === undefined) continue;
    const known = constants.get(name);
    constants.set(name, known === undefined || known === value ? value : null);
    if (constants.size >= NAMES_MAX) break;
  }
  const certain = new Map<string, string>();
  for (const [name, value] of constants) if (value !== null) certain.set(name, value);
  return certain;
}
