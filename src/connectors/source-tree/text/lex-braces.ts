import type { Language } from './language.ts';
import { endOf, lineEnd } from './lex-comments.ts';
import { endOfString } from './lex-python.ts';
import type { Span } from './regions.ts';

const TRIPLE = new Set<Language>(['java', 'kotlin', 'scala', 'groovy', 'swift', 'csharp', 'dart']);
const HASH_COMMENTS = new Set<Language>(['php', 'terraform']);
const TEMPLATES_MAX = 40;
const PATTERN_CHARS_MAX = 200;

/** Comments and strings of languages with braces, slash comments and double quotes. */
export function lexBraces(text: string, language: Language): Span[] {
  const lexer = new BraceLexer(text, language);
  return lexer.run();
}

class BraceLexer {
  private readonly spans: Span[] = [];
  private readonly text: string;
  private readonly language: Language;
  // Depth of braces at which each open `${` of a JavaScript template returns to its template.
  private readonly templates: number[] = [];
  private braces = 0;
  private lastSign = '';

  constructor(text: string, language: Language) {
    this.text = text;
    this.language = language;
  }

  run(): Span[] {
    for (let i = 0; i < this.text.length; ) i = this.step(i);
    return this.spans;
  }

  /** Reads what begins at `at` and returns where to go on. */
  private step(at: number): number {
    const { text, language } = this;
    const sign = text[at] as string;
    if (sign === '/' && text[at + 1] === '/') return this.comment(at, lineEnd(text, at));
    if (sign === '/' && text[at + 1] === '*') return this.comment(at, endOf(text, '*/', at + 2));
    if (sign === '#' && HASH_COMMENTS.has(language)) return this.comment(at, lineEnd(text, at));
    if (sign === '"' && TRIPLE.has(language) && text.startsWith('"""', at))
      return this.string(at, at + 3, endOf(text, '"""', at + 3));
    if (sign === '"') return this.doubleQuoted(at);
    if (sign === "'") return this.singleQuoted(at);
    if (sign === '`' && language === 'go') return this.string(at, at + 1, endOf(text, '`', at + 1));
    if (sign === '`' && language === 'javascript') return this.template(at + 1);
    if (sign === '/' && language === 'javascript' && this.mayBeginPattern()) return this.pattern(at);
    if (sign === '{') this.braces += 1;
    if (sign === '}') {
      this.braces -= 1;
      if (this.templates.length > 0 && this.braces === this.templates[this.templates.length - 1]) {
        this.templates.pop();
        this.lastSign = '`';
        return this.template(at + 1);
      }
    }
    if (sign > ' ') this.lastSign = sign;
    return at + 1;
  }

  private comment(start: number, end: number): number {
    this.spans.push({ start, end, region: 'comment' });
    return end;
  }

  private string(opening: number, start: number, end: number): number {
    const isText = this.text.slice(opening, end).includes('\n');
    this.spans.push({ start, end: Math.max(start, end), region: isText ? 'text' : 'string' });
    this.lastSign = '"';
    return Math.max(start, end);
  }

  private doubleQuoted(at: number): number {
    const before = this.text[at - 1];
    if (this.language === 'csharp' && (before === '@' || (before === '$' && this.text[at - 2] === '@'))) {
      // In a verbatim string the only escape is a doubled quote, and it may span lines.
      let end = at + 1;
      while (end < this.text.length && (this.text[end] !== '"' || this.text[end + 1] === '"'))
        end += this.text[end] === '"' ? 2 : 1;
      return this.string(at, at + 1, Math.min(end + 1, this.text.length));
    }
    if (this.language === 'rust' && (before === '#' || before === 'r')) {
      const hashes = /r(#{0,8})$/.exec(this.text.slice(Math.max(0, at - 10), at))?.[1];
      if (hashes !== undefined) return this.string(at, at + 1, endOf(this.text, `"${hashes}`, at + 1));
    }
    if (this.language === 'rust' || this.language === 'php')
      return this.string(at, at + 1, endOfLongString(this.text, at + 1));
    return this.string(at, at + 1, endOfString(this.text, at + 1, 34));
  }

  private singleQuoted(at: number): number {
    if (this.language === 'rust' || this.language === 'terraform') {
      // A lifetime (`'a`) opens nothing; a character is at most an escape long.
      const character = /^'(?:\\[^']{1,10}|[^'\\\n])'/.exec(this.text.slice(at, at + 14));
      return character ? at + character[0].length : at + 1;
    }
    return this.string(at, at + 1, endOfString(this.text, at + 1, 39));
  }

  /** Reads a template from `start` to its end or its next `${`. */
  private template(start: number): number {
    const { text } = this;
    for (let i = start; i < text.length; i++) {
      const sign = text[i];
      if (sign === '\\') i += 1;
      else if (sign === '`') return this.string(start, start, i + 1);
      else if (sign === '$' && text[i + 1] === '{' && this.templates.length < TEMPLATES_MAX) {
        this.string(start, start, i);
        this.templates.push(this.braces);
        this.braces += 1;
        return i + 2;
      }
    }
    return this.string(start, start, text.length);
  }

  /** A slash divides behind a value and begins a regular expression elsewhere. */
  private mayBeginPattern(): boolean {
    return this.lastSign === '' || '(,=:[!&|?{};+-*%<>~^'.includes(this.lastSign);
  }

  private pattern(at: number): number {
    let inClass = false;
    const last = Math.min(this.text.length, at + PATTERN_CHARS_MAX);
    for (let i = at + 1; i < last; i++) {
      const sign = this.text[i];
      if (sign === '\n') return at + 1;
      if (sign === '\\') i += 1;
      else if (sign === '[') inClass = true;
      else if (sign === ']') inClass = false;
      else if (sign === '/' && !inClass) return this.string(at, at + 1, i + 1);
    }
    return at + 1;
  }
}

/** Offset just behind a double-quoted string that may span lines. */
function endOfLongString(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
