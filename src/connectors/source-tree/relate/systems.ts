import { isManifestName } from '../structures/manifests.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';

/** Tells which deliverable of the tree a file belongs to. */
export type Systems = {
  /** Folder of the nearest manifest above the file; `.` for the root. */
  of(path: string): string;
  manifestOf(key: string): string | null;
  titleOf(key: string): string;
};

// Folders that serve the deliverable around them, even where they have a manifest of their own.
const PART_OF_PARENT =
  /^(?:tests?|__tests__|spec|e2e|docs?|documentation|examples?|samples?|scripts?|tools?|bench(?:marks?)?|\.github|\.devcontainer|ci|docker|deploy(?:ment)?|k8s|helm|charts?|infra|terraform|prompts?|evals?|notebooks?|data|models?|fixtures?|config|src|app|lib)$/i;
const RANKS = [
  /^package\.json$/,
  /^pyproject\.toml$/,
  /^(?:go\.mod|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|Gemfile)$/,
  /\.csproj$/,
  /^setup\.(?:py|cfg)$/,
  /^Pipfile$/,
  /^requirements/,
  /^environment/,
  /^Chart\.yaml$/,
  /^Dockerfile$/,
];

/** `paths` are all files of the tree. `rootTitle` names the root. */
export function findSystems(paths: readonly string[], rootTitle: string): Systems {
  const manifests = new Map<string, string>();
  for (const path of paths) {
    if (!isManifestName(path)) continue;
    const folder = folderOf(path);
    const known = manifests.get(folder);
    if (known === undefined || rankOf(path) < rankOf(known)) manifests.set(folder, path);
  }
  const cache = new Map<string, string>();
  const systemOf = (folder: string): string => {
    if (folder === '') return '.';
    const known = cache.get(folder);
    if (known !== undefined) return known;
    const isOne = manifests.has(folder) && !PART_OF_PARENT.test(nameOf(folder));
    const system = isOne ? folder : systemOf(folderOf(folder));
    cache.set(folder, system);
    return system;
  };
  return {
    of: (path) => systemOf(folderOf(path)),
    manifestOf: (key) => manifests.get(key === '.' ? '' : key) ?? null,
    titleOf: (key) => (key === '.' ? rootTitle : nameOf(key)),
  };
}

function rankOf(path: string): number {
  const rank = RANKS.findIndex((pattern) => pattern.test(nameOf(path)));
  return rank < 0 ? RANKS.length : rank;
}
