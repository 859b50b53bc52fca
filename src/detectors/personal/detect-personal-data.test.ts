import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean } from '../text/clean.ts';
import { compilePersonalData } from './detect-personal-data.ts';

const detect = compilePersonalData();
const kindsIn = (text: string) => detect(text).map((finding) => finding.kind);
const valuesOf = (kind: string, text: string) =>
  detect(text)
    .filter((finding) => finding.kind === kind)
    .map((finding) => text.slice(finding.start, finding.end));

describe('personal data', () => {
  it.each([
    ['email', 'write to anna.kowalska+x@firma.com.pl today', 'anna.kowalska+x@firma.com.pl'],
    ['email', '邮箱mawgge.ijv@tom.com，谢谢', 'mawgge.ijv@tom.com'],
    ['email', 'reach me: jo [at] firm [dot] com', 'jo [at] firm [dot] com'],
    ['phone', 'call +44 20 7183 8750 now', '+44 20 7183 8750'],
    ['phone', 'Phone: 930.850.8494 x023', '930.850.8494 x023'],
    ['phone', 'tél 0713439789', '0713439789'],
    ['phone', 'telefone (79) 96105-4730', '(79) 96105-4730'],
    ['phone', '電話番号は 03-9961-0522 です', '03-9961-0522'],
    ['iban', 'wire to DE61 0155 4279 7908 1638 25 today', 'DE61 0155 4279 7908 1638 25'],
    ['iban', 'NL50INGB4599102315', 'NL50INGB4599102315'],
    ['credit_card', 'charge 4808 0453 6986 9251 for 49 USD', '4808 0453 6986 9251'],
    ['credit_card', 'amex 372899403517548', '372899403517548'],
    ['us_ssn', 'employee ssn 112-24-3628', '112-24-3628'],
    ['us_itin', 'ITIN 912-70-1234', '912-70-1234'],
    ['us_passport', 'passport no. U29037306 expires', 'U29037306'],
    ['uk_nhs', 'NHS 448 258 7729', '448 258 7729'],
    ['uk_nino', 'NINO SR376516B on file', 'SR376516B'],
    ['fr_nir', 'NIR 188074400633660', '188074400633660'],
    ['es_nif', 'NIF 19427615K', '19427615K'],
    ['es_nie', 'con NIE X2482300W', 'X2482300W'],
    ['it_codice_fiscale', 'CF MRTMTT91D08F205J', 'MRTMTT91D08F205J'],
    ['de_tax_id', 'Steuer-ID 65929970489', '65929970489'],
    ['nl_bsn', 'BSN 347782024', '347782024'],
    ['pl_pesel', 'PESEL 98011496428', '98011496428'],
    ['br_cpf', '543.716.182-43', '543.716.182-43'],
    ['br_cnpj', 'CNPJ 33.000.167/0001-01', '33.000.167/0001-01'],
    ['in_aadhaar', 'Aadhaar 2345 6789 0124', '2345 6789 0124'],
    ['in_pan', 'PAN ABCPE1234F', 'ABCPE1234F'],
    ['cn_resident_id', '身份证320502198703152141', '320502198703152141'],
    ['ch_ahv', 'AHV 756.1234.5678.97', '756.1234.5678.97'],
    ['se_personnummer', 'personnummer 670919-9530', '670919-9530'],
    ['fi_national_id', 'hetu 131052-308T', '131052-308T'],
    ['no_national_id', 'fødselsnummer 01010750160', '01010750160'],
    ['tr_national_id', 'TC kimlik 10000000146', '10000000146'],
    ['ca_sin', 'SIN 130 692 544', '130 692 544'],
    ['au_tfn', 'TFN 876 543 210', '876 543 210'],
    ['au_medicare', 'Medicare 2123 45670 1', '2123 45670 1'],
    ['sg_nric', 'NRIC S1234567D', 'S1234567D'],
    ['ip_address', 'blocked 88.211.149.22 after', '88.211.149.22'],
    ['ip_address', 'from 2a00:1450:4001:82b::200e today', '2a00:1450:4001:82b::200e'],
    ['mac_address', 'arp 93:43:e9:43:b6:29', '93:43:e9:43:b6:29'],
    ['crypto_address', 'pay 1BoatSLRHtKNngkdXEeobR76b53LETtpyT', '1BoatSLRHtKNngkdXEeobR76b53LETtpyT'],
    ['crypto_address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    [
      'crypto_address',
      'wallet 0x52908400098527886E0F7030069857D2E4169EE7',
      '0x52908400098527886E0F7030069857D2E4169EE7',
    ],
    ['date_of_birth', 'dob 1973-04-20', '1973-04-20'],
    ['date_of_birth', 'née le 3 mars 1984', '3 mars 1984'],
  ])('finds %s in "%s"', (kind, text, value) => {
    expect(valuesOf(kind, text)).toEqual([value]);
  });

  it.each([
    ['a wrong IBAN', 'invalid iban DE62 0155 4279 7908 1638 25 rejected'],
    ['an IBAN one digit short', 'DE61 0155 4279 7908 1638 2'],
    ['a wrong card', 'tracking 4808045369869252 left the depot'],
    ['a card number of no network', 'number 9999 9999 9999 9995'],
    ['a wrong NHS number', 'NHS 448 258 7720'],
    ['a wrong NIR', 'NIR 188074400633661'],
    ['a wrong NIF', 'NIF 19427615A'],
    ['a wrong NIE', 'NIE X2482300A'],
    ['a wrong codice fiscale', 'CF MRTMTT91D08F205K'],
    ['a wrong German tax id', 'Steuer-ID 65929970488'],
    ['a wrong BSN', 'BSN 347782025'],
    ['a wrong PESEL', 'PESEL 98011496429'],
    ['a wrong CPF', 'CPF 543.716.182-44'],
    ['a wrong CNPJ', 'CNPJ 33.000.167/0001-02'],
    ['a wrong Aadhaar number', 'Aadhaar 2345 6789 0125'],
    ['a wrong Chinese id', '身份证320502198703152142'],
    ['a wrong AHV number', 'AHV 756.1234.5678.98'],
    ['a wrong personnummer', 'personnummer 670919-9531'],
    ['a wrong hetu', 'hetu 131052-308U'],
    ['a wrong SIN', 'SIN 130 692 545'],
    ['a wrong TFN', 'TFN 876 543 211'],
    ['a wrong NRIC', 'NRIC S1234567E'],
    ['a wrong base58 address', 'pay 1BoatSLRHtKNngkdXEeobR76b53LETtpyU'],
    ['a wrong bech32 address', 'see bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5'],
    ['an SSN of an area never issued', 'ssn 666-24-3628'],
    ['a NINO with letters never used', 'NINO QQ376516B'],
    ['nine digits with no word for them', 'we sold 347782024 units'],
    ['a version', 'release 2.16.840.1 of the schema, section 4.1.1'],
    ['a date with no word for birth', 'shipped on 1973-04-20'],
    ['a time', 'at 10:30:00 sharp'],
    ['a private address', 'connect to 192.168.1.17 or 127.0.0.1 or ::1'],
    ['a documentation address', '192.0.2.44 and 2001:db8::1'],
    ['a documentation mail', 'mail jane@example.com or bob@host.test'],
    ['test cards', 'use 4111 1111 1111 1111 or 4242424242424242'],
    ['the SSN of the wallet insert', 'ssn 078-05-1120'],
    ['a film telephone number', 'call (212) 555-0147 or 020 7946 0123'],
    ['the IBAN of manuals', 'GB82 WEST 1234 5698 7654 32'],
    ['a handle', 'thanks @anna_k for the fix'],
    ['a hall and a time', 'meeting at 10.30.00.1 in hall 555-12'],
    ['an invoice total', 'invoice total 123-45-678 units'],
  ])('leaves %s alone', (_name, text) => {
    expect(kindsIn(text)).toEqual([]);
  });

  it('reads names and addresses only when asked to', () => {
    const text = 'Dear Mrs Jane Fowler, 24 Elm Grove is on file.';
    expect(detect(text)).toEqual([]);
    expect(compilePersonalData({ namesAndAddresses: true })(text).map((one) => text.slice(one.start, one.end))).toEqual(
      ['Mrs Jane Fowler', '24 Elm Grove'],
    );
  });

  it('can be told which countries, kinds and values to leave out', () => {
    const text = 'CPF 543.716.182-43, mail anna@firma.pl, bob@firma.pl';
    const few = compilePersonalData({ locales: ['us'], allow: ['bob@firma.pl'] });
    expect(few(text).map((one) => one.kind)).toEqual(['email']);
    expect(compilePersonalData({ without: ['email'] })(text).map((one) => one.kind)).toEqual(['br_cpf']);
  });

  it('points at the original of a text with hidden characters', () => {
    const text = 'mail an\u200bna@firma.pl or ９３０.850.8494';
    const found = detect(clean(text).mapped).map((one) => text.slice(one.start, one.end));
    expect(found).toEqual(['an\u200bna@firma.pl', '９３０.850.8494']);
  });

  it('never repeats the value, stays inside the text and does not overlap itself', () => {
    const parts = fc.constantFrom(
      '4808 0453 6986 9251',
      ' ',
      'a@firma.pl',
      '+44 20 7183 8750',
      '1',
      '-',
      '.',
      'DE',
      '0x',
      ':',
      'é',
      '電話',
      'ssn ',
      '88.211.149.22',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (list) => {
        const text = list.join('');
        let last = 0;
        for (const finding of detect(text)) {
          expect(finding.start).toBeGreaterThanOrEqual(last);
          expect(finding.end).toBeLessThanOrEqual(text.length);
          expect(JSON.stringify({ ...finding, start: 0, end: 0 })).not.toContain(
            text.slice(finding.start, finding.end),
          );
          last = finding.end;
        }
      }),
      { numRuns: 200 },
    );
  });
});

