import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

/** Reads what `toCsv` wrote, by the letter of RFC 4180. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let held = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? '';
    if (quoted) {
      if (letter === '"' && text[i + 1] === '"') {
        held += '"';
        i++;
      } else if (letter === '"') quoted = false;
      else held += letter;
    } else if (letter === '"') quoted = true;
    else if (letter === ',') {
      row.push(held);
      held = '';
    } else if (letter === '\r' && text[i + 1] === '\n') {
      row.push(held);
      rows.push(row);
      row = [];
      held = '';
      i++;
    } else held += letter;
  }
  return rows;
}

test('any table is read back cell by cell, apart from the apostrophe before formulas', () => {
  const table = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 2 }), { maxLength: 8 });
  fc.assert(
    fc.property(table, (rows) => {
      const [header, ...read] = parse(toCsv(['one', 'two'], rows));
      expect(header).toEqual(['one', 'two']);
      expect(read.map((row) => row.map((value) => value.replace(/^'(?=[=+\-@\t\r])/, '')))).toEqual(
        rows.map((row) => row.map((value) => value.replace(/^'(?=[=+\-@\t\r])/, ''))),
      );
    }),
  );
});

test.each([
  ['=HYPERLINK("http://x","y")', `'=HYPERLINK("http://x","y")`],
  ['+1+cmd', `'+1+cmd`],
  ['@sum', `'@sum`],
  ['-2+3', `'-2+3`],
])('the cell %s cannot run in a spreadsheet', (cell, written) => {
  expect(parse(toCsv(['a'], [[cell]]))[1]).toEqual([written]);
});

test('a negative number stays a number', () => {
  expect(toCsv(['a'], [['-12.5']])).toBe('a\r\n-12.5\r\n');
});
