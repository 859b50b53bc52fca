export {
  crc32,
  isSha256At,
  sha256,
  sha256EachInto,
  sha256Hex,
  sha256Pair,
  sha256PairsInto,
  sha256Prefixed,
  startSha256,
  verifyEd25519,
} from '#primitives';
