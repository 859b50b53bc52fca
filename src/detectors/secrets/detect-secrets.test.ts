import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSecrets } from './detect-secrets.ts';
import { ALPHABETS, VENDOR_FORMATS, type VendorFormat } from './vendor-formats.ts';

const detect = compileSecrets({ salt: 'salt' });

/** Signs of a class such as `A-Z0-9_`. */
function signsOf(alphabet: string): string {
  return alphabet.replace(/([A-Za-z0-9])-([A-Za-z0-9])/g, (_all, from: string, to: string) => {
    let signs = '';
    for (let unit = from.charCodeAt(0); unit <= to.charCodeAt(0); unit++) signs += String.fromCharCode(unit);
    return signs;
  });
}

/** A value of a format, drawn at test time so that no file holds anything that looks like a key. */
function drawn(format: VendorFormat, length = format.least): string {
  const signs = signsOf(ALPHABETS[format.alphabet]).replace(/[^A-Za-z0-9]/g, '');
  let state = 2_166_136_261;
  for (const sign of `${format.prefix}${length}`) state = Math.imul(state ^ sign.charCodeAt(0), 16_777_619) >>> 0;
  let body = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    body += signs[(state >>> 16) % signs.length];
  }
  // A body of letters only is left to words; every real key of these lengths has a digit.
  return `${format.prefix}${body.slice(0, 1)}7${body.slice(2)}`;
}

