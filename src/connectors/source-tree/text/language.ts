import { extensionOf, nameOf } from '../walk/tree-path.ts';

const BY_EXTENSION = {
  python: ['py', 'pyi', 'pyw', 'pyx'],
  javascript: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'vue', 'svelte', 'astro'],
  go: ['go'],
  java: ['java'],
  kotlin: ['kt', 'kts'],
  scala: ['scala', 'sc'],
  groovy: ['groovy', 'gradle'],
  rust: ['rs'],
  csharp: ['cs', 'csx'],
  ruby: ['rb', 'rake'],
  php: ['php'],
  swift: ['swift'],
  cpp: ['c', 'cc', 'cpp', 'cxx', 'h', 'hpp', 'm', 'mm', 'cu'],
  r: ['r', 'rmd'],
  julia: ['jl'],
  elixir: ['ex', 'exs'],
  dart: ['dart'],
  shell: ['sh', 'bash', 'zsh', 'ksh', 'fish', 'ps1', 'bat', 'cmd', 'sbatch', 'slurm'],
  yaml: ['yaml', 'yml'],
  json: ['json', 'jsonc', 'json5', 'webmanifest'],
  jsonl: ['jsonl', 'ndjson'],
  toml: ['toml'],
  terraform: ['tf', 'tfvars', 'hcl'],
  sql: ['sql'],
  markdown: ['md', 'mdx', 'markdown', 'rst', 'adoc'],
  markup: ['html', 'htm', 'xml', 'svg', 'csproj', 'fsproj', 'vbproj', 'props', 'xhtml', 'plist'],
  ini: ['ini', 'cfg', 'conf', 'properties', 'env', 'editorconfig'],
  template: ['jinja', 'jinja2', 'j2', 'mustache', 'hbs', 'handlebars', 'tmpl', 'tpl', 'prompt', 'prompty', 'poml'],
  notebook: ['ipynb'],
  table: ['csv', 'tsv'],
} as const;

export type Language = keyof typeof BY_EXTENSION | 'dockerfile' | 'make' | 'text';

const LANGUAGE_OF_EXTENSION = new Map<string, Language>(
  Object.entries(BY_EXTENSION).flatMap(([language, extensions]) =>
    extensions.map((extension): [string, Language] => [extension, language as Language]),
  ),
);

const LANGUAGE_OF_NAME: [RegExp, Language][] = [
  [/^(?:Dockerfile|Containerfile)(?:\..{1,80})?$/i, 'dockerfile'],
  [/\.(?:dockerfile|containerfile)$/i, 'dockerfile'],
  [/^\.env(?:\..{1,80})?$/, 'ini'],
  [/^(?:GNU)?Makefile$|\.mk$/i, 'make'],
  [/^Justfile$/i, 'make'],
  [/^Jenkinsfile(?:\..{1,80})?$/, 'groovy'],
  [/^(?:Gemfile|Rakefile|Podfile)$/, 'ruby'],
  [/^(?:Pipfile|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock)$/, 'toml'],
  [/^(?:Snakefile|SConstruct|BUILD|WORKSPACE|BUILD\.bazel)$/, 'python'],
  [/^Procfile$|\.ya?ml\.(?:example|sample|dist|tmpl|tpl)$/, 'yaml'],
];

/** Languages that people write programs in; what stands there runs. */
export const CODE_LANGUAGES = [
  'python',
  'javascript',
  'go',
  'java',
  'kotlin',
  'scala',
  'groovy',
  'rust',
  'csharp',
  'ruby',
  'php',
  'swift',
  'cpp',
  'r',
  'julia',
  'elixir',
  'dart',
  'shell',
  'notebook',
] as const satisfies readonly Language[];

/** Languages of settings: what stands there is read by a program. */
export const CONFIG_LANGUAGES = [
  'yaml',
  'json',
  'toml',
  'ini',
  'terraform',
  'dockerfile',
  'make',
] as const satisfies readonly Language[];

/** Language of a file by its name alone; `text` where the name says nothing. */
export function languageOf(path: string): Language {
  const name = nameOf(path);
  for (const [pattern, language] of LANGUAGE_OF_NAME) if (pattern.test(name)) return language;
  return LANGUAGE_OF_EXTENSION.get(extensionOf(path)) ?? 'text';
}
