import { addIgnoreFile, isIgnored, NO_IGNORE_RULES } from '../walk/ignore-rules.ts';

/** Tells which rule of a CODEOWNERS file covers a path. */
export type Owners = { ruleFor(path: string): string | null };

const RULES_MAX = 2_000;

/** The last rule that matches counts, as on GitHub; a rule without owners takes ownership away. Patterns are those of .gitignore. */
export function ownersOf(text: string): Owners {
  const rules = text.split('\n').flatMap((raw) => {
    const line = raw
      .replace(/\r$/, '')
      .replace(/(^|\s)#.*$/, '')
      .trim();
    if (line === '' || /^\^?\[/.test(line)) return [];
    const [pattern = '', ...owners] = line.split(/(?<!\\)\s+/);
    // CODEOWNERS has no negation.
    if (pattern.startsWith('!')) return [];
    return [
      {
        pattern,
        isOwned: owners.some((owner) => owner.includes('@')),
        matcher: addIgnoreFile(NO_IGNORE_RULES, '', pattern),
      },
    ];
  });
  const known = rules.slice(0, RULES_MAX);
  return {
    ruleFor(path) {
      for (let i = known.length - 1; i >= 0; i--) {
        const rule = known[i];
        if (!rule || !covers(rule, path)) continue;
        return rule.isOwned ? rule.pattern : null;
      }
      return null;
    },
  };
}

function covers(rule: { pattern: string; matcher: Parameters<typeof isIgnored>[0] }, path: string): boolean {
  // `docs/*` means the files of that folder only, not those below it.
  if (rule.pattern.endsWith('/*') && path.split('/').length > rule.pattern.replace(/^\//, '').split('/').length)
    return false;
  return isIgnored(rule.matcher, path, false);
}
