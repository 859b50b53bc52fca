/** A head somebody kept elsewhere, such as a file of a mirror's `checkpoints` folder: a signed note and its file's name. */
export type GivenHead = { name: string; note: string };

/** What given heads say of the head of a bundle, by file name. */
export type HeadsCompared = {
  holding: string[];
  /** Same log and size, other root: the log has two histories. */
  contradicting: string[];
  /** Of another log or another size, or no head at all. */
  unrelated: string[];
};

/**
 * Compares kept heads with that of a bundle: `head.text` is the text its signatures are over. Only texts are compared, since
 * a place may have taken the head before a cosignature came.
 */
export function compareHeads(given: readonly GivenHead[], head: { size: number; text: string }): HeadsCompared {
  const compared: HeadsCompared = { holding: [], contradicting: [], unrelated: [] };
  const [origin] = head.text.split('\n');
  for (const { name, note } of given) {
    const [otherOrigin, size] = note.split('\n');
    if (note.startsWith(`${head.text}\n`)) compared.holding.push(name);
    else if (otherOrigin === origin && size === String(head.size)) compared.contradicting.push(name);
    else compared.unrelated.push(name);
  }
  return compared;
}
