const COLUMN_MAX = 60;

/** Rows as aligned columns under their titles; texts from outside on one line and without control characters. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map(clean));
  const widths = titles.map((_, at) => Math.min(COLUMN_MAX, Math.max(...cells.map((row) => row[at]?.length ?? 0))));
  return cells
    .map((row) =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of text that moves no cursor. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

export function day(instant: string | null): string {
  return instant === null ? '–' : instant.slice(0, 10);
}
