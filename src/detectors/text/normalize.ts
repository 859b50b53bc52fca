import { clean } from './clean.ts';
import { type DecodedView, decodedViews } from './decode.ts';
import { identityOf, type MappedText } from './mapped-text.ts';
import { unmask } from './unmask.ts';

/** One text in all the forms it is judged in. Every form maps back to the original. */
export type NormalizedText = {
  original: MappedText;
  /** As a reader sees it: NFKC, nothing invisible, look-alike letters repaired. */
  clean: MappedText;
  /** `clean` without emphasis marks, spaced letters and digits in place of letters. */
  plain: MappedText;
  /** What base64, hex, escapes, rot13 and reversal hide. */
  decoded: readonly DecodedView[];
  /** How many invisible and tag characters were taken out. */
  hidden: { invisible: number; tags: number };
};

/**
 * Brings a text into the forms the detectors read. Linear in its length; decoding is bounded in depth, pieces and size.
 * Decodes before digits are read as letters: the other way round would break every encoded run.
 */
export function normalize(text: string): NormalizedText {
  const { mapped, invisible, tags } = clean(text);
  return {
    original: identityOf(text),
    clean: mapped,
    plain: unmask(mapped),
    decoded: decodedViews(mapped).map((view) => ({ how: view.how, mapped: unmask(view.mapped) })),
    hidden: { invisible, tags },
  };
}
