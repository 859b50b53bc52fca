import type { ImportLanguage, ImportMatch } from '../rule.ts';
import type { Language } from '../text/language.ts';

const LANGUAGES: Record<ImportLanguage, readonly Language[]> = {
  python: ['python', 'notebook'],
  javascript: ['javascript'],
  go: ['go'],
  jvm: ['java', 'kotlin', 'scala', 'groovy'],
  rust: ['rust'],
  csharp: ['csharp'],
  ruby: ['ruby'],
  php: ['php'],
};

/** How the lines of one language look that import one of the modules. */
export type ImportPattern = { languages: readonly Language[]; literals: string[]; pattern: RegExp };

/** One pattern a language. The module is captured as `module`. */
export function importPatterns(match: ImportMatch): ImportPattern[] {
  return (Object.keys(match.modules) as ImportLanguage[]).map((language) => {
    const modules = match.modules[language] ?? [];
    const names = `(?<module>${modules.map(quoteForPattern).join('|')})`;
    return {
      languages: LANGUAGES[language],
      literals: modules.flatMap((module) => literalsOf(language, module)),
      pattern: patternOf(language, names),
    };
  });
}

function literalsOf(language: ImportLanguage, module: string): string[] {
  switch (language) {
    case 'python':
      return [`from ${module}`, `import ${module}`];
    case 'javascript':
      return [`'${module}`, `"${module}`];
    case 'go':
      return [`"${module}`];
    case 'rust':
      return [`use ${module}`, `${module}::`];
    case 'csharp':
      return [`using ${module}`];
    case 'ruby':
      return [`require '${module}`, `require "${module}`];
    case 'jvm':
    case 'php':
      return [module];
  }
}

function patternOf(language: ImportLanguage, names: string): RegExp {
  switch (language) {
    case 'python':
      return new RegExp(`^\\s*(?:from|import)\\s+${names}(?:\\.[\\w.]+)?(?=[\\s,;]|$)`);
    case 'javascript':
      // A line that ends a longer import statement begins with its closing brace.
      return new RegExp(
        `(?:^\\s*(?:import|export|\\}|[\\w$]+\\s*\\}?)[^'"]{0,400}\\bfrom\\s*|^\\s*import\\s*|\\brequire\\(\\s*|\\bimport\\(\\s*)["']${names}(?:/[^"']{0,200})?["']`,
      );
    case 'go':
      return new RegExp(`^\\s*(?:import\\s+)?(?:[\\w.]+\\s+)?"${names}(?:/[^"]{0,200})?"`);
    case 'jvm':
      return new RegExp(`^\\s*import\\s+(?:static\\s+)?${names}(?=[.;\\s]|$)`);
    case 'rust':
      return new RegExp(
        `(?:^\\s*(?:pub\\s+)?use\\s+(?:::)?${names}(?=::|;|\\s)|(?<![\\w:])${names.replace('?<module>', '?:')}::\\w)`,
      );
    case 'csharp':
      return new RegExp(`^\\s*(?:global\\s+)?using\\s+(?:static\\s+)?(?:\\w+\\s*=\\s*)?${names}(?=[.;])`);
    case 'ruby':
      return new RegExp(`^\\s*require\\s*\\(?["']${names}(?:/[^"']{0,200})?["']`);
    case 'php':
      return new RegExp(`^\\s*use\\s+\\\\?${names}(?=[\\\\;\\s])`);
  }
}

function quoteForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
