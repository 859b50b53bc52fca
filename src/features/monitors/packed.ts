/** Numbers as base64 of their little-endian bytes: exact, short, and the same on every machine. */

export function packFloats64(values: ArrayLike<number>): string {
  const bytes = Buffer.alloc(8 * values.length);
  for (let k = 0; k < values.length; k++) bytes.writeDoubleLE(values[k] as number, 8 * k);
  return bytes.toString('base64');
}

export function unpackFloats64(packed: string): Float64Array {
  const bytes = Buffer.from(packed, 'base64');
  return Float64Array.from({ length: bytes.length / 8 }, (_, k) => bytes.readDoubleLE(8 * k));
}

/** Rows of equal length one after the other, in single precision. */
export function packRows(rows: readonly ArrayLike<number>[]): string {
  const width = rows[0]?.length ?? 0;
  const bytes = Buffer.alloc(4 * width * rows.length);
  rows.forEach((row, r) => {
    for (let k = 0; k < width; k++) bytes.writeFloatLE(row[k] as number, 4 * (r * width + k));
  });
  return bytes.toString('base64');
}

export function unpackRows(packed: string, width: number): Float64Array[] {
  const bytes = Buffer.from(packed, 'base64');
  return Array.from({ length: bytes.length / (4 * width) }, (_, r) =>
    Float64Array.from({ length: width }, (__, k) => bytes.readFloatLE(4 * (r * width + k))),
  );
}

export function packBits(bits: readonly (0 | 1)[]): string {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, k) => {
    if (bit) bytes[k >> 3] = (bytes[k >> 3] as number) | (1 << (k & 7));
  });
  return bytes.toString('base64');
}

export function unpackBits(packed: string, length: number): Uint8Array {
  const bytes = Buffer.from(packed, 'base64');
  return Uint8Array.from({ length }, (_, k) => ((bytes[k >> 3] as number) >> (k & 7)) & 1);
}
