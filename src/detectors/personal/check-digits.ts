// Check digits of national and bank numbers. Each function takes the number without separators and says whether its own
// digits agree with each other; none looks anything up.

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

function digitAt(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

/** Sum of digit times weight over the first `weights.length` digits. */
function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (const [i, weight] of weights.entries()) sum += digitAt(digits, i) * weight;
  return sum;
}

export function isAllSame(digits: string): boolean {
  return /^(.)\1*$/.test(digits);
}

/** ISO/IEC 7812-1. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digitAt(digits, digits.length - 1 - i);
    if (i % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return digits.length > 1 && sum % 10 === 0;
}

/** ISO 7064 MOD 97-10 over letters (A = 10) and digits. */
export function mod97(text: string): number {
  let rest = 0;
  for (const sign of text) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

const VERHOEFF_D = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const VERHOEFF_P = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

export function verhoeff(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    const permuted = Number(VERHOEFF_P[i % 8]?.[digitAt(digits, digits.length - 1 - i)]);
    check = Number(VERHOEFF_D[check]?.[permuted]);
  }
  return check === 0;
}

/** NHS number: mod 11, weights 10 to 2. */
export function nhs(digits: string): boolean {
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && check % 11 === digitAt(digits, 9) && !isAllSame(digits);
}

/** French NIR: 97 minus the number modulo 97; Corsican departments 2A and 2B count as 19 and 18. */
export function nir(text: string): boolean {
  const number = text.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return /^\d{15}$/.test(number + text.slice(13)) && 97 - Number(BigInt(number) % 97n) === Number(text.slice(13));
}

const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

export function nif(text: string): boolean {
  const number = text.slice(0, -1).replace(/^X/, '0').replace(/^Y/, '1').replace(/^Z/, '2');
  return NIF_LETTERS[Number(number) % 23] === text.at(-1);
}

const CODICE_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italian codice fiscale (DM 23/12/1976). */
export function codiceFiscale(text: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const unit = text.charCodeAt(i);
    const value = unit < 65 ? unit - 48 : unit - 65;
    sum += i % 2 === 0 ? (CODICE_ODD[value] ?? 0) : value;
  }
  return text.charCodeAt(15) - 65 === sum % 26;
}

/** ISO 7064 MOD 11,10, as the German tax id uses it; exactly one digit of the first ten comes twice or three times. */
export function germanTaxId(digits: string): boolean {
  let product = 10;
  for (let i = 0; i < 10; i++) {
    const sum = (digitAt(digits, i) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return (11 - product) % 10 === digitAt(digits, 10) && repeated.length === 1 && (repeated[0] ?? 0) <= 3;
}

/** Dutch BSN: the eleven test. */
export function bsn(digits: string): boolean {
  return weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && !isAllSame(digits);
}

export function pesel(digits: string): boolean {
  const month = Number(digits.slice(2, 4)) % 20;
  const day = Number(digits.slice(4, 6));
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  return isDate && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

function brazilianDigit(digits: string, weights: readonly number[]): number {
  const rest = weighted(digits, weights) % 11;
  return rest < 2 ? 0 : 11 - rest;
}

export function cpf(digits: string): boolean {
  return (
    !isAllSame(digits) &&
    brazilianDigit(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) === digitAt(digits, 9) &&
    brazilianDigit(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) === digitAt(digits, 10)
  );
}

export function cnpj(digits: string): boolean {
  return (
    !isAllSame(digits) &&
    brazilianDigit(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digitAt(digits, 12) &&
    brazilianDigit(digits, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digitAt(digits, 13)
  );
}

/** Chinese resident identity number, GB 11643: date of birth and MOD 11-2. */
export function chineseId(text: string): boolean {
  const sum = weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return isDateOf(text.slice(6, 14)) && '10X98765432'[sum % 11] === text[17];
}

/** `YYYYMMDD` that is a day since 1850. */
export function isDateOf(digits: string): boolean {
  const year = Number(digits.slice(0, 4));
  const month = Number(digits.slice(4, 6));
  const day = Number(digits.slice(6, 8));
  return year >= 1850 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** `YYMMDD`, or with 60 added to the day (Swedish co-ordination number). */
export function isShortDate(digits: string): boolean {
  const month = Number(digits.slice(2, 4));
  const day = Number(digits.slice(4, 6)) % 60;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

export function myNumber(digits: string): boolean {
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === digitAt(digits, 11) && !isAllSame(digits);
}

export function australianTfn(digits: string): boolean {
  return weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 && !isAllSame(digits);
}

export function medicare(digits: string): boolean {
  return /^[2-6]/.test(digits) && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(digits, 8);
}

/** EAN-13, which the Swiss AHV number uses. */
export function ean13(digits: string): boolean {
  return weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}

/** Belgian national number: 97 minus the first nine modulo 97, with a 2 in front for births since 2000. */
export function belgianId(digits: string): boolean {
  const check = Number(digits.slice(9));
  const number = Number(digits.slice(0, 9));
  return 97 - (number % 97) === check || 97 - ((2_000_000_000 + number) % 97) === check;
}

export function finnishId(text: string): boolean {
  const number = Number(text.slice(0, 6) + text.slice(7, 10));
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'[number % 31] === text[10] && Number(text.slice(2, 4)) <= 12;
}

export function norwegianId(digits: string): boolean {
  const first = (11 - (weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
  const second = (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return first === digitAt(digits, 9) && second === digitAt(digits, 10) && Number(digits.slice(0, 2)) % 40 <= 31;
}

export function turkishId(digits: string): boolean {
  const odd = weighted(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const even = weighted(digits, [0, 1, 0, 1, 0, 1, 0, 1]);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return digitAt(digits, 0) !== 0 && tenth === digitAt(digits, 9) && (odd + even + tenth) % 10 === digitAt(digits, 10);
}

export function koreanId(digits: string): boolean {
  const check = (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10;
  return isShortDate(digits) && check === digitAt(digits, 12);
}

export function singaporeId(text: string): boolean {
  const series = text[0] ?? '';
  const shift = series === 'T' || series === 'G' ? 4 : 0;
  const sum = weighted(text.slice(1), [2, 7, 6, 5, 4, 3, 2]) + shift;
  return ('ST'.includes(series) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK')[sum % 11] === text[8];
}

export function portugueseNif(digits: string): boolean {
  const rest = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digitAt(digits, 8);
}

export function southAfricanId(digits: string): boolean {
  return isShortDate(digits) && luhn(digits);
}
