import type { Match } from './detect-personal-data.ts';

// Names and addresses have no check digits. These rules read titles, labels and street words; they are off unless asked for.

const NAME = String.raw`\p{Lu}[\p{L}'’-]{1,24}(?: (?:(?:de|da|do|dos|von|van|der|den|di|del|della|la|le|el|bin|al)(?= ) ?)?\p{Lu}[\p{L}'’.-]{0,24}){0,3}`;
const TITLED = new RegExp(
  String.raw`(?<!\p{L})(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Monsieur|Madame|Mme|Sr|Sra|Señor|Señora|Sig|Sig\.ra|Dott|Pan|Pani|Mevrouw|Meneer|Dhr|Mevr|Dona|Dom|Bay|Bayan)\.? (?<value>${NAME})`,
  'gu',
);
const LABELED = new RegExp(
  String.raw`(?<!\p{L})(?:[Cc]ustomer|[Nn]ame|[Cc]lient|[Cc]liente|[Kk]lant|[Kk]lient|[Kk]unde|[Kk]undin|[Pp]atient|[Ee]mployee|[Nn]ombre|[Nn]om|[Nn]ome|[Cc]ontact|[Aa]ttn|[Ff]acture pour|[Rr]echnung an|[Ss]pedire a|a nombre de|[Dd]ear|[Tt]ell|[Mm]y name is|I am|I'm|[Ii]ch hei[sß]e|[Mm]e llamo|[Jj]e m'appelle)[:,]? (?<value>${NAME})`,
  'gu',
);
const FOLLOWED = new RegExp(
  String.raw`(?<!\p{L})(?<value>${NAME})(?= (?:telefon|tel\.|\(BSN|wrote|says|said|’s phone|'s phone))`,
  'gu',
);
const HAN_NAME =
  /(?:联系人|姓名[:：]?|客户)(?<value>\p{sc=Han}{2,4})(?=[，,。；\s])|(?<value2>\p{sc=Han}{1,4} ?[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{1,5}) ?(?:様|さん)/gu;

const STREETS: readonly RegExp[] = [
  /(?<![\p{L}\d])\d{1,5}[A-Za-z]? (?:\p{Lu}[\p{L}'.-]{1,24} ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Terrace|Square|Close|Grove|Crescent|Parkway|Highway|Route|Estates?|Trail|Row|Gardens|Hill|Mews|Walk|Park|View|Green)(?!\p{L})(?:,? (?:Apt|Suite|Unit|Flat)\.? ?\w{1,6})?/gu,
  /(?<!\p{L})(?:Via|Viale|Piazza|Corso|Contrada|Borgo|Strada|Rotonda|Vicolo|Rue|Avenue|Boulevard|Place|Chemin|Calle|Avenida|Plaza|Paseo|Rua|Travessa|ul\.|al\.) (?:[\p{L}'.-]{1,24} ){1,4}\d{1,5}[A-Za-z]?/gu,
  /(?<![\p{L}\d])\p{Lu}[\p{L}.-]{2,36}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|straat|laan|plein|gracht|vägen|gatan|gade|vej)(?: Str\.)? \d{1,4} ?[a-z]?(?!\p{L})/giu,
  /(?<!\p{L})(?:[\p{L}.-]{2,24}[ -]){1,4}(?:Sokak|Sok\.|Cadde(?:si)?|Cad\.|Mahalle(?:si)?|Str\.|Weg|Straße|Platz|Allee) \d{1,4}[a-z]?(?!\p{L})/gu,
];

export function nameAndAddressFindings(text: string): Match[] {
  const found: Match[] = [];
  for (const [at, pattern] of [TITLED, LABELED, FOLLOWED, HAN_NAME].entries()) {
    for (const match of text.matchAll(pattern)) {
      const value = match.groups?.value ?? match.groups?.value2;
      if (value === undefined) continue;
      const start = match.index + match[0].indexOf(value);
      found.push({
        start,
        end: start + value.length,
        confidence: 0.6,
        kind: 'person',
        rule: `personal.person.${at + 1}`,
        because: 'stands where a name of a person stands',
      });
    }
  }
  for (const [at, pattern] of STREETS.entries()) {
    for (const match of text.matchAll(pattern)) {
      found.push({
        start: match.index,
        end: match.index + match[0].length,
        confidence: 0.6,
        kind: 'street_address',
        rule: `personal.street_address.${at + 1}`,
        because: 'has the form of a street address',
      });
    }
  }
  return found;
}
