import { isIP } from 'node:net';
import { AppError } from '#src/kernel/errors.ts';
import { allowedAddresses, type Resolve } from '#src/platform/outbound.ts';

/** A remote of a git mirror, taken apart. A folder is on this machine or mounted; the others are called. */
export type GitRemote =
  | { kind: 'folder'; address: string }
  | { kind: 'https' | 'ssh'; address: string; host: string; port: number };

/** How git reaches a remote: settings for `-c`, and the command for ssh. */
export type GitRoute = { settings: readonly string[]; sshCommand: string };

const ADDRESS_MAX = 500;
const NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const SCP_FORM = /^[A-Za-z0-9._][A-Za-z0-9._-]*@([^\s:/@[\]]+):[^\s:][^\s]*$/;
// Nothing of a file of settings may lead elsewhere, run something or lend a key.
const SSH_OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=10',
  'ServerAliveInterval=5',
  'ServerAliveCountMax=2',
  'ProxyCommand=none',
  'ProxyJump=none',
  'PermitLocalCommand=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'CanonicalizeHostname=no',
];

/** Takes a remote apart. Throws `AppError('invalid_input')` for every form but an absolute path, ssh and https. */
export function readGitRemote(remote: string): GitRemote {
  // Two colons outside an address of IPv6 name a program that git would run.
  const isOdd = remote.length > ADDRESS_MAX || /\s|::/.test(remote.replace(/\[[0-9a-f:.]+\]/i, ''));
  const read = isOdd ? null : (folder(remote) ?? called(remote));
  if (read) return read;
  throw new AppError(
    'invalid_input',
    'The remote of a git mirror is an absolute path, ssh://…, user@host:path or https://… without a password.',
  );
}

function folder(remote: string): GitRemote | null {
  return remote.startsWith('/') && !remote.startsWith('//') ? { kind: 'folder', address: remote } : null;
}

function called(address: string): GitRemote | null {
  const short = SCP_FORM.exec(address)?.[1];
  if (short !== undefined) return NAME.test(short) ? { kind: 'ssh', address, host: short, port: 22 } : null;
  if (!/^(ssh|https):\/\//.test(address) || !URL.canParse(address)) return null;
  const { protocol, hostname, port, username, password, search, hash, pathname } = new URL(address);
  const kind = protocol === 'https:' ? 'https' : 'ssh';
  const host = hostname.replace(/^\[|\]$/g, '');
  const isPlain = password === '' && search === '' && hash === '' && pathname.length > 1 && !username.startsWith('-');
  if (!isPlain || (kind === 'https' && username !== '') || (isIP(host) === 0 && !NAME.test(host))) return null;
  return { kind, address, host, port: port === '' ? (kind === 'https' ? 443 : 22) : Number(port) };
}

/**
 * Finds and checks the addresses of a remote, and ties git to them: whatever its name means a moment later, these are the
 * ones connected to. Throws as `allowedAddresses`.
 */
export async function routeTo(
  remote: GitRemote,
  options: { allowPrivate: boolean; resolve?: Resolve | undefined },
): Promise<GitRoute> {
  const ssh = ['ssh', ...SSH_OPTIONS.map((option) => `-o${option}`)];
  if (remote.kind === 'folder') return { settings: [], sshCommand: '/bin/false' };
  const { host, port } = remote;
  const addresses = await allowedAddresses(host, options);
  if (remote.kind === 'https') {
    const pinned = addresses.map((address) => (isIP(address) === 6 ? `[${address}]` : address)).join(',');
    return {
      settings: isIP(host) === 0 ? [`http.curloptResolve=${host}:${port}:${pinned}`] : [],
      sshCommand: '/bin/false',
    };
  }
  // The key of the host is still looked up by its name, as it stands in known_hosts.
  const alias = port === 22 ? host : `[${host}]:${port}`;
  return { settings: [], sshCommand: [...ssh, `-oHostName=${addresses[0]}`, `'-oHostKeyAlias=${alias}'`].join(' ') };
}
