import { modelOf } from './model.ts';
import { HEAD, WEIGHTS } from './weights.gen.ts';

/** The model that comes with the program. */
export const SHIPPED_MODEL = modelOf(HEAD, WEIGHTS);
