import { call } from './client.ts';

type Page<Item> = { items: Item[]; total: number; nextCursor?: string };

/** More rows than this are not put on one screen; the filters narrow them down. */
const ROWS_MAX = 3000;

/**
 * Reads a list page by page to its end, so that sorting and counting on the screen speak of all of it.
 * `items` is shorter than `total` where the list is longer than 3,000.
 */
export async function everyPage<Item, Answer extends Page<Item>>(
  path: string,
  query: Record<string, string | undefined>,
  limit: number,
  signal: AbortSignal,
): Promise<Answer> {
  const first = await call<Answer>('GET', path, { query: { ...query, limit }, signal });
  const items = [...first.items];
  let cursor = first.nextCursor;
  while (cursor && items.length < ROWS_MAX) {
    const next = await call<Answer>('GET', path, { query: { ...query, limit, cursor }, signal });
    items.push(...next.items);
    cursor = next.nextCursor;
  }
  return { ...first, items, nextCursor: cursor };
}
