import { luhn, mod97 } from './check-digits.ts';

/** Length of an IBAN by country: SWIFT IBAN registry, release 99. */
const IBAN_LENGTHS =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30';
const LENGTH_OF = new Map(IBAN_LENGTHS.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]));

/** True when the text without spaces has a country, its length and a correct check. */
export function isIban(compact: string): boolean {
  return LENGTH_OF.get(compact.slice(0, 2)) === compact.length && mod97(compact.slice(4) + compact.slice(0, 4)) === 1;
}

export function ibanLength(country: string): number | undefined {
  return LENGTH_OF.get(country);
}

/** Ranges of the first digits of payment cards with the lengths the networks issue. */
const CARD_RANGES: readonly (readonly [from: number, to: number, digits: number, lengths: readonly number[]])[] = [
  [4, 4, 1, [13, 16, 19]],
  [51, 55, 2, [16]],
  [2221, 2720, 4, [16]],
  [34, 34, 2, [15]],
  [37, 37, 2, [15]],
  [6011, 6011, 4, [16, 19]],
  [644, 659, 3, [16, 19]],
  [622, 622, 3, [16, 17, 18, 19]],
  [624, 626, 3, [16, 17, 18, 19]],
  [6282, 6288, 4, [16, 17, 18, 19]],
  [300, 305, 3, [14, 16]],
  [3095, 3095, 4, [14, 16]],
  [36, 36, 2, [14, 16]],
  [38, 39, 2, [14, 16]],
  [3528, 3589, 4, [16]],
  [5018, 5018, 4, [13, 16, 19]],
  [5020, 5020, 4, [13, 16, 19]],
  [5038, 5038, 4, [13, 16, 19]],
  [6304, 6304, 4, [13, 16, 19]],
  [6759, 6763, 4, [13, 16, 19]],
  [60, 60, 2, [16]],
  [2200, 2204, 4, [16]],
];

export function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || !luhn(digits)) return false;
  return CARD_RANGES.some(([from, to, width, lengths]) => {
    const start = Number(digits.slice(0, width));
    return start >= from && start <= to && lengths.includes(digits.length);
  });
}