const FILE = '../shared/data/guardrails/pii.jsonl';
const NOT_STRUCTURED = new Set(['PERSON', 'GPE', 'STREET_ADDRESS']);

describe.skipIf(!existsSync(FILE))('personal data of the development set', () => {
  type Row = { text: string; spans: { start: number; end: number; type: string }[] };

  it('is found nearly everywhere and hardly anything else is', () => {
    const rows: Row[] = readFileSync(FILE, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    let wanted = 0;
    let found = 0;
    let reported = 0;
    let right = 0;
    let touched = 0;
    for (const row of rows) {
      const findings = detect(row.text);
      if (row.spans.length === 0 && findings.length > 0) touched++;
      for (const span of row.spans.filter((one) => !NOT_STRUCTURED.has(one.type))) {
        wanted++;
        if (
          findings.some(
            (one) => Math.min(one.end, span.end) - Math.max(one.start, span.start) >= 0.8 * (span.end - span.start),
          )
        )
          found++;
      }
      for (const finding of findings) {
        reported++;
        if (row.spans.some((span) => span.start < finding.end && finding.start < span.end)) right++;
      }
    }
    const lookalikes = rows.filter((row) => row.spans.length === 0).length;
    expect(found / wanted).toBeGreaterThanOrEqual(0.97);
    expect(right / reported).toBeGreaterThanOrEqual(0.97);
    expect(touched / lookalikes).toBeLessThanOrEqual(0.05);
  });
});
