const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A sortable id such as `evd_01jd3…`: a lower-case ULID behind the noun's prefix.
 * `atMs` is Unix time in milliseconds, `random` at least 10 bytes of fresh randomness. Source: the ULID specification.
 */
export function makeId(prefix: string, atMs: number, random: Uint8Array): string {
  let time = '';
  let rest = atMs;
  for (let i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let bits = 0;
  let held = 0;
  let tail = '';
  for (let i = 0; i < 10; i++) {
    held = (held << 8) | (random[i] ?? 0);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      tail += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return `${prefix}_${time}${tail}`;
}
