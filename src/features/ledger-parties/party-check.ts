import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '#src/kernel/errors.ts';
import { InvalidFormat } from '#src/ledger/log/invalid-format.ts';
import { ED25519_COSIGNATURE, formatVerifierKey, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { openGitMirror } from '#src/ledger/mirror/mirror-git.ts';
import { readPem } from '#src/ledger/timestamp/timestamp-certificate.ts';
import { TimestampProblem } from '#src/ledger/timestamp/timestamp-problem.ts';
import { requireElsewhere } from './mirror-place.ts';
import { type NewLedgerParty, PartyName, type PartySettings } from './model.ts';

/** What is asked, checked as far as it can be without asking anybody. Throws `AppError('invalid_input')`. */
export function checkedParty(
  { name, settings }: NewLedgerParty,
  dataDir: string,
): { name: string; settings: PartySettings } {
  if (settings.kind === 'witness') {
    const key = witnessKey(settings.vkey);
    if (!PartyName.safeParse(key.name).success)
      throw new AppError('invalid_input', `The name in the key, "${key.name.slice(0, 200)}", cannot be used here.`);
    const url = settings.url.replace(/\/+$/, '');
    return { name: key.name, settings: { ...settings, url, vkey: formatVerifierKey(key) } };
  }
  if (name === undefined) throw new AppError('invalid_input', `A ${settings.kind} needs a name of your own choice.`);
  if (settings.kind === 'timestamp')
    return { name, settings: { ...settings, trusted: certificatesIn(settings.trusted) } };
  requireMirror(settings, dataDir);
  return { name, settings };
}

function witnessKey(vkey: string) {
  try {
    const key = parseVerifierKey(vkey);
    if (key.type === ED25519_COSIGNATURE) return key;
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error;
    throw new AppError('invalid_input', `The key of the witness cannot be used: ${error.message}`, { cause: error });
  }
  throw new AppError(
    'invalid_input',
    'That is the key of a log, not of a witness. A witness prints its own with "assay witness --print-key".',
  );
}

// Certificates and nothing else: a key that slipped into the file must not be kept.
function certificatesIn(trusted: string): string {
  try {
    const count = readPem(trusted).length;
    const blocks = trusted.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
    if (count > 0) return `${blocks.join('\n')}\n`;
  } catch (error) {
    if (!(error instanceof TimestampProblem)) throw error;
    throw new AppError('invalid_input', `The certificates of the authority cannot be used: ${error.message}`, {
      cause: error,
    });
  }
  throw new AppError(
    'invalid_input',
    'The file holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----"). It is the root certificate of the authority that is asked for.',
  );
}

function requireMirror(settings: Extract<PartySettings, { kind: 'mirror' }>, dataDir: string): void {
  const { place, path, remote, tiles } = settings;
  requireElsewhere(path, dataDir);
  if (place === 'git') {
    if (tiles) throw new AppError('invalid_input', 'A git repository mirrors heads only. Use a folder for the tiles.');
    // Refuses a remote that could run something.
    openGitMirror({ path, ...(remote !== null && { remote }), keys: () => [] });
    if (remote?.startsWith('/')) requireElsewhere(remote, dataDir);
    if (!existsSync(path) && !existsSync(dirname(path)))
      throw new AppError('invalid_input', `The folder ${dirname(path)} is not there. Make it, then try again.`);
    return;
  }
  if (remote !== null) throw new AppError('invalid_input', 'Only a git repository has a remote.');
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new AppError('invalid_input', `There is no folder ${path}. Make it (or mount it), then try again.`);
  const foreign = readdirSync(path).find((found) => !MIRROR_NAMES.has(found));
  if (foreign !== undefined)
    throw new AppError(
      'invalid_input',
      `${path} holds other things ("${foreign.slice(0, 80)}"). Choose an empty folder, or one that mirrors this ledger.`,
    );
}

const MIRROR_NAMES = new Set(['checkpoint', 'checkpoints', 'tile', 'logs', 'lost+found']);
