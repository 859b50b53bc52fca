import { groupBy } from '../group-by.ts';
import type { Language } from '../text/language.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';

/** One import statement: what it names, and what the file then calls it. */
export type ImportStatement = { module: string; names: string[] };

const STATEMENTS_MAX = 400;

/** Import statements of a Python or JavaScript text, several lines joined where brackets ask for it. */
export function importStatements(text: string, language: Language): ImportStatement[] {
  const statements =
    language === 'javascript'
      ? javascriptImports(text)
      : language === 'python' || language === 'notebook'
        ? pythonImports(text)
        : plainImports(text, language);
  return statements.slice(0, STATEMENTS_MAX);
}

function pythonImports(text: string): ImportStatement[] {
  const statements: ImportStatement[] = [];
  for (const match of text.matchAll(
    /^[ \t]*from[ \t]+([.\w]{1,200})[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#]{1,600})/gm,
  )) {
    const names = (match[2] ?? '')
      .replace(/[()]/g, '')
      .replace(/#.*$/gm, '')
      .split(',')
      .flatMap((part) => {
        const [name, , alias] = part.trim().split(/\s+/);
        return name ? [alias ?? name] : [];
      });
    const module = match[1] ?? '';
    statements.push({ module, names });
    // `from app import llm` can name a module as well as something inside one.
    for (const name of (match[2] ?? '').replace(/[()\\]/g, '').split(',')) {
      const first = name.trim().split(/\s+/)[0];
      if (first && /^\w+$/.test(first))
        statements.push({
          module: module.endsWith('.') ? `${module}${first}` : `${module}.${first}`,
          names: [name.trim().split(/\s+/)[2] ?? first],
        });
    }
  }
  for (const match of text.matchAll(/^[ \t]*import[ \t]+([\w., \t]{1,400})/gm))
    for (const part of (match[1] ?? '').split(',')) {
      const [module, , alias] = part.trim().split(/\s+/);
      if (module) statements.push({ module, names: [alias ?? module.split('.')[0] ?? module] });
    }
  return statements;
}

function javascriptImports(text: string): ImportStatement[] {
  const statements: ImportStatement[] = [];
  for (const match of text.matchAll(
    /\b(?:import|export)\s+(?:type\s+)?([^'";]{0,2000}?)\bfrom\s*["']([^"'\n]{1,300})["']/g,
  ))
    statements.push({ module: match[2] ?? '', names: namesOf(match[1] ?? '') });
  for (const match of text.matchAll(
    /^[ \t]*(?:const|let|var)\s+([^=;]{1,600}?)\s*=\s*(?:await\s+import|require)\(\s*["']([^"'\n]{1,300})["']/gm,
  ))
    statements.push({ module: match[2] ?? '', names: namesOf(match[1] ?? '') });
  for (const match of text.matchAll(/^[ \t]*import\s*["']([^"'\n]{1,300})["']/gm))
    statements.push({ module: match[1] ?? '', names: [] });
  return statements;
}

function namesOf(clause: string): string[] {
  return clause
    .replace(/[{}]/g, ' ')
    .split(',')
    .flatMap((part) => {
      const words = part
        .replace(/\btype\b/g, ' ')
        .replace(':', ' as ')
        .trim()
        .split(/\s+as\s+|\s+/)
        .filter((word) => /^[A-Za-z_$][\w$]*$/.test(word));
      const last = words[words.length - 1];
      return last ? [last] : [];
    });
}

function plainImports(text: string, language: Language): ImportStatement[] {
  const pattern =
    language === 'go'
      ? /^[ \t]*(?:import[ \t]+)?(?:[\w.]{1,60}[ \t]+)?"([\w./-]{1,300})"[ \t]*$/gm
      : language === 'rust'
        ? /^[ \t]*(?:pub[ \t]+)?(?:use[ \t]+crate::|mod[ \t]+)([\w:]{1,200})/gm
        : /^[ \t]*(?:import|using)[ \t]+(?:static[ \t]+)?([\w.]{1,300})/gm;
  return [...text.matchAll(pattern)].map((match) => ({ module: match[1] ?? '', names: [] }));
}

/** Finds the file of the tree that an import means. */
export type ImportResolver = (statement: string, from: string, language: Language) => string[];

const JAVASCRIPT_ENDINGS = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.mts',
  '.cjs',
  '.vue',
  '.svelte',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.jsx',
  '/index.mjs',
];
const GO_FILES_MAX = 60;

export function createImportResolver(paths: readonly string[]): ImportResolver {
  const all = new Set(paths);
  const goFolders = groupBy(
    paths.filter((path) => path.endsWith('.go') && !path.endsWith('_test.go')),
    folderOf,
  );
  const javaFiles = groupBy(
    paths.filter((path) => /\.(?:java|kt|cs)$/.test(path)),
    (path) => nameOf(path).replace(/\.\w+$/, ''),
  );
  return (module, from, language) => {
    if (language === 'javascript') return resolveJavascript(module, from, all);
    if (language === 'python' || language === 'notebook') return resolvePython(module, from, all);
    if (language === 'go') return resolveGo(module, goFolders);
    if (language === 'java' || language === 'kotlin' || language === 'scala' || language === 'csharp') {
      const parts = module.split('.');
      const name = parts[parts.length - 1] ?? '';
      const suffix = `${parts.slice(-2, -1).join('/')}/${name}.`;
      return (javaFiles.get(name) ?? []).filter((path) => path.includes(suffix)).slice(0, 3);
    }
    if (language === 'rust') {
      const base = folderOf(from);
      const tail = module.split('::')[0] ?? '';
      return [`${base}/${tail}.rs`, `${base}/${tail}/mod.rs`, `src/${tail}.rs`, `src/${tail}/mod.rs`].filter((path) =>
        all.has(path),
      );
    }
    return [];
  };
}

function resolveJavascript(module: string, from: string, all: ReadonlySet<string>): string[] {
  const bases: string[] = [];
  if (module.startsWith('.')) bases.push(joinPath(folderOf(from), module));
  else {
    const alias = /^(?:@|~|#)\/?(.+)$/.exec(module)?.[1];
    // `@scope/name` is a package unless the tree has the file.
    if (alias === undefined) return [];
    for (let folder = folderOf(from); ; folder = folderOf(folder)) {
      bases.push(joinPath(folder, alias), joinPath(folder, `src/${alias}`));
      if (folder === '') break;
    }
  }
  for (const base of bases)
    for (const ending of JAVASCRIPT_ENDINGS) {
      const path = base + ending;
      if (all.has(path)) return [path];
      // TypeScript written for Node names the file that the compiler will make.
      const source = path.replace(/\.(m|c)?js$/, '.$1ts');
      if (ending === '' && source !== path && all.has(source)) return [source];
    }
  return [];
}

function resolvePython(module: string, from: string, all: ReadonlySet<string>): string[] {
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const tail = module.slice(dots).replaceAll('.', '/');
  const bases: string[] = [];
  if (dots > 0) {
    let folder = folderOf(from);
    for (let i = 1; i < dots; i++) folder = folderOf(folder);
    bases.push(joinPath(folder, tail));
  } else
    for (let folder = folderOf(from); ; folder = folderOf(folder)) {
      bases.push(joinPath(folder, tail), joinPath(folder, `src/${tail}`));
      if (folder === '') break;
    }
  for (const base of bases)
    for (const path of [`${base}.py`, `${base}/__init__.py`]) if (path !== from && all.has(path)) return [path];
  return [];
}

function resolveGo(module: string, folders: ReadonlyMap<string, string[]>): string[] {
  const parts = module.split('/');
  for (let i = 1; i < parts.length; i++) {
    const files = folders.get(parts.slice(i).join('/'));
    if (files) return files.slice(0, GO_FILES_MAX);
  }
  return [];
}

function joinPath(folder: string, tail: string): string {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of tail.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
