import { expect, test } from 'vitest';
import { AppError } from '#src/kernel/errors.ts';
import { readConfig } from './config.ts';
import { installationRoot } from './root.ts';

test('an empty environment gives loopback, the usual ports and the data folder of the installation', () => {
  const config = readConfig({ ASSAY_PORT: '' }, '/somewhere/else');
  expect(config).toMatchObject({ host: '127.0.0.1', port: 4400, gatewayPort: 4401, logLevel: 'info' });
  expect(config.dataDir).toBe(`${installationRoot()}/.assay`);
  expect(config.databaseUrl).toBeUndefined();
});

test('relative paths are relative to the working directory', () => {
  const config = readConfig({ ASSAY_DATA_DIR: 'data', ASSAY_SCAN_ROOTS: 'a:/b' }, '/home/ada');
  expect(config.dataDir).toBe('/home/ada/data');
  expect(config.scanRoots).toEqual(['/home/ada/a', '/b']);
});

test.each([
  [{ ASSAY_PORT: 'http' }, /ASSAY_PORT \("http"\)/],
  [{ ASSAY_PORT: '70000' }, /ASSAY_PORT/],
  [{ ASSAY_GATEWAY_PORT: '4400' }, /ASSAY_PORT and ASSAY_GATEWAY_PORT are both 4400/],
  [{ ASSAY_LOG_LEVEL: 'loud' }, /ASSAY_LOG_LEVEL/],
  [{ ASSAY_PUBLIC_URL: 'ftp://x' }, /ASSAY_PUBLIC_URL/],
  [{ ASSAY_LEDGER_PUBLIC: 'true' }, /ASSAY_LEDGER_PUBLIC \("true"\) is not usable: expected yes or no/],
  [{ ASSAY_HOST: '0.0.0.0' }, /ASSAY_TRUSTED_PROXY/],
  [{ ASSAY_HOST: '0.0.0.0', ASSAY_TRUSTED_PROXY: 'everyone' }, /ASSAY_TRUSTED_PROXY/],
  [{ ASSAY_TLS_CERT: '/c.pem' }, /ASSAY_TLS_CERT and ASSAY_TLS_KEY belong together/],
  [{ ASSAY_MASTER_KEY: 'c2hvcnQ=' }, /ASSAY_MASTER_KEY is not usable: expected 32 bytes/],
])('%j is refused by the name of the variable', (env, message) => {
  expect(() => readConfig(env, '/')).toThrow(AppError);
  expect(() => readConfig(env, '/')).toThrow(message);
});

test('a database address that cannot be used is refused without being repeated', () => {
  for (const url of ['mysql://ada:hunter2@db/x', 'postgres://ada:hunter2@db:port/x', 'postgres://'])
    expect(() => readConfig({ DATABASE_URL: url }, '/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
});

test('a reachable address is accepted behind a named proxy', () => {
  const config = readConfig({ ASSAY_HOST: '0.0.0.0', ASSAY_TRUSTED_PROXY: '10.0.0.0/8, ::1' }, '/');
  expect(config.trustedProxy).toEqual(['10.0.0.0/8', '::1']);
});

test.each([
  [{}, true],
  [{ ASSAY_HOST: '::1' }, true],
  [{ ASSAY_PUBLIC_URL: 'https://assay.example' }, false],
  [{ ASSAY_TRUSTED_PROXY: '10.0.0.1' }, false],
  [{ ASSAY_HOST: '0.0.0.0', ASSAY_TLS_CERT: '/c.pem', ASSAY_TLS_KEY: '/k.pem' }, false],
  [{ ASSAY_PUBLIC_URL: 'https://assay.example', ASSAY_LEDGER_PUBLIC: 'yes' }, true],
  [{ ASSAY_LEDGER_PUBLIC: 'no' }, false],
])('with %j the ledger is open to strangers: %s', (env, expected) => {
  expect(readConfig(env, '/').ledgerPublic).toBe(expected);
});
