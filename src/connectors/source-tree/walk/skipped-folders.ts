// Folders that hold what tools put there: other people's packages, caches and build results. Their content is named by
// manifests and lock files, which are read. Scanning one of them as the root reads it all the same.
const DEPENDENCIES = new Set([
  'node_modules',
  'bower_components',
  'site-packages',
  '.venv',
  '.tox',
  '.nox',
  '.pnpm-store',
  '.yarn',
  '__pypackages__',
  '.gradle',
  '.m2',
  '.cargo',
  '.terraform',
]);
const CACHES = new Set([
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.ipynb_checkpoints',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.turbo',
  '.parcel-cache',
  '.nyc_output',
  '.eggs',
]);
const OTHER_VERSION_CONTROL = new Set(['.hg', '.svn', '.jj', '.bzr']);

/** Why a folder of this name is left out, or null where it is read. */
export function reasonToSkipFolder(name: string): string | null {
  if (DEPENDENCIES.has(name)) return 'dependency folder';
  if (CACHES.has(name)) return 'cache folder';
  if (OTHER_VERSION_CONTROL.has(name)) return 'version control data';
  return null;
}

/** File systems of the kernel: reading there can wait forever or never end. */
export const PSEUDO_FOLDERS: ReadonlySet<string> = new Set(['/proc', '/sys', '/dev']);
