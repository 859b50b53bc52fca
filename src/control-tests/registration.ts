import type { FactBody, KnownFact } from '#src/facts/index.ts';
import type { Verdict } from './define.ts';
import { listed, quoted } from './words.ts';

type Facts = {
  readonly 'inventory-item': readonly KnownFact<'inventory-item'>[];
  readonly 'ai-system': readonly KnownFact<'ai-system'>[];
};

/**
 * Judges the inventory items of one kind: each has to be confirmed and belong to an AI system that states what `missingOf`
 * asks for. Items of other kinds are no subjects.
 */
export function judgeRegistration(
  facts: Facts,
  itemKind: string,
  missingOf: (system: FactBody<'ai-system'>) => string[],
): Verdict[] {
  const systems = new Map(facts['ai-system'].map((system) => [system.key, system.body]));
  return facts['inventory-item']
    .filter((item) => item.body.itemKind === itemKind)
    .map(({ key, body }): Verdict => {
      const name = quoted(body.title);
      const base = { subject: key, expected: 'confirmed, in a described AI system' };
      if (body.state === 'rejected' || body.state === 'gone') {
        const words = body.state === 'gone' ? 'is no longer found in its source' : 'was rejected';
        return { ...base, result: 'not_applicable', because: `${name} ${words}.` };
      }
      if (body.state === 'proposed')
        return { ...base, result: 'fail', because: `${name} was found and is not confirmed.`, observed: 'proposed' };
      const system = body.systemId === null ? undefined : systems.get(body.systemId);
      if (system === undefined)
        return { ...base, result: 'fail', because: `${name} belongs to no AI system.`, observed: 'no AI system' };
      const missing = missingOf(system);
      if (missing.length > 0) {
        const because = `${name} belongs to ${quoted(system.name)}, which states no ${listed(missing).replaceAll('`', '')}.`;
        return { ...base, result: 'fail', because, observed: `no ${missing.join(', ')}` };
      }
      return { ...base, result: 'pass', because: `${name} is registered under ${quoted(system.name)}.` };
    });
}
