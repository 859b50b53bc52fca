/** What `work` resolves to. Rejects with an error that says `tooLate` once `mostMs` have passed; the work itself goes on. */
export async function inTime<T>(work: PromiseLike<T>, mostMs: number, tooLate: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(tooLate)), mostMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
