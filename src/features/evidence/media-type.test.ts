import { expect, test } from 'vitest';
import { attachmentHeader, safeFileName } from './file-name.ts';
import { sniffMediaType } from './media-type.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['%PDF-1.7 …', 'report.pdf', 'application/pdf'],
  ['\x89PNG\r\n\x1a\n…', 'shot.png', 'image/png'],
  ['\xff\xd8\xff\xe0', 'photo.jpg', 'image/jpeg'],
  ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'photo.webp', 'image/webp'],
  [
    'PK\x03\x04 … [Content_Types].xml',
    'plan.docx',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  ['PK\x03\x04 … xl/workbook.xml', 'list.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['PK\x03\x04 … secrets.txt', 'plan.docx', 'application/zip'],
  ['PK\x03\x04 …', 'export.zip', 'application/zip'],
  ['a,b\n1,2\n', 'list.csv', 'text/csv'],
  ['# Notes\n', 'notes.md', 'text/markdown'],
  ['{"a":1}', 'x.json', 'application/json'],
  ['just words', 'words', 'text/plain'],
  ['%PDF-1.7 …', 'looks-like.csv', 'application/pdf'],
])('%j named %s is %s', (content, name, type) => {
  expect(sniffMediaType(bytes(content), name)).toBe(type);
});

test.each([
  ['\x7fELF\x02\x01', 'tool'],
  ['MZ\x90\x00', 'setup.pdf'],
  ['<!DOCTYPE html><p>', 'page.txt'],
  ['  <svg onload=alert(1)>', 'drawing.csv'],
  ['<script>alert(1)</script>', 'x.md'],
  ['a\x00b', 'x.txt'],
  ['\xff\xfe\x00', 'x.txt'],
])('%j named %s is not taken', (content, name) => {
  expect(sniffMediaType(bytes(content), name)).toBeNull();
});

test('a text whose last character is cut off is still a text', () => {
  expect(sniffMediaType(Buffer.from('naïve').subarray(0, 3), 'x.txt')).toBe('text/plain');
});

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd.pdf'],
  ['C:\\Users\\ada\\plan.pdf', 'plan.pdf'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe.pdf'],
  ['a\r\nSet-Cookie: x.pdf', 'aSet-Cookie_ x.pdf'],
  ['"quoted";.pdf', '_quoted__.pdf'],
  ['...', 'file.pdf'],
  ['', 'file.pdf'],
  ['Größe 中.PDF', 'Größe 中.pdf'],
])('the name %j is kept as %j', (given, kept) => {
  expect(safeFileName(given, 'application/pdf')).toBe(kept);
});

test('a very long name is cut and keeps its extension', () => {
  const name = safeFileName(`${'x'.repeat(5000)}.pdf`, 'application/pdf');
  expect(name).toHaveLength(124);
  expect(name.endsWith('.pdf')).toBe(true);
});

test('the header of a download holds no raw quote, line break or letter beyond ASCII', () => {
  const header = attachmentHeader(`naïve "x"'(1).pdf`);
  expect(header).toBe(`attachment; filename="na_ve _x_'(1).pdf"; filename*=UTF-8''na%C3%AFve%20%22x%22%27%281%29.pdf`);
});
