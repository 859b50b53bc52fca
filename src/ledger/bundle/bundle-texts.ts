import { formatVerifierKey, keyFingerprint, type VerifierKey } from '../log/verifier-key.ts';
import { type BundleManifest, blobPath, entryPath, proofPath } from './bundle-format.ts';

/** The first page: what the bundle proves and what it does not, for whoever opens it without any tool. */
export function readmeText(manifest: Omit<BundleManifest, 'files'>, logKeys: readonly VerifierKey[]): string {
  const { range, entries, size, origin } = manifest;
  const whole = range?.from === 0 && range.to === size;
  const contents = whole
    ? `all ${size} entries of the log`
    : `${entries.length} entries of the log${range ? `, among them all from ${range.from} to ${range.to - 1}` : ''}`;
  return `EVIDENCE BUNDLE ${manifest.bundle}

Log:       ${origin}
Size:      ${size} entries under the signed head
Holds:     ${contents}
Exported:  ${manifest.exportedAt} (clock of the exporting machine)
${logKeys.map(keyLines).join('')}
WHAT IT PROVES, to whoever trusts the log key
  - Each entry is exactly what was recorded, at its place in the log.
  - Within the complete range no entry was changed, left out or put in later.
  - Numbered series (for example the results of one test) have no gap there.
  - The log continues every earlier head in history/: it was not rewritten.
  - Each evidence file in blobs/ is the one its entry names.
  - Nothing in this bundle was changed since it was exported.

WHAT IT DOES NOT PROVE
  - That the evidence was true when it was collected.
  - That everything that happened was recorded.
  - That the clocks of the machines that recorded it were right.
  - That nobody was shown another history, unless witnesses you trust cosigned the
    head: who holds the log key alone could sign two.
  - Whose key it is. Get the key, or its fingerprint, from the operator by
    another way than this bundle, and put it into a policy file.

HOW TO VERIFY
  assay bundle verify FILE.zip --policy my-policy
  The file "policy" in here is a template for one. It is a copy of the key the
  bundle was signed with, and so proves nothing by itself.
  The formats are public: C2SP tlog-checkpoint, signed-note, tlog-proof and
  tlog-policy; RFC 6962 (tree), RFC 8785 (entries). The layout is described in
  docs/spec/bundle.md of Assay, enough to write a verifier of one's own.

LAYOUT
  manifest.json      what is in here, with a SHA-256 for every file
  manifest.note      signature over the manifest by the log's bundle key
  checkpoint         the signed head of the log
  policy             template of a policy file
  ${entryPath(0).padEnd(18)} entry 0, byte for byte as it was hashed
  ${proofPath(0)}
                     its proof: the path of hashes from the entry to the head
  ${blobPath('<hash>')}
                     evidence files, named by their SHA-256
  disclosures/       values behind commitments, where they were asked for
  timestamps/        stamps of outside clocks over the head (RFC 3161), and the
                     roots the operator trusts for them
  history/           earlier heads, and proofs that the log continues them
`;
}

function keyLines(key: VerifierKey): string {
  return `Log key:   ${formatVerifierKey(key)}\n           fingerprint ${keyFingerprint(key)}\n`;
}

/** A policy that trusts the log, knows the witnesses the operator has, and asks for none of them. */
export function policyText(
  logKeys: readonly VerifierKey[],
  witnesses: readonly { name: string; vkey: string; url: string }[] = [],
): string {
  const logs = logKeys.map((key) => `log ${formatVerifierKey(key)}\n`).join('');
  const known = witnesses.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}\n`).join('');
  const advice =
    witnesses.length === 0
      ? `# Add the witnesses you trust, for example:
#   witness auditor <vkey>
#   quorum auditor
`
      : `# So did those of the witnesses. Once you have compared them with their operators, ask
# for their cosignatures by a last line such as:
#   quorum ${witnesses[0]?.name}
`;
  return `# Template of a policy file (C2SP tlog-policy).
# This key came with the bundle. Compare it with one you got from the operator by
# another way before you rely on it.
${advice}${logs}${known}quorum none
`;
}
