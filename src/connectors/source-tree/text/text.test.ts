import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callText, literalAt } from './calls.ts';
import { constantsOf } from './constants.ts';
import { asUtf8, decode, encodingOf } from './encoding.ts';
import { jsonStringAt, walkJsonStrings } from './json-strings.ts';
import { type Language, languageOf } from './language.ts';
import { createLiteralScanner } from './literal-scanner.ts';
import { regionsOf } from './regions.ts';

describe('the literal scanner', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'C', '_', '1'), minLength: 1, maxLength: 4 });

  test('finds exactly what a search for each word finds, whatever the case', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 8, selector: (text) => text.toLowerCase() }),
        fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'c', '_', '1', 'x'), maxLength: 60 }),
        (words, text) => {
          const found: string[] = [];
          createLiteralScanner(words).scan(Buffer.from(text), (literal, end) => {
            found.push(`${words[literal]?.toLowerCase()}@${end}`);
            return true;
          });
          const expected = words.flatMap((each) => {
            const small = each.toLowerCase();
            return [...text.toLowerCase()].flatMap((_, at) =>
              text.toLowerCase().startsWith(small, at) ? [`${small}@${at + small.length}`] : [],
            );
          });
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
    );
  });

  test('stops when told to', () => {
    let count = 0;
    createLiteralScanner(['a']).scan(Buffer.from('aaaa'), () => ++count < 2);
    expect(count).toBe(2);
  });
});

