import { isCard, isIban } from './bank.ts';
import { digitsOf } from './check-digits.ts';
import { isBase58Check, isBech32 } from './crypto-address.ts';
import { isNobodysMail, isNobodysPhone } from './documentation-values.ts';
import { isIpv4, isIpv6, isNobodysIpv4, isNobodysIpv6 } from './network.ts';
import { LETTERS, type PersonalRule } from './rule.ts';

/** Words for telephone, and for calling someone, in the languages of the locale packs. */
const PHONE_WORDS = new RegExp(
  `(?<![${LETTERS}])(?:phone|tel(?![a-z])|tel[eé]fon|telefoon|t[eé]l[eé]phone|t[eé]l(?![a-z])|mobile?(?![a-z])|mobil|móvil|celular|cell(?![a-z])|handy|fax|whatsapp|call(?![a-z])|calls|ring(?![a-z])|dial|sms|text me|reach|contact|r[üu]ckruf|anruf|rufnummer|belt(?![a-z])|bellen|appel|joindre|llam|zadzwo|komórk|chiama|cellulare|ligue|ligar|numara|gsm)|電話|携帯|电话|手机|联系|전화|휴대|โทร|फ़ोन|फोन|هاتف|جوال|тел`,
);

/** Words that say a number is a count, a version or a reference. */
const NOT_A_PHONE = new RegExp(
  String.raw`(?<![${LETTERS}])(?:order|invoice|tracking|parcel|version|release|section|isbn|serial|sku|model|ticket|article|ref|amount|total|usd|eur|price|build|commit|account|konto|iban|id|no|nr|pid|port|error|code)\W{0,3}(?:(?:no|nr|number|total|id|#)\W{0,3})?$`,
);

const TOUCH = String.raw`(?<![${LETTERS}\d_])(?<!\d[.,/-])`;
const NO_TOUCH = String.raw`(?![${LETTERS}\d_])(?![.,/-]\d)`;
const EXT = String.raw`(?:[ ,;]{0,2}(?:x|ext\.?|#) ?\d{1,6})?`;

function phone(id: string, form: string, alone: number, because: string, least = 7): PersonalRule {
  return {
    id: `personal.phone.${id}`,
    kind: 'phone',
    locale: 'any',
    pattern: new RegExp(`${TOUCH}(?:${form})${NO_TOUCH}`, 'g'),
    keeps: 'digits',
    leastDigits: 7,
    isValid: (digits) => digits.length >= least && digits.length <= 21 && !isNobodysPhone(digits),
    alone,
    inContext: Math.max(0.9, alone),
    context: PHONE_WORDS,
    against: NOT_A_PHONE,
    because,
  };
}

const PHONES: readonly PersonalRule[] = [
  phone(
    'international',
    String.raw`(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(?\d{1,5}\)?[ .-]?){1,5}\d{2,5}${EXT}`,
    0.85,
    'has the form of an international telephone number',
    9,
  ),
  phone(
    'us',
    String.raw`(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])\d{3}[ .-]\d{4}${EXT}`,
    0.8,
    'has the form of a North American telephone number',
    10,
  ),
  phone(
    'gb',
    String.raw`0[1-9]\d{1,4} \d{3,4}(?: \d{3,4})?|\(0\d{2,4}\) ?\d{3,4} ?\d{3,4}`,
    0.6,
    'has the form of a British telephone number',
    10,
  ),
  phone('fr', String.raw`0[1-9](?:[ .-]\d{2}){4}`, 0.8, 'has the form of a French telephone number', 10),
  phone('br', String.raw`\(\d{2}\) ?9?\d{4}-\d{4}`, 0.8, 'has the form of a Brazilian telephone number', 10),
  phone('cn', String.raw`1[3-9]\d{9}`, 0.55, 'has the form of a Chinese mobile number', 11),
  phone('jp', String.raw`0\d{1,4}-\d{1,4}-\d{3,4}`, 0.65, 'has the form of a Japanese telephone number', 9),
  phone(
    'spoken-of',
    String.raw`\(?[+\d][\d]{0,5}\)?(?:[ .()-]{0,2}\d){5,14}${EXT}`,
    0.2,
    'stands after words for telephone',
  ),
];

const BIRTH_WORDS = new RegExp(
  String.raw`(?<![${LETTERS}])(?:dob|d\.o\.b|date of birth|birth ?da(?:te|y)|born|geburtsdatum|geboren|geb\.|n[eé]e? le|date de naissance|naci|fecha de nacimiento|nascid|nascimento|data de nascimento|nat[oa] il|data di nascita|geboortedatum|urodz|doğum|fødselsdato|född|syntym)|出生|生年月日|생년월일|生日`,
);

