/** Shannon entropy in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / text.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

const PLACEHOLDER_WORDS =
  /example|sample|your|placeholder|change[_-]?me|dummy|fake|redacted|replace|insert|todo|secret[_-]?here|key[_-]?here|token[_-]?here|not[_-]?a[_-]?real|mock|invalid|foobar|test[_-]?(?:key|token|secret|api)|(?:key|token|secret|api)[_-]?test|lorem|xxxx|\*\*\*\*|\.\.\.|____/i;
const RUNS = /(.)\1{5,}|(?:0123|1234|2345|3456|4567|5678|6789){2}|1234567|abcdefg|qwerty/i;
const VARIABLE = /^[<[{(%$]|\$\{|\{\{|%\(|[>}\])]$|<[^>]{1,40}>/;

// What stands in development settings and in examples where a password belongs.
const DEFAULT_PASSWORDS =
  /^(?:pass(?:word|wd)?|secret|postgres(?:ql)?|mysql|mongo(?:db)?|redis|rabbitmq|guest|admin(?:istrator)?|root|user(?:name)?|test(?:ing|er)?|dev(?:elopment)?|local|default|minio(?:admin)?|airflow|assay|docker|public|private|demo|hidden|token|key|hunter2|letmein|s3cr3t|abc|foo|bar|baz|[x*#.]+)[\d!_-]{0,4}$/i;

/** True when `value` looks like what documentation puts where a secret belongs. */
export function isLikelyPlaceholder(value: string): boolean {
  return (
    DEFAULT_PASSWORDS.test(value) ||
    PLACEHOLDER_WORDS.test(value) ||
    RUNS.test(value) ||
    VARIABLE.test(value) ||
    entropyOf(value) < 2.2
  );
}

const WORDS = /^[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*\d{0,2}$/;
const DOTTED_NAME = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/;
const PATH = /^(?:\.{0,2}\/|[A-Za-z]:\\|https?:|[a-z]+:\/\/)|\.(?:json|ya?ml|pem|txt|py|ts|js|env|key|crt)$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const VERSION_OR_DATE = /^v?\d+(?:[.:-]\d+){1,5}$/;

/** True when `value`, assigned to something called a key or a password, is random enough to be one. */
export function looksRandom(value: string): boolean {
  if (value.length < 16 || WORDS.test(value) || DOTTED_NAME.test(value) || PATH.test(value)) return false;
  if (UUID.test(value) || VERSION_OR_DATE.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  // Words written together (`authenticationMD5Password`) have long runs of small letters.
  const inWords = (value.match(/[a-z]{4,}/g) ?? []).join('').length;
  if (inWords > value.length / 2) return false;
  const isHex = /^[0-9a-f]+$/i.test(value);
  if (isHex) return value.length >= 32 && entropyOf(value) >= 3;
  // Names joined by signs (`my-service_password_v2`) have few changes between letters and digits; keys have many.
  const changes = value.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0;
  return kinds >= 2 && /\d/.test(value) && changes >= 3 && entropyOf(value) >= 3.4;
}

/**
 * `value` as it may be shown: the public start of its format, and of a long one the last four characters, so that an owner can
 * tell which key it is. `prefix` is the part that every key of the format has.
 */
export function maskSecret(value: string, prefix: string): string {
  const rest = value.slice(prefix.length);
  return `${prefix}…${rest.length >= 28 ? rest.slice(-4) : ''}`;
}
