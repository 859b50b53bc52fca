import * as z from 'zod';

/**
 * One thing known about an outside system, at one place of one source.
 * `key` names the thing inside its source and stays the same while the thing does: a path and an identity, never a line
 * number or a time, because an unchanged body under an unchanged key costs no storage.
 */
export type Fact<Kind extends string = string, Body = unknown> = {
  kind: Kind;
  key: string;
  body: Body;
};

export type FactKind<Name extends string = string, Schema extends z.ZodType = z.ZodType> = {
  name: Name;
  title: string;
  body: Schema;
};

export function defineFact<Name extends string, Schema extends z.ZodType>(
  name: Name,
  title: string,
  body: Schema,
): FactKind<Name, Schema> {
  return { name, title, body };
}

export type BodyOf<Kind extends FactKind> = z.infer<Kind['body']>;

/** What a part of a tree is for. Read from its path alone, so it is a hint and never a proof. */
export const Purpose = z.enum(['product', 'tests', 'examples', 'documentation', 'vendored']);
export type Purpose = z.infer<typeof Purpose>;

/** Where in a source tree something stands. `path` uses forward slashes from the root of the tree; `line` starts at 1. */
export const Place = z.object({
  path: z.string(),
  line: z.number().int().positive().nullable(),
  /** Left out for product code. */
  purpose: Purpose.optional(),
});
export type Place = z.infer<typeof Place>;

/** Ends of the exact 95 % interval of a share (Clopper and Pearson 1934); null without a case. Older readings lack it. */
export const ShareInterval = z.tuple([z.number(), z.number()]).nullable().optional();
export type ShareInterval = z.infer<typeof ShareInterval>;

/** Three-valued on purpose: `unknown` means that the source does not say. A collector never guesses. */
export const Known = z.enum(['yes', 'no', 'unknown']);
export type Known = z.infer<typeof Known>;