const MONTH =
  '[Jj]an[a-z]{0,7}|[Ff](?:eb|év|ev)[a-zé]{0,7}|[Mm][aä]r[a-z]{0,5}|[Aa][pbv]r[a-z]{0,6}|[Mm]a[iy][a-z]{0,4}|[Jj]u[ni][a-z]{0,5}|[Jj]ul[a-z]{0,5}|[Aa](?:ug|go|oû)[a-zû]{0,5}|[Ss]e[pt][a-z]{0,8}|[Oo][cku]t[a-z]{0,6}|[Nn]ov[a-z]{0,6}|[Dd][eéi][cz][a-z]{0,6}';

const BIRTH: PersonalRule = {
  id: 'personal.date_of_birth.1',
  kind: 'date_of_birth',
  locale: 'any',
  pattern: new RegExp(
    `${TOUCH}(?:(?:18|19|20)\\d{2}[-/.年]\\s?\\d{1,2}[-/.月]\\s?\\d{1,2}日?|\\d{1,2}[-/. ]{1,2}\\d{1,2}[-/. ]{1,2}(?:(?:18|19|20)\\d{2}|\\d{2})|\\d{1,2}\\.? (?:of |de )?(?:${MONTH})\\.?,? (?:de )?(?:18|19|20)\\d{2}|(?:${MONTH})\\.? \\d{1,2}(?:st|nd|rd|th)?,? (?:18|19|20)\\d{2})${NO_TOUCH}`,
    'g',
  ),
  keeps: 'all',
  leastDigits: 4,
  leastGroups: 2,
  alone: 0.1,
  inContext: 0.95,
  context: BIRTH_WORDS,
  because: 'is a date after words for birth',
};

const VERSION_WORDS =
  /(?<![a-z])(?:version|ver\.?|release|v|schema|section|oid|chapter|build|firmware|rev\.?|draft|§)\W{0,3}$/;
const MAC_PAIR = '[0-9A-Fa-f]{2}';

