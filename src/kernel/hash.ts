export { crc32, sha256, sha256Hex, sha256Pair, sha256PairsInto, sha256Prefixed, verifyEd25519 } from '#primitives';
