/** One record of a CSV file, with the line it begins on, from 1. */
export type CsvRecord = { line: number; fields: string[] } | { line: number; broken: string };

const RECORD_BYTES = 1_048_576;

/**
 * Cuts a stream of text into CSV records (RFC 4180: quotes, doubled quotes, line breaks within quotes; also bare LF). Blank
 * lines are left out. A record beyond 1 MiB ends the file: a quote was not closed.
 */
export async function* splitCsv(chunks: AsyncIterable<string>, separator = ','): AsyncGenerator<CsvRecord> {
  let line = 1;
  let startLine = 1;
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  let wasQuoted = false;
  let pendingQuote = false;
  let sizeBytes = 0;
  let isFirst = true;
  const take = (): CsvRecord | null => {
    fields.push(field);
    const isBlank = fields.length === 1 && field === '' && !wasQuoted;
    const record = isBlank ? null : { line: startLine, fields };
    fields = [];
    field = '';
    wasQuoted = false;
    sizeBytes = 0;
    return record;
  };
  for await (const chunk of chunks) {
    let text = chunk;
    if (isFirst && text.startsWith('\ufeff')) text = text.slice(1);
    isFirst = false;
    for (let k = 0; k < text.length; k++) {
      const unit = text[k] as string;
      if (++sizeBytes > RECORD_BYTES) {
        yield {
          line: startLine,
          broken: 'This record has more than 1 MiB: a quote that opens here is probably never closed.',
        };
        return;
      }
      if (quoted) {
        if (pendingQuote) {
          pendingQuote = false;
          if (unit === '"') {
            field += '"';
            continue;
          }
          quoted = false;
        } else {
          if (unit === '"') pendingQuote = true;
          else {
            if (unit === '\n') line++;
            field += unit;
          }
          continue;
        }
      }
      if (unit === '"' && field === '' && !wasQuoted) {
        quoted = true;
        wasQuoted = true;
      } else if (unit === separator) {
        fields.push(field);
        field = '';
        wasQuoted = false;
      } else if (unit === '\n') {
        if (field.endsWith('\r') && !wasQuoted) field = field.slice(0, -1);
        const record = take();
        line++;
        startLine = line;
        if (record) yield record;
      } else if (!(unit === '\r' && wasQuoted)) field += unit;
    }
  }
  if (quoted && !pendingQuote) yield { line: startLine, broken: 'The file ends within a quote that opens here.' };
  else if (field !== '' || fields.length > 0) {
    const record = take();
    if (record) yield record;
  }
}
