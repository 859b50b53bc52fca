import type { OpenClaimVerdict } from '#src/detectors/groundedness/check-groundedness.ts';
import { AppError } from '#src/kernel/errors.ts';
import { openTextModel, type TextModel } from '#src/platform/text-models/text-model.ts';

/** Of how the probabilities of a model are read: a change starts a new series of what is measured with it. */
const ENTAILMENT_VERSION = 'entailment-1';
// Of the parts of a context the one that speaks most for, or against, a claim decides; a label counts from one half on.
const DECIDES = 0.5;
const CLAIM_TIMEOUT_MS = 30_000;

/** Decides claims that words leave open, by a natural-language-inference model of the operator. */
export type Entailment = {
  /** With the beginning of the digest over model, tokenizer and labels. */
  version: string;
  /**
   * One verdict a claim, in order; null where the model did not read the whole context. Throws `unavailable` when it fails or
   * the signal ends it between two claims.
   */
  decide(context: string, claims: readonly string[], signal: AbortSignal): Promise<OpenClaimVerdict[]>;
  close(): Promise<void>;
};

/** Throws `invalid_input` where the folder holds no model, or one whose labels name no entailment. */
export async function openEntailment(folder: string): Promise<Entailment> {
  const model = await openTextModel({ folder, timeoutMs: CLAIM_TIMEOUT_MS }).catch((cause: unknown) => {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `ASSAY_NLI_MODEL: ${cause.message}`, { cause });
  });
  const entails = model.labels.filter((label) => /^entail/i.test(label));
  const contradicts = model.labels.filter((label) => /^contradict/i.test(label));
  const [entailment] = entails;
  if (entailment === undefined || entails.length > 1 || contradicts.length > 1) {
    await model.close();
    throw new AppError(
      'invalid_input',
      `ASSAY_NLI_MODEL: the model in ${folder} has the labels ${model.labels.join(', ')}. One must begin with "entail"; "contradiction" and "neutral" are the others of such models.`,
    );
  }
  const decideOne = (context: string, claim: string) => decide(model, { entailment, contradicts }, context, claim);
  return {
    version: `${ENTAILMENT_VERSION}:${model.digest.slice(0, 12)}`,
    decide: async (context, claims, signal) => {
      const verdicts: OpenClaimVerdict[] = [];
      for (const claim of claims) {
        if (signal.aborted) throw new AppError('unavailable', 'The model of entailment took too long.');
        verdicts.push(await decideOne(context, claim));
      }
      return verdicts;
    },
    close: () => model.close(),
  };
}

async function decide(
  model: TextModel,
  labels: { entailment: string; contradicts: readonly string[] },
  context: string,
  claim: string,
): Promise<OpenClaimVerdict> {
  const { windows, complete } = await model.classify({ text: context, pair: claim });
  const most = (label: string) => Math.max(0, ...windows.map((one) => one.probabilities[label] ?? 0));
  if (most(labels.entailment) >= DECIDES)
    return { verdict: 'supported', reason: 'A part of the context entails it, as the model of entailment reads it.' };
  // What was not read could still bear it out.
  if (!complete) return null;
  const [contradiction] = labels.contradicts;
  if (contradiction !== undefined && most(contradiction) >= DECIDES)
    return { verdict: 'unsupported', reason: 'A part of the context contradicts it.', contradicted: true };
  return { verdict: 'unsupported', reason: 'No part of the context entails it.' };
}
