import { sha256 } from '#src/kernel/hash.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Base58Check with the four-byte double SHA-256 checksum of Bitcoin, Litecoin, Dogecoin and Tron addresses (25 bytes). */
export function isBase58Check(text: string): boolean {
  const bytes = new Uint8Array(25);
  for (const sign of text) {
    let carry = BASE58.indexOf(sign);
    if (carry < 0) return false;
    for (let i = 24; i >= 0; i--) {
      carry += (bytes[i] ?? 0) * 58;
      bytes[i] = carry & 255;
      carry >>= 8;
    }
    if (carry !== 0) return false;
  }
  const hash = sha256(sha256(bytes.subarray(0, 21)));
  return [0, 1, 2, 3].every((i) => hash[i] === bytes[21 + i]);
}

const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP 173 and BIP 350: bech32 and bech32m. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const at = lower.lastIndexOf('1');
  const values: number[] = [];
  for (const sign of lower.slice(0, at)) values.push(sign.charCodeAt(0) >> 5);
  values.push(0);
  for (const sign of lower.slice(0, at)) values.push(sign.charCodeAt(0) & 31);
  for (const sign of lower.slice(at + 1)) {
    const value = BECH32.indexOf(sign);
    if (value < 0) return false;
    values.push(value);
  }
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < 5; i++) if ((top >>> i) & 1) check ^= GENERATOR[i] ?? 0;
  }
  return check === 1 || check === 0x2bc830a3;
}
