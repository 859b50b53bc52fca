import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { Actor, Records } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import { NewSuite, type RobustnessOf } from './model.ts';
import { perturbItems } from './perturb.ts';
import { addSuite, findSuite, versionInForce } from './suites.ts';

/** Proposes a suite of variants of the approved items of another, with its scorers and thresholds. */
export async function addRobustnessSuite(
  records: Records,
  suite: string,
  { name, kinds, seed }: z.infer<typeof RobustnessOf>,
  actor: Actor,
): Promise<{ id: string; items: number }> {
  const { drizzle } = records.database;
  const source = await findSuite(drizzle, suite);
  const version = await versionInForce(drizzle, source.id);
  if (!version) throw new AppError('conflict', 'No version of the suite is approved: there is nothing to vary.');
  const items = perturbItems(version.content.items, kinds, seed);
  const proposed = NewSuite.safeParse({
    name,
    systemId: source.systemId,
    content: { ...version.content, items, seed },
    reason: `Variants (${kinds.join(', ')}) of ${source.name}, version ${version.version}, seed ${seed}.`,
  });
  if (!proposed.success)
    throw new AppError('invalid_input', `kinds: ${items.length} variants are too many. Choose fewer kinds.`);
  const at = new Date(records.clock());
  const id = makeId('evs', at.getTime(), randomBytes(10));
  await records.change('evaluations', ['evaluation-suite'], (tx) =>
    addSuite(tx, id, proposed.data, { at, actor, append: records.append }),
  );
  return { id, items: items.length };
}