describe('encodings', () => {
  test('any text survives UTF-8, UTF-16 with a mark, and any bytes decode to well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(!text.includes('\0') && !text.startsWith('\uFEFF'));
        const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
        expect(encodingOf(wide)).toBe('utf-16le');
        expect(decode(asUtf8(wide, 'utf-16le'))).toBe(text);
        expect(decode(asUtf8(Buffer.from(wide).swap16(), 'utf-16be'))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decode(Buffer.from(bytes)).isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('regions', () => {
  /** What stands at the sign behind each `@`, the signs taken out. */
  function regionsAt(marked: string, language: Language): string[] {
    const offsets: number[] = [];
    let text = '';
    for (const sign of marked) {
      if (sign === '§') offsets.push(text.length);
      else text += sign;
    }
    const regions = regionsOf(text, language);
    return offsets.map((offset) => regions.at(offset));
  }

  test.each<[Language, string, string[]]>([
    [
      'python',
      '§x = 1 # §c\n"""§doc\n§more"""\ny = "§s"\nP = """§a\n§b"""\nf(\n  """§arg\nx"""\n)\n',
      ['code', 'comment', 'docstring', 'docstring', 'string', 'text', 'text', 'text'],
    ],
    ['python', "a = 'it\\'§s' + §b\n", ['string', 'code']],
    [
      'javascript',
      '§a // §b\n/* §c */ x = `§d` + `§e\n` + /"§r/.test(§f) + "§g"\n',
      ['code', 'comment', 'comment', 'string', 'text', 'string', 'code', 'string'],
    ],
    ['javascript', 'x = `a${ §code({ b: `§in` }) }§c`; §y\n', ['code', 'string', 'string', 'code']],
    ['go', 's := `§raw\n§more`; §x := "§y" // §z\n', ['text', 'text', 'code', 'string', 'comment']],
    [
      'rust',
      'fn f<\'a>(x: &\'a str) -> char { \'§"\' } // §c\nlet r = r#"§a"§b"#; §d\n',
      ['code', 'comment', 'string', 'string', 'code'],
    ],
    ['csharp', 'var s = @"§a ""§b"" \n§c"; §d\n', ['text', 'text', 'text', 'code']],
    ['java', 'String s = """\n  §a\n  """; §b /* §c */\n', ['text', 'code', 'comment']],
    ['yaml', 'a: §b # §c\nurl: http://x/#§d\n', ['code', 'comment', 'code']],
    ['shell', "echo don't # §c\n§x\n", ['comment', 'code']],
    ['sql', 'select §a -- §b\n', ['code', 'comment']],
    ['markup', '<a> §x <!-- §c --> §y', ['code', 'comment', 'code']],
    ['json', '{"§a": 1}', ['code']],
  ])('of %s', (language, marked, expected) => {
    expect(regionsAt(marked, language)).toEqual(expected);
  });

  test('any text of any language is told apart in linear time, without failing', () => {
    const languages: Language[] = [
      'python',
      'javascript',
      'rust',
      'csharp',
      'go',
      'php',
      'yaml',
      'markup',
      'sql',
      'terraform',
    ];
    const signs = fc.string({
      unit: fc.constantFrom(
        '"',
        "'",
        '`',
        '\\',
        '/',
        '*',
        '#',
        '$',
        '{',
        '}',
        '[',
        '\n',
        'r',
        '@',
        '-',
        '<',
        '!',
        'a',
        ' ',
      ),
      maxLength: 120,
    });
    fc.assert(
      fc.property(signs, fc.constantFrom(...languages), (text, language) => {
        expect(regionsOf(text, language).at(text.length)).toBe('code');
      }),
    );
    for (const piece of ['/[', "'", '`${', '"""', '=/(', '/*', '\\"', '<!--', 'r#"', '@"'])
      for (const language of languages) {
        const startedAt = performance.now();
        regionsOf(piece.repeat(40_000), language).at(5);
        expect(performance.now() - startedAt, `${piece} in ${language}`).toBeLessThan(3_000);
      }
  });
});

describe('calls and constants', () => {
  test.each([
    ['("a", b(c), d) + 1', '"a", b(c), d'],
    ['("x)y", [1, 2])', '"x)y", [1, 2]'],
    ['(\n  """a ) b""",\n  c\n)', '\n  """a ) b""",\n  c\n'],
    ['(`${a(")")}`, 2)', '`${a(")")}`, 2'],
    ['(never closed', 'never closed'],
  ])('the text of the call in %j', (text, expected) => {
    expect(callText(text, 1)).toBe(expected);
  });

  test.each([
    ['"a b"', 'a b'],
    ["f'x{y}'", 'x{y}'],
    ['"""a\n"b" c"""', 'a\n"b" c'],
    ['`a ${b}`', 'a ${b}'],
    ['"open\nend"', null],
    ['name', null],
  ])('the literal %j', (text, expected) => {
    expect(literalAt(text, 0, 1000)).toBe(expected);
  });

  test.each([
    ['MODEL = "gpt2"', 'MODEL', 'gpt2'],
    ["export const model: string = 'a/b';", 'model', 'a/b'],
    ['private static final String MODEL = "a";', 'MODEL', 'a'],
    ['model: str = "a",', 'model', 'a'],
    ['m = os.getenv("M", "a")', 'm', 'a'],
    ["const m = process.env.M ?? 'a';", 'm', 'a'],
    ['self.model = "a"  # why', 'model', 'a'],
  ])('%j gives a name its value', (line, name, value) => {
    expect(constantsOf(`x\n${line}\n`).get(name)).toBe(value);
  });

  test('a name with two values has none', () => {
    expect(constantsOf('M = "a"\nM = "b"\n').has('M')).toBe(false);
    expect(constantsOf('M = "a"\nM = "a"\n').get('M')).toBe('a');
  });
});

describe('strings of JSON', () => {
  test('are those that a parser finds, with their paths', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const ours: [string, string][] = [];
        expect(
          walkJsonStrings(json, (path, start, end) => ours.push([path.join('/'), jsonStringAt(json, start, end)])),
        ).toBe(true);
        const theirs: [string, string][] = [];
        const visit = (value: unknown, path: string[]): void => {
          if (typeof value === 'string') theirs.push([path.join('/'), value.toWellFormed()]);
          else if (Array.isArray(value))
            for (const [index, item] of value.entries()) visit(item, [...path, String(index)]);
          else if (value !== null && typeof value === 'object')
            for (const [name, held] of Object.entries(value)) visit(held, [...path, name]);
        };
        visit(JSON.parse(json), []);
        // Names with escapes stand as they are written; the values are what counts.
        expect(ours.map(([, value]) => value).sort()).toEqual(theirs.map(([, value]) => value).sort());
      }),
    );
  });

  test.each([
    '{"a": "b"',
    '["a"}',
    '"open',
    '{"a" "b" : ]',
    `${'['.repeat(100)}"x"${']'.repeat(100)}`,
  ])('%j is refused', (text) => {
    expect(walkJsonStrings(text.slice(0, 400), () => {})).toBe(false);
  });
});

test.each<[string, Language]>([
  ['a/b.py', 'python'],
  ['x.TSX', 'javascript'],
  ['Dockerfile.prod', 'dockerfile'],
  ['.env.local', 'ini'],
  ['Jenkinsfile', 'groovy'],
  ['values.yaml.example', 'yaml'],
  ['LICENSE', 'text'],
])('%s is %s', (path, language) => {
  expect(languageOf(path)).toBe(language);
});
