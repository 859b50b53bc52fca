import * as z from 'zod';
import { ControlId } from './control.ts';
import { idWith, SentenceText, Slug } from './text.ts';

/** The head of a policy file. The sections are the `##` headings of its text. */
export const PolicyHead = z.strictObject({
  id: idWith(/^POL-\d{2}$/, 'POL-01'),
  title: SentenceText,
  /** Longest time between approvals. A significant change asks for a review too. */
  cadence: z.enum(['annual']),
  cadenceNote: SentenceText.optional(),
  ownerRole: Slug,
  approverRole: Slug,
  /** Who acknowledges it; `all` means all personnel. */
  audience: SentenceText,
  controls: z.array(ControlId).min(1),
});

export type Policy = z.infer<typeof PolicyHead> & {
  /** Markdown, a starting point for the company's own text. */
  sections: { title: string; text: string }[];
};
