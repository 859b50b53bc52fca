type Page = { items: unknown[]; total: number; nextCursor?: string };

/** More rows than this are not put on one screen; the filters narrow them down. */
const ROWS_MAX = 3000;

/**
 * Reads a list page by page to its end, so that sorting and counting on the screen speak of all of it. `read` gets the
 * cursor of the page to read. `items` is shorter than `total` where the list is longer than 3,000.
 */
export async function everyPage<Answer extends Page>(
  read: (cursor: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  const first = await read(undefined);
  const items = [...first.items];
  let cursor = first.nextCursor;
  while (cursor && items.length < ROWS_MAX) {
    const next = await read(cursor);
    items.push(...next.items);
    cursor = next.nextCursor;
  }
  return { ...first, items, nextCursor: cursor };
}
