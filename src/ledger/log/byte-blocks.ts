const BLOCK_BYTES = 256 * 1024;

/** Bytes gathered from many small pieces, in blocks: hundreds of thousands of arrays of their own would weigh far more. */
export class ByteBlocks {
  readonly #full: Uint8Array[] = [];
  #last = new Uint8Array(BLOCK_BYTES);
  #lastBytes = 0;
  sizeBytes = 0;

  append(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length;
    for (let done = 0; done < bytes.length; ) {
      if (this.#lastBytes === BLOCK_BYTES) {
        this.#full.push(this.#last);
        this.#last = new Uint8Array(BLOCK_BYTES);
        this.#lastBytes = 0;
      }
      const part = bytes.subarray(done, done + BLOCK_BYTES - this.#lastBytes);
      this.#last.set(part, this.#lastBytes);
      this.#lastBytes += part.length;
      done += part.length;
    }
  }

  *blocks(): Generator<Uint8Array> {
    yield* this.#full;
    if (this.#lastBytes > 0) yield this.#last.subarray(0, this.#lastBytes);
  }
}
