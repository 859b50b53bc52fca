import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { smallLog } from '../../../tests/support/small-log.ts';
import { makeAuthority, missingOpenssl } from '../../../tests/support/time-stamp-authority.ts';
import { signerFromSeed } from '../store/keys.ts';
import { formatTimestampRequest } from '../timestamp/timestamp-request.ts';
import { assuranceOf } from './assurance.ts';
import { ASSURANCE_LEVELS, STILL_POSSIBLE } from './assurance-levels.ts';
import { utf8Bytes } from './bytes.ts';
import { cosign, formatSignatureLine, parseNote } from './note.ts';
import { parsePolicyText, policyOfLog } from './policy.ts';
import { ED25519_COSIGNATURE, formatVerifierKey } from './verifier-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-assurance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = missingOpenssl();
const log = smallLog('log.example/1', 10);
const witnesses = [1, 2, 3].map((n) =>
  signerFromSeed(`witness.example/w${n}`, new Uint8Array(32).fill(n), ED25519_COSIGNATURE),
);
const note = log.note(10);
const { text } = parseNote(utf8Bytes(note));
const line = (i: number) =>
  formatSignatureLine(cosign(text, witnesses[i] as (typeof witnesses)[number], 1_790_000_000));
const policy = parsePolicyText(
  [
    `log ${formatVerifierKey(log.key)}`,
    ...witnesses.map(({ key }, i) => `witness w${i + 1} ${formatVerifierKey(key)}`),
    'group two 2 w1 w2 w3',
    'quorum two',
    '',
  ].join('\n'),
);
const reached = async (evidence: Parameters<typeof assuranceOf>[0]) => {
  const { level, steps } = await assuranceOf(evidence);
  return [level, steps.filter((step) => step.reached).map((step) => step.level)];
};

test('a checkpoint the log alone signed is signed, and no more', async () => {
  const assurance = await assuranceOf({ note: utf8Bytes(note), policy: policyOfLog(log.key) });
  expect(assurance.level).toBe('signed');
  expect(assurance.steps.map(({ reached: is }) => is)).toEqual([true, false, false, false]);
  expect(assurance.steps[2]?.reason).toMatch(/names no witnesses/);
});

test('witnesses count by the policy of the reader, k of n', async () => {
  const one = await assuranceOf({ note: utf8Bytes(note + line(0)), policy });
  expect(one.level).toBe('signed');
  expect(one.steps[2]?.reason).toBe(
    '1 of the 3 witnesses of the policy cosigned it (w1); the quorum "two" asks for more.',
  );
  const two = await assuranceOf({ note: utf8Bytes(note + line(0) + line(2)), policy });
  expect(two.level).toBe('witnessed');
  expect(two.steps[2]?.reason).toMatch(/^2 of the 3 witnesses .* \(w1, w3\), which is enough/);
});

test('a mirror counts for a level only where witnesses say that there is one history', async () => {
  const mirrors = ['the git mirror of the customer'];
  expect(await reached({ note: utf8Bytes(note), policy, mirrors })).toEqual(['signed', ['signed', 'mirrored']]);
  const all = utf8Bytes(note + line(0) + line(1));
  expect(await reached({ note: all, policy, mirrors })).toEqual(['mirrored', ['signed', 'witnessed', 'mirrored']]);
});

test.each([
  ['nothing', ''],
  ['another log', smallLog('log.example/2', 10).note(10)],
  ['a wrong signature', note.replace(/.{4}\n$/, 'AAA=\n')],
  ['a wrong cosignature beside the right signature', note + line(0).replace(/.{4}\n$/, 'AAA=\n')],
])('%s reaches no level', async (_, wrong) => {
  const assurance = await assuranceOf({ note: utf8Bytes(wrong), policy, mirrors: ['x'] });
  expect(assurance.level).toBe(null);
  expect(assurance.steps.every((step) => !step.reached)).toBe(true);
});

test.skipIf(missing !== null)(`a time stamp says that it is not younger${missing ? ` (${missing})` : ''}`, async () => {
  const authority = await makeAuthority(folder);
  const response = await authority.reply(formatTimestampRequest(utf8Bytes(text), new Uint8Array(16)));
  const timestamps = { responses: [new Uint8Array(3), response], trusted: authority.root };
  const assurance = await assuranceOf({ note: utf8Bytes(note), policy, timestamps });
  expect(assurance.level).toBe('time-stamped');
  expect(assurance.steps[1]?.reason).toMatch(/^Test Stamping stamped it at 20/);
  // Cosignatures that come later do not undo it.
  expect(await reached({ note: utf8Bytes(note + line(0) + line(1)), policy, timestamps })).toEqual([
    'witnessed',
    ['signed', 'time-stamped', 'witnessed'],
  ]);
  const other = await assuranceOf({ note: utf8Bytes(log.note(9)), policy, timestamps });
  expect(other.level).toBe('signed');
  expect(other.steps[1]?.reason).toMatch(/does not hold/);
});

test('no word promises more than there is', () => {
  expect(Object.keys(STILL_POSSIBLE)).toEqual([...ASSURANCE_LEVELS]);
});
