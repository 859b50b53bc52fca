import type pg from 'pg';

/**
 * `COPY … FROM STDIN` on an open connection: rows in Postgres' text format, one line each (see `copyField`), in one piece or
 * several that follow each other. Resolves to the number of rows stored. Source: the Postgres protocol, section 54.2.6.
 */
export function copyIn(client: pg.ClientBase, statement: string, data: Buffer | readonly Buffer[]): Promise<number> {
  const pieces = Buffer.isBuffer(data) ? [data] : data;
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statement, pieces, (error, rows) => (error ? reject(error) : resolve(rows))) as never);
  });
}

type Connection = {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
};

const CHUNK_BYTES = 1 << 16;

/** What the client asks of a query of one's own kind. */
class CopyIn {
  #rows = 0;
  #error: Error | undefined;

  readonly callback: (error: Error | undefined, rows: number) => void;
  readonly #statement: string;
  readonly #pieces: readonly Buffer[];

  constructor(
    statement: string,
    pieces: readonly Buffer[],
    callback: (error: Error | undefined, rows: number) => void,
  ) {
    this.#statement = statement;
    this.#pieces = pieces;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    connection.query(this.#statement);
  }

  handleCopyInResponse(connection: Connection): void {
    for (const piece of this.#pieces)
      for (let at = 0; at < piece.length; at += CHUNK_BYTES)
        connection.sendCopyFromChunk(piece.subarray(at, at + CHUNK_BYTES));
    connection.endCopyFrom();
  }

  handleCommandComplete({ text }: { text?: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text ?? '')?.[1] ?? 0);
  }

  handleError(error: Error): void {
    this.#error ??= error;
    this.callback(this.#error, 0);
  }

  handleReadyForQuery(): void {
    if (!this.#error) this.callback(undefined, this.#rows);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}

const ESCAPED = /[\\\n\r\t]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One field of a line for `copyIn`; null stands for SQL's null. */
export function copyField(text: string | null): string {
  if (text === null) return '\\N';
  return ESCAPED.test(text) ? text.replace(/[\\\n\r\t]/g, (one) => ESCAPES[one] as string) : text;
}

const UNESCAPES: Record<string, string> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r', '\\t': '\t' };

/** What `copyField` wrote. */
export function readCopyField(field: string): string | null {
  if (field === '\\N') return null;
  return field.includes('\\') ? field.replace(/\\[\\nrt]/g, (one) => UNESCAPES[one] as string) : field;
}
