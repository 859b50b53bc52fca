/** The part of `fetch` that is used: the platform's outbound door fits, and so does the global one. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: Uint8Array; signal: AbortSignal },
) => Promise<FetchAnswer>;

export type FetchAnswer = {
  status: number;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
};

/** The body of an answer, or null when it is longer than `bytesMax`; what follows is then not read. */
export async function readBounded(answer: FetchAnswer, bytesMax: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  // Leaving the loop ends the transfer.
  for await (const part of answer.body ?? []) {
    sizeBytes += part.length;
    if (sizeBytes > bytesMax) return null;
    parts.push(part);
  }
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