/** Rules that hold anywhere. */
export const GENERAL_RULES: readonly PersonalRule[] = [
  {
    id: 'personal.email.1',
    kind: 'email',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: ['@'],
    // The local part is bounded (RFC 5321: 64) and looked for at a word start, so a row of letters costs one pass.
    pattern: new RegExp(
      String.raw`(?<![${LETTERS}\d._%+-])[${LETTERS}\d][${LETTERS}\d._%+'-]{0,63}@(?:[${LETTERS}\d](?:[${LETTERS}\d-]{0,61}[${LETTERS}\d])?\.){1,6}[${LETTERS}]{2,24}`,
      'g',
    ),
    isValid: (text) => !isNobodysMail(text.slice(text.indexOf('@'))),
    alone: 0.97,
    inContext: 0.97,
    because: 'has the form of an e-mail address',
  },
  {
    id: 'personal.email.2',
    kind: 'email',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: ['[', '(', '{'],
    hint: /[[({] ?(?:at|AT) ?[\])}]/,
    pattern:
      /(?<![A-Za-z\d._%+-])[A-Za-z\d][A-Za-z\d._%+-]{0,63} ?[[({] ?(?:at|AT) ?[\])}] ?[A-Za-z\d-]{1,63}(?: ?(?:\.|[[({] ?(?:dot|DOT|punkt|point|punto) ?[\])}]) ?[A-Za-z\d-]{2,63}){1,4}/g,
    alone: 0.85,
    inContext: 0.9,
    because: 'is an e-mail address written with words for its signs',
  },
  {
    id: 'personal.iban.1',
    kind: 'iban',
    locale: 'any',
    keeps: 'letters-and-digits',
    claims: true,
    leastDigits: 8,
    pattern: /(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?(?![A-Za-z\d])/g,
    isValid: isIban,
    alone: 0.98,
    inContext: 0.98,
    because: 'has the country, length and check digits of an IBAN',
  },
  {
    id: 'personal.card.1',
    kind: 'credit_card',
    locale: 'any',
    keeps: 'digits',
    claims: true,
    leastDigits: 13,
    pattern:
      /(?<![A-Za-z\d_])(?<!\d[.,/-])(?:\d{4}[ -]?\d{6}[ -]?\d{4,5}|(?:\d{4}[ -]?){3}\d{1,4}(?:[ -]?\d{3})?)(?![A-Za-z\d_])(?![.,/-]\d)/g,
    isValid: isCard,
    alone: 0.93,
    inContext: 0.98,
    context: /(?<![a-z])(?:card|visa|master|amex|charge|pay|pan(?![a-z])|cvv|cvc|karte|carte|tarjeta|cartão|carta)/,
    against: /(?<![a-z])(?:tracking|parcel|shipment|imei|isbn|ean|serial)\W{0,3}(?:(?:no|nr|number|id|#)\W{0,3})?$/,
    because: 'has the range, length and check digit of a payment card',
  },
  ...PHONES,
  BIRTH,
  {
    id: 'personal.ipv4.1',
    kind: 'ip_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 4,
    leastGroups: 4,
    pattern: /(?<![A-Za-z\d._-])(?:\d{1,3}\.){3}\d{1,3}(?![A-Za-z\d_-])(?!\.\d)/g,
    isValid: (text) => isIpv4(text) && !isNobodysIpv4(text),
    alone: 0.9,
    inContext: 0.95,
    context: /(?<![a-z])(?:ip|addr|host|from|blocked|client)/,
    against: VERSION_WORDS,
    because: 'is a public IPv4 address',
  },
  {
    id: 'personal.ipv6.1',
    kind: 'ip_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: [':'],
    hint: /[0-9A-Fa-f]:[0-9A-Fa-f]{0,4}:|::[0-9A-Fa-f]/,
    pattern: /(?<![A-Za-z\d:.])(?:[0-9A-Fa-f]{1,4}:{1,2}|::){1,8}(?:[0-9A-Fa-f]{1,4})?(?![A-Za-z\d:])/g,
    isValid: (text) => isIpv6(text) && !isNobodysIpv6(text) && digitsOf(text).length > 0,
    alone: 0.9,
    inContext: 0.95,
    because: 'is a public IPv6 address',
  },
  {
    id: 'personal.mac.1',
    kind: 'mac_address',
    locale: 'any',
    keeps: 'letters-and-digits',
    leastDigits: 0,
    signs: [':', '-', '.'],
    hint: /[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]|[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\./,
    pattern: new RegExp(
      `(?<![A-Za-z\\d:-])(?:(?:${MAC_PAIR}:){5}${MAC_PAIR}|(?:${MAC_PAIR}-){5}${MAC_PAIR}|(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4})(?![A-Za-z\\d:-])`,
      'g',
    ),
    isValid: (text) => !/^(?:0{12}|f{12}|0123456789ab|001122334455|aabbccddeeff|deadbeef.*)$/i.test(text),
    alone: 0.9,
    inContext: 0.95,
    because: 'has the form of a MAC address',
  },
  {
    id: 'personal.crypto.bech32',
    kind: 'crypto_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: ['1'],
    hint: /bc1|BC1|ltc1|tb1/,
    pattern: /(?<![A-Za-z\d])(?:bc1|BC1|ltc1|tb1)[a-zA-Z0-9]{25,87}(?![A-Za-z\d])/g,
    isValid: isBech32,
    alone: 0.97,
    inContext: 0.97,
    because: 'has the form and checksum of a bech32 address',
  },
  {
    id: 'personal.crypto.unchecked',
    kind: 'crypto_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: ['1'],
    hint: /bc1|ltc1/,
    // A mistyped address still points at a person's wallet, so words before it are enough.
    pattern: /(?<![A-Za-z\d])(?:bc1|ltc1)[qp][ac-hj-np-z02-9]{37,58}(?![A-Za-z\d])/g,
    alone: 0.3,
    inContext: 0.7,
    context: /wallet|bitcoin|btc|address|litecoin/,
    because: 'has the form of a bech32 address',
  },
  {
    id: 'personal.crypto.base58',
    kind: 'crypto_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    leastRun: 26,
    hint: /[1-9A-HJ-NP-Za-km-z]{26}/,
    pattern: /(?<![A-Za-z\d/+_=-])[13LMDT9A2mn][1-9A-HJ-NP-Za-km-z]{25,33}(?![A-Za-z\d/+_=-])/g,
    isValid: isBase58Check,
    alone: 0.97,
    inContext: 0.97,
    because: 'has the form and checksum of a base58 address',
  },
  {
    id: 'personal.crypto.hex',
    kind: 'crypto_address',
    locale: 'any',
    keeps: 'all',
    leastDigits: 0,
    signs: ['0x'],
    hint: /0x[0-9a-fA-F]{8}/,
    pattern: /(?<![A-Za-z\d])0x[0-9a-fA-F]{40}(?![A-Za-z\d])/g,
    isValid: (text) => !/^0x(.)\1{30,}|0{20}|dead/i.test(text),
    alone: 0.85,
    inContext: 0.95,
    context: /wallet|address|eth/,
    because: 'has the form of an Ethereum address',
  },
];
