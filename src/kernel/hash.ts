export { sha256, sha256Hex, verifyEd25519 } from '#primitives';
