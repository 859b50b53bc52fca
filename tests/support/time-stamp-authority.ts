import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Null, or why no authority can be made here. */
export function missingOpenssl(): string | null {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'openssl is not installed';
  }
}

const CONFIG = `
[tsa]
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
certs = $dir/chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
digests = sha256, sha512
accuracy = secs:1, millisecs:500
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

export type AuthorityOptions = {
  /** Lines of the stamping certificate's extensions. */
  extensions?: string;
  /** Of the stamping certificate, as openssl takes them: days from now, or `YYYYMMDDHHMMSSZ`. */
  notBefore?: string;
  notAfter?: string;
  key?: 'rsa:2048' | 'rsa:1024' | 'ec';
  /** The folder of an authority whose keys are used again, which is quicker than making new ones. */
  keysOf?: string;
  /** Changes to the settings of `openssl ts`. */
  config?: (text: string) => string;
};

/** A certificate authority with one intermediate and a stamping key, in `folder`, driven by the openssl program. */
export async function makeAuthority(folder: string, options: AuthorityOptions = {}) {
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  writeFileSync(at('ts.cnf'), (options.config ?? ((text) => text))(CONFIG.replaceAll('$dir', folder)));
  writeFileSync(at('serial'), '01\n');
  const caExtensions = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
  writeFileSync(at('ca.ext'), caExtensions);
  writeFileSync(
    at('tsa.ext'),
    options.extensions ?? 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n',
  );
  const key = async (name: string, kind: AuthorityOptions['key'] = 'rsa:2048') => {
    if (kind === 'ec')
      await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', name);
    else await openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${kind.slice(4)}`, '-out', name);
  };
  const { keysOf } = options;
  if (keysOf) for (const name of ['root.key', 'mid.key', 'tsa.key']) copyFileSync(join(keysOf, name), at(name));
  else await Promise.all([key('root.key', 'ec'), key('mid.key'), key('tsa.key')]);
  if (options.key) await key('tsa.key', options.key);
  await openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    'root.key',
    '-subj',
    '/CN=Test Root',
    '-days',
    '3650',
    '-out',
    'root.pem',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  );
  await openssl('req', '-new', '-key', 'mid.key', '-subj', '/CN=Test Intermediate', '-out', 'mid.csr');
  await openssl(
    'x509',
    '-req',
    '-in',
    'mid.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-set_serial',
    '2',
    '-days',
    '3000',
    '-extfile',
    'ca.ext',
    '-out',
    'mid.pem',
  );
  await openssl('req', '-new', '-key', 'tsa.key', '-subj', '/O=Test/CN=Test Stamping', '-out', 'tsa.csr');
  await signStampingCertificate(folder, options);
  writeFileSync(at('chain.pem'), readFileSync(at('mid.pem')));
  return {
    folder,
    root: readFileSync(at('root.pem'), 'utf8'),
    /** What `openssl ts -reply` answers to a request in DER. */
    reply: (request: Uint8Array, ...args: string[]) => reply(folder, request, args),
  };
}

async function signStampingCertificate(folder: string, { notBefore, notAfter }: AuthorityOptions): Promise<void> {
  const at = (name: string) => join(folder, name);
  // Only `openssl ca` takes moments instead of days; it wants a small database.
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('ca-serial'), '1000\n');
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index.txt')}\nserial=${at('ca-serial')}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\norganizationName=optional\n`,
  );
  const times = ['-startdate', notBefore ?? '20200101000000Z', '-enddate', notAfter ?? '20400101000000Z'];
  const files = ['-cert', 'mid.pem', '-keyfile', 'mid.key', '-in', 'tsa.csr', '-out', 'tsa.pem', '-extfile', 'tsa.ext'];
  await run('openssl', ['ca', '-batch', '-notext', '-config', 'ca.cnf', ...files, ...times], { cwd: folder });
}

let replies = 0;
async function reply(folder: string, request: Uint8Array, args: string[]): Promise<Uint8Array> {
  const name = `${process.pid}-${replies++}`;
  const [query, answer] = [join(folder, `${name}.tsq`), join(folder, `${name}.tsr`)];
  writeFileSync(query, request);
  await run('openssl', [
    'ts',
    '-reply',
    '-config',
    join(folder, 'ts.cnf'),
    '-section',
    'tsa',
    '-queryfile',
    query,
    '-out',
    answer,
    ...args,
  ]);
  return new Uint8Array(readFileSync(answer));
}

/** Serves an authority over HTTP on loopback; `change` may spoil what goes out. */
export async function serveAuthority(answer: (request: Uint8Array) => Promise<{ status?: number; body: Uint8Array }>) {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const { status, body } = await answer(new Uint8Array(Buffer.concat(parts)));
    response.writeHead(status ?? 200, { 'content-type': 'application/timestamp-reply' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
