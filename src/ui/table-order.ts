export type SortValue = string | number | null | undefined;
export type Sort = { key: string; descending: boolean };

const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows in order of `value`. Rows without a value come last in either direction; equal rows keep their order. */
export function sortRows<Row>(rows: readonly Row[], value: (row: Row) => SortValue, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const one = value(a);
    const other = value(b);
    const oneMissing = one === null || one === undefined || one === '';
    const otherMissing = other === null || other === undefined || other === '';
    if (oneMissing || otherMissing) return Number(oneMissing) - Number(otherMissing);
    if (typeof one === 'number' && typeof other === 'number') return sign * (one - other);
    return sign * words.compare(String(one), String(other));
  });
}

/** True when every word of `query` stands somewhere in `text`, whatever the case. */
export function matches(text: string, query: string): boolean {
  const held = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => held.includes(word));
}
