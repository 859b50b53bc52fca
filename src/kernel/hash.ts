export {
  crc32,
  sha256,
  sha256Hex,
  sha256Pair,
  sha256PairsInto,
  sha256Prefixed,
  sha256PrefixedInto,
  startSha256,
  verifyEd25519,
} from '#primitives';
