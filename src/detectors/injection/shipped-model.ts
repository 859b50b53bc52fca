import { type Model, weightsOf } from './model.ts';
import { HEAD, WEIGHTS } from './weights.gen.ts';

/** The model that comes with the program. */
export const SHIPPED_MODEL: Model = { head: HEAD, weights: weightsOf(WEIGHTS) };
