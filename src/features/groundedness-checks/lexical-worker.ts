import { parentPort } from 'node:worker_threads';
import { checkGroundedness } from '#src/detectors/groundedness/check-groundedness.ts';
import type { LexicalAnswer, LexicalQuestion } from './lexical-thread.ts';
import { CHECK_LIMITS } from './model.ts';

// Compares words in a thread of its own: a long answer against a long context takes up to seconds, and the process that was
// asked serves calls meanwhile.

const limits = {
  answerUnits: CHECK_LIMITS.answerCharacters,
  contextUnits: CHECK_LIMITS.contextCharacters,
  claims: CHECK_LIMITS.claims,
};

parentPort?.on('message', ({ id, answer, context }: LexicalQuestion) => {
  let said: LexicalAnswer;
  try {
    said = { id, checked: checkGroundedness(answer, context, limits) };
  } catch (error) {
    said = { id, error: error instanceof Error ? error.name : 'unknown' };
  }
  parentPort?.postMessage(said);
});
