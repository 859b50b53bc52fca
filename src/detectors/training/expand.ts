import { pick } from './random.ts';

/** What each slot of a template may hold; `|` separates. */
export type Slots = Readonly<Record<string, string>>;

const DEEPEST = 4;

/**
 * Fills `{slot}` at random, slots in slots too; `{Slot}` begins with a capital letter, `{{` and `}}` stand for braces.
 * Throws RangeError for a slot without a list.
 */
export function expand(random: () => number, template: string, slots: Slots): string {
  let text = template;
  for (let depth = 0; depth < DEEPEST && /\{[A-Za-z]+\}/.test(text); depth++) {
    text = text.replace(/\{([A-Za-z]+)\}/g, (_match, name: string) => {
      const list = slots[name] ?? slots[name.charAt(0).toLowerCase() + name.slice(1)];
      if (list === undefined) throw new RangeError(`template has the slot ${name}, which has no list`);
      const chosen = pick(random, list.split('|'));
      return slots[name] === undefined ? chosen.charAt(0).toUpperCase() + chosen.slice(1) : chosen;
    });
  }
  return text.replaceAll('{{', '{').replaceAll('}}', '}');
}