describe('secrets', () => {
  it('knows at least 60 vendor formats', () => {
    expect(new Set(VENDOR_FORMATS.map((format) => format.id)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(
    VENDOR_FORMATS.map((format) => [`${format.id} ${format.prefix.slice(0, 6)}`, format] as const),
  )('finds a key of the format %s', (_name, format) => {
    const value = drawn(format);
    for (const text of [`use ${value} here`, `X="${value}"`, `{"a":"${value}"}`]) {
      const found = detect(text);
      expect(found.map((one) => text.slice(one.start, one.end))).toEqual([value]);
      expect(found[0]?.rule).toMatch(/^secrets\./);
    }
    expect(detect(`use x${value} here`).filter((one) => one.kind === format.id)).toEqual([]);
    expect(detect(`use ${drawn(format, 3)} here`).filter((one) => one.kind === format.id)).toEqual([]);
  });

  const random = drawn({ id: '', title: '', prefix: '', alphabet: 'alnum', least: 32, most: 32 });
  const hex = drawn({ id: '', title: '', prefix: '', alphabet: 'hex', least: 40, most: 40 });

  it('finds a private key to its last line and not the words after it', () => {
    const begin = '-----BEGIN RSA PRIVATE KEY-----';
    const lines = [hex, hex.toUpperCase(), random];
    const text = `${begin}\n${lines.join('\n')}\n-----END RSA PRIVATE KEY-----\nKeep this file to yourself, please.`;
    const [found] = detect(text);
    expect(text.slice(found?.start, found?.end).trim()).toBe(lines.join('\n'));
    const quoted = `key = "${begin}" +\n${lines.map((line) => `"${line}\\n" +`).join('\n')}\n"-----END RSA PRIVATE KEY-----"`;
    const [within] = detect(quoted);
    for (const line of lines) expect(quoted.slice(within?.start, within?.end)).toContain(line);
  });

  it('takes what follows the word basic for credentials only when it decodes to some', () => {
    const encoded = btoa('deploy:Tr7zqP92xw');
    expect(detect(`Authorization: Basic ${encoded}`)).toHaveLength(1);
    expect(detect('This guide needs a basic understanding of HTTP and a basic implementation.')).toEqual([]);
  });

  it.each([
    ['an assignment', `shodan_api_key = "${random}"`, random],
    ['an environment variable', `export SERVICE_TOKEN=${hex}`, hex],
    ['a JSON field', `{"clientSecret": "${random}"}`, random],
    ['an element', `<shodanToken>\n    ${random}\n</shodanToken>`, random],
    ['a value joined to a variable', `$shodanToken .= "${random}"`, random],
    ['a short key', 'shodan_token: "k4wz81bqx7p"', 'k4wz81bqx7p'],
    ['a header', `Authorization: Bearer ${random}`, random],
    ['a password', 'password = "t8qy3ZYTJ9"', 't8qy3ZYTJ9'],
    ['a French password', 'mot de passe : Mtt6JSW@U69', 'Mtt6JSW@U69'],
    ['a spoken password', 'please log in with Mj1-a8IckG9 as the password', 'Mj1-a8IckG9'],
    ['a connection string', 'postgres://app:kX9-mQ2vT7w@db.internal:5432/main', 'kX9-mQ2vT7w'],
    ['a connection string without a user', 'redis://:jW-01ZpBqfkq9@cache:6379/0', 'jW-01ZpBqfkq9'],
    ['a command line', 'curl -u admin:kX9mQ2vT7w https://host/api', 'kX9mQ2vT7w'],
  ])('finds the value of %s', (_name, text, value) => {
    expect(detect(text).map((one) => text.slice(one.start, one.end))).toContain(value);
  });

  it('finds private keys and web tokens', () => {
    const pem = `${'-----BEGIN RSA PRIVATE'} KEY-----\n${random}${random}\n-----END`;
    const jwt = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from('{"sub":"someone"}').toString('base64url')}.${random}`;
    expect(detect(pem).map((one) => one.kind)).toEqual(['private-key']);
    expect(detect(`token ${jwt}`).map((one) => one.kind)).toEqual(['jwt']);
  });

  it.each([
    ['a placeholder', 'api_key = "your-api-key-here"'],
    ['a recited value', 'token=abcdef1234567890abcdef1234567890'],
    ['a variable', `password = "$${'{DB_PASSWORD}'}"`],
    ['a lookup', 'password = os.environ["DB_PASSWORD"]'],
    ['a template', 'AccountKey=<YOUR_ACCOUNT_KEY>;'],
    ['a commit', `commit ${hex}`],
    ['a digest', `docker pull registry.test/app@sha256:${hex}${hex.slice(0, 24)}`],
    ['a trace id', 'trace id 1c952450-d129-cf37-32cb-6b63bb95d54d'],
    ['a public key', `-----BEGIN PUBLIC KEY-----\nMIIBIjANBg${random}\n-----END PUBLIC KEY-----`],
    ['an SSH public key', `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${random} me@laptop`],
    ['an integrity hash', `"integrity": "sha512-${random}${random}=="`],
    ['prose about passwords', 'The password must have twelve characters and the token expires tomorrow.'],
    ['code about keys', 'const key = user.accessToken.value; if (password == null) return;'],
    ['a URL with a port', 'see http://localhost:8080/@scope/package'],
    ['a keyboard', 'the keyboard shortcut is Ctrl+Shift+P and the passenger arrived'],
  ])('leaves %s alone', (_name, text) => {
    expect(detect(text).map((one) => one.rule)).toEqual([]);
  });

  it('gives the same salted fingerprint to the same value and another with another salt', () => {
    const text = `api_key=${random} and again token=${random}`;
    const [first, second] = detect(text);
    expect(first?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(second?.fingerprint).toBe(first?.fingerprint);
    expect(compileSecrets({ salt: 'other' })(text)[0]?.fingerprint).not.toBe(first?.fingerprint);
    expect(compileSecrets()(text)[0]?.fingerprint).toBeUndefined();
  });

  it('never repeats a value and stays inside the text', () => {
    const parts = fc.constantFrom(
      'key=',
      random,
      ' ',
      'password: ',
      '"',
      'ghp_',
      hex,
      '://a:',
      '@',
      '\n',
      'Bearer ',
      '-----BEGIN PRIVATE' + ' KEY-----',
      'é',
      '密码',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 25 }), (list) => {
        const text = list.join('');
        let last = 0;
        for (const finding of detect(text)) {
          expect(finding.start >= last && finding.end <= text.length && finding.start < finding.end).toBe(true);
          expect(JSON.stringify(finding)).not.toContain(random);
          last = finding.end;
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    'key ',
    'pass:',
    '://a:',
    'eyJ',
    'AAAA',
    '-----BEGIN PRIVATE' + ' KEY-----',
    'curl -u ',
    'M',
    'with a1B as ',
  ])('takes time in proportion for a row of "%s"', (part) => {
    const timeOf = (units: number) => {
      const text = part.repeat(Math.ceil(units / part.length));
      let best = Number.POSITIVE_INFINITY;
      // The best of some runs: other work on the machine makes single ones slower.
      for (let i = 0; i < 2; i++) {
        const startedAt = performance.now();
        detect(text);
        best = Math.min(best, performance.now() - startedAt);
      }
      return best;
    };
    timeOf(1000);
    expect(timeOf(400_000)).toBeLessThan(timeOf(100_000) * 9 + 60);
  });
});

const FILE = '../shared/data/guardrails/secrets.jsonl';

describe.skipIf(!existsSync(FILE))('secrets of the development set', () => {
  it('leaves the look-alikes alone and finds generated passwords', () => {
    type Row = { text: string; label: number; category: string };
    const rows: Row[] = readFileSync(FILE, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const share = (category: string) => {
      const some = rows.filter((row) => row.category === category);
      return some.filter((row) => detect(row.text).length > 0).length / some.length;
    };
    expect(share('nonsecret_lookalike')).toBeLessThanOrEqual(0.03);
    expect(share('secret_generic_password')).toBeGreaterThanOrEqual(0.9);
  });
});
