import { randomBytes } from 'node:crypto';
import {
  INJECTION_JUDGE_VERSION,
  injectionJudgePrompt,
  readInjectionJudge,
} from '#src/detectors/injection/judge-prompt.ts';
import { OpenedModels } from '#src/features/evaluations/index.ts';
import type { SecondOpinion } from '#src/gateway/ports.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Log } from '#src/platform/log.ts';
import type { Secrets } from '#src/platform/secrets.ts';
import { openTextModel, type TextModel } from '#src/platform/text-models/text-model.ts';

const MODEL_TIMEOUT_MS = 2_000;
const JUDGE_TIMEOUT_MS = 10_000;
/** Questions to judges under way at once, over all calls. */
const JUDGES_MAX = 32;
const ATTACK = /inject|jailbreak|attack|malicious|unsafe/i;

/** Fills the second opinion of the gateway: a classifier in a folder of this machine, and language models of providers. */
export async function openSecondOpinion(parts: {
  /** Absent: nothing answers for the classifier. */
  modelFolder: string | undefined;
  /** The label that means an attack, where its name does not say so. */
  modelLabel: string | undefined;
  secrets: Pick<Secrets, 'get'>;
  log: Log;
}): Promise<SecondOpinion & { close(): Promise<void> }> {
  const { secrets, log } = parts;
  const model = parts.modelFolder === undefined ? null : await openAttackModel(parts.modelFolder, parts.modelLabel);
  if (model !== null)
    log.info(
      { digest: model.model.digest, label: model.label, license: model.model.license },
      'a model gives second opinions on injection',
    );
  const judges = new OpenedModels(secrets);
  let underWay = 0;

  return {
    ask: async ({ text, role, rule, provider }) => {
      if (rule.by === 'model') {
        if (model === null)
          throw new AppError('unavailable', 'no model is set; ASSAY_INJECTION_MODEL names its folder');
        const { windows, complete } = await model.model.classify({ text });
        if (!complete) throw new AppError('too_large', 'the text is longer than the model reads');
        const score = Math.max(...windows.map((one) => one.probabilities[model.label] ?? 0));
        return { score, version: `model:${model.model.digest.slice(0, 16)}` };
      }
      if (provider === null) throw new AppError('not_found', 'the provider of the judge is not configured');
      if (underWay >= JUDGES_MAX) throw new AppError('unavailable', 'too many questions to judges are under way');
      underWay++;
      try {
        const judge = await judges.of(provider);
        const nonce = randomBytes(12).toString('hex');
        const { system, user } = injectionJudgePrompt(text, role, nonce);
        const answer = await judge.ask(
          { model: rule.model, system, input: user, maxTokens: 50, temperature: 0, seed: 0 },
          AbortSignal.timeout(JUDGE_TIMEOUT_MS),
        );
        const isAttack = readInjectionJudge(answer.text);
        if (isAttack === null) throw new AppError('unavailable', 'the judge did not say yes or no');
        return { score: isAttack ? 1 : 0, version: `${INJECTION_JUDGE_VERSION}:${rule.model}` };
      } finally {
        underWay--;
      }
    },
    close: async () => {
      await model?.model.close();
      await judges.close();
    },
  };
}

/** Throws `invalid_input` when no label, or more than one, can be taken for the attack. */
async function openAttackModel(
  folder: string,
  named: string | undefined,
): Promise<{ model: TextModel; label: string }> {
  const model = await openTextModel({ folder, timeoutMs: MODEL_TIMEOUT_MS }).catch((cause: unknown) => {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `ASSAY_INJECTION_MODEL: ${cause.message}`, { cause });
  });
  const fitting = named === undefined ? model.labels.filter((one) => ATTACK.test(one)) : [named];
  const [label] = fitting;
  if (label !== undefined && fitting.length === 1 && model.labels.includes(label)) return { model, label };
  await model.close();
  throw new AppError(
    'invalid_input',
    `The model in ${folder} has the labels ${model.labels.join(', ')}. Name the one that means an attack in ASSAY_INJECTION_LABEL.`,
  );
}
