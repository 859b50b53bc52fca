/** Letters of other alphabets that look like a Latin one. Own selection after Unicode TR 39; used in mixed-script words only. */
const PAIRS =
  'аa еe оo рp сc хx уy іi ѕs јj һh ԁd ԛq ԝw ѵv ɡg ӏl кk мm тt вb нh гr пn АA ВB ЕE КK МM НH ОO РP СC ТT ХX УY ІI ЅS ЈJ Ԍg ҮY зe ' +
  'αa βb εe ηn ιi κk νv οo ρp τt υu χx γy ωw σo ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX հh ոn սu օo ցg ɑa ' +
  'Ꭺa Ꭼe Ꮋh Ꭵi Ꮪs Ꭰd Ꮃw Ꮯc Ꭻj Ꮶk Ꮮl Ꮇm Ꭲt Ꮩv Ꮍy Ꮓz Ᏼb Ꮲp Ꭱr';

/** Latin letters in unusual shapes, and shapes that NFKC leaves alone. Repaired everywhere: nobody writes prose in them. */
const SHAPES =
  'ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ǫq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ' +
  '‐- ‑- ‒- –- —- −- ‘\' ’\' “" ”" ․. ‚, ∕/ ⁄/ ∣| ';

function tableOf(pairs: string): ReadonlyMap<number, number> {
  const table = new Map<number, number>();
  for (const pair of pairs.split(' ')) if (pair.length === 2) table.set(pair.charCodeAt(0), pair.charCodeAt(1));
  return table;
}

export const LOOKALIKES = tableOf(PAIRS);
export const SHAPED = tableOf(SHAPES);

/** Letters turned upside down, as toys on the web write them; read from the end. */
export const UPSIDE_DOWN = tableOf(
  'ɐa qb ɔc pd ǝe ɟf ƃg ɥh ᴉi ıi ɾj ʞk ןl lI ɯm uu un nu oo dp bq ɹr ss ʇt ʌv ʍw xx ʎy zz',
);

const SMALL_A = 97;
const CAPITAL_A = 65;

/** Letters drawn in boxes and flags that NFKC leaves alone, as the letter they show; 0 when `codePoint` is none. */
export function boxedLetter(codePoint: number): number {
  if (codePoint >= 0x1f150 && codePoint <= 0x1f169) return CAPITAL_A + codePoint - 0x1f150;
  if (codePoint >= 0x1f170 && codePoint <= 0x1f189) return CAPITAL_A + codePoint - 0x1f170;
  if (codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff) return SMALL_A + codePoint - 0x1f1e6;
  return 0;
}
