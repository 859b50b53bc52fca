import * as z from 'zod';
import { ControlCategory } from './framework.ts';
import { SentenceText, Slug } from './text.ts';

export const GlossaryTerm = z.strictObject({
  term: SentenceText,
  /** The word in code, where it differs or needs saying. */
  code: z.string().min(1).optional(),
  group: Slug,
  means: SentenceText,
});
export type GlossaryTerm = z.infer<typeof GlossaryTerm>;

export const Glossary = z.strictObject({
  groups: z.array(z.strictObject({ id: Slug, title: SentenceText })),
  terms: z.array(GlossaryTerm).min(1),
  avoid: z.array(z.strictObject({ words: SentenceText, instead: SentenceText })),
});
export type Glossary = z.infer<typeof Glossary>;

/** Names that controls, risks and vendors refer to. */
export const Vocabulary = z.strictObject({
  assetKinds: z.array(z.strictObject({ id: Slug, title: SentenceText })).min(1),
  ownerRoles: z.array(z.strictObject({ id: Slug, title: SentenceText, does: SentenceText })).min(1),
  /** In the order of screens. */
  controlCategories: z.array(ControlCategory).min(1),
  sourceKinds: z.array(z.strictObject({ id: Slug, title: SentenceText })).min(1),
  trustCategories: z
    .array(z.strictObject({ id: Slug, title: SentenceText, required: z.boolean(), means: SentenceText }))
    .length(5),
  testResults: z.array(z.strictObject({ id: Slug, title: SentenceText, means: SentenceText })).length(5),
  rules: z.array(SentenceText),
});
export type Vocabulary = z.infer<typeof Vocabulary>;
