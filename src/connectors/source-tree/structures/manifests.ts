import { parse as parseToml } from 'smol-toml';
import { type Finding, placeIn } from '../finding.ts';
import { folderOf, nameOf } from '../walk/tree-path.ts';
import { isAiLibrary } from './ai-libraries.ts';
import { type FileView, isRecord, parsedOr, type Reader, type TreeView } from './reader.ts';

/** A dependency as a manifest names it. `isPinned` means one exact version, a digest or a commit. */
type Dependency = { name: string; isPinned: boolean };

const LIBRARIES_MAX = 100;
// A workspace keeps one lock file above its packages; nobody nests deeper than this.
const PARENTS_MAX = 6;

const LOCK_FILES: Readonly<Record<string, readonly string[]>> = {
  npm: [
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ],
  python: [
    'poetry.lock',
    'uv.lock',
    'pdm.lock',
    'Pipfile.lock',
    'pylock.toml',
    'conda-lock.yml',
    'pixi.lock',
    'requirements.lock',
  ],
  go: ['go.sum'],
  cargo: ['Cargo.lock'],
  gradle: ['gradle.lockfile', 'verification-metadata.xml'],
  nuget: ['packages.lock.json'],
  gem: ['Gemfile.lock'],
};

/** The lock file that holds the versions of a manifest in `folder`: beside it, or in a folder above. */
function lockFileOf(tree: TreeView, folder: string, ecosystem: string): string | null {
  let at = folder;
  for (let i = 0; i <= PARENTS_MAX; i++) {
    for (const name of LOCK_FILES[ecosystem] ?? []) {
      const path = at === '' ? name : `${at}/${name}`;
      if (tree.has(path)) return path;
    }
    if (at === '') return null;
    at = folderOf(at);
  }
  return null;
}

function manifest(
  file: FileView,
  ecosystem: string,
  dependencies: Dependency[],
  lockEcosystem = ecosystem,
  lockFile?: string | null,
): Finding[] {
  const aiLibraries = [
    ...new Set(dependencies.filter(({ name }) => isAiLibrary(ecosystem, name)).map(({ name }) => name)),
  ].sort();
  return [
    {
      rule: file.rule,
      line: 1,
      fact: {
        kind: 'dependency-manifest',
        key: file.path,
        body: {
          place: placeIn(file.path, 1),
          ecosystem,
          lockFile: lockFile === undefined ? lockFileOf(file.tree, folderOf(file.path), lockEcosystem) : lockFile,
          dependencies: dependencies.length,
          unpinned: dependencies.filter(({ isPinned }) => !isPinned).length,
          aiLibraries: aiLibraries.slice(0, LIBRARIES_MAX),
        },
      },
      asset: null,
    },
  ];
}

export const readPackageJson: Reader = (file) => {
  const parsed: unknown = parsedOr(() => JSON.parse(file.document.text()));
  if (!isRecord(parsed)) return [];
  const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].map(
    (name) => parsed[name],
  );
  // A package.json that only sets the module type of a folder is no manifest.
  if (!sections.some(isRecord) && typeof parsed.name !== 'string') return [];
  const dependencies = sections.filter(isRecord).flatMap((section) =>
    Object.entries(section).map(([name, version]) => ({
      name,
      isPinned:
        typeof version === 'string' &&
        /^(?:npm:[^@]{1,200}@|workspace:|file:|link:)?\d+\.\d+\.\d+[\w.+-]{0,60}$|^(?:workspace|file|link):|#[0-9a-f]{40}$/.test(
          version,
        ),
    })),
  );
  return manifest(file, 'npm', dependencies);
};

const REQUIREMENT = /^\s*([A-Za-z0-9][\w.-]{0,100})\s*(?:\[[^\]]{0,200}\])?\s*(.*)$/;

function requirement(line: string): Dependency | null {
  const text = line.replace(/(^|\s)#.*$/, '').trim();
  if (text === '' || text.startsWith('-')) return null;
  const match = REQUIREMENT.exec(text);
  if (!match) return null;
  const rest = match[2] ?? '';
  return {
    name: match[1] ?? '',
    isPinned:
      /^===?\s*[\w.+!-]+\s*(?:;|\\|$|--hash)/.test(rest) && !rest.includes('*')
        ? true
        : /@[0-9a-f]{40}\b|#sha256=/.test(rest),
  };
}

export const readRequirements: Reader = (file) => {
  const lines = file.document.text().split('\n');
  const dependencies = lines.flatMap((line) => requirement(line.replace(/\r$/, '')) ?? []);
  // Compiled requirements with hashes are their own lock file.
  const isLocked = lines.some((line) => line.includes('--hash=sha256:'));
  return dependencies.length === 0
    ? []
    : manifest(file, 'python', dependencies, 'python', isLocked ? file.path : undefined);
};

export const readPyproject: Reader = (file) => {
  const parsed: unknown = parsedOr(() => parseToml(file.document.text()));
  if (!isRecord(parsed)) return [];
  const project = isRecord(parsed.project) ? parsed.project : {};
  const tool = isRecord(parsed.tool) ? parsed.tool : {};
  const optional = isRecord(project['optional-dependencies']) ? Object.values(project['optional-dependencies']) : [];
  const groups = isRecord(parsed['dependency-groups']) ? Object.values(parsed['dependency-groups']) : [];
  const listed = [project.dependencies, ...optional, ...groups]
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
    .flatMap((entry) => (typeof entry === 'string' ? (requirement(entry) ?? []) : []));
  const poetry = isRecord(tool.poetry) ? tool.poetry : {};
  const poetryGroups = isRecord(poetry.group) ? Object.values(poetry.group) : [];
  const tables = [
    poetry.dependencies,
    poetry['dev-dependencies'],
    ...poetryGroups.map((group) => (isRecord(group) ? group.dependencies : undefined)),
  ];
  const dependencies = [...listed, ...tables.filter(isRecord).flatMap(tableDependencies)].filter(
    ({ name }) => name !== 'python',
  );
  const isManifest = isRecord(parsed.project) || isRecord(tool.poetry);
  return isManifest ? manifest(file, 'python', dependencies) : [];
};

function tableDependencies(table: Record<string, unknown>): Dependency[] {
  return Object.entries(table).map(([name, value]) => {
    const version = typeof value === 'string' ? value : isRecord(value) ? (value.version ?? value.rev) : undefined;
    return {
      name,
      isPinned:
        typeof version === 'string' && /^(?:={1,3}\s*)?\d+(?:\.\d+){1,3}[\w.+-]{0,40}$|^[0-9a-f]{40}$/.test(version),
    };
  });
}

export const readPipfile: Reader = (file) => {
  const parsed: unknown = parsedOr(() => parseToml(file.document.text()));
  if (!isRecord(parsed)) return [];
  const dependencies = [parsed.packages, parsed['dev-packages']].filter(isRecord).flatMap(tableDependencies);
  return manifest(file, 'python', dependencies);
};

export const readCondaEnvironment: Reader = (file) => {
  const lines = file.document.text().split('\n');
  if (!lines.some((line) => /^dependencies\s*:/.test(line))) return [];
  const dependencies = lines.flatMap((line): Dependency[] => {
    const match = /^\s*-\s*(?:[\w-]{1,60}::)?([A-Za-z0-9][\w.-]{0,100})\s*([=<>!~]{1,3}.*)?$/.exec(
      line.replace(/\s#.*$/, '').trimEnd(),
    );
    return match ? [{ name: match[1] ?? '', isPinned: /^={1,2}\s*\d+\.\d+[\w.]*(?:=\w+)?$/.test(match[2] ?? '') }] : [];
  });
  return manifest(file, 'python', dependencies);
};

export const readGoMod: Reader = (file) => {
  const text = file.document.text();
  if (!/^module\s/m.test(text)) return [];
  const dependencies = [
    ...text.matchAll(/^(?:require\s+)?[ \t]*([\w.-]+\.[\w.-]+\/\S{1,200}|\w[\w.-]*\.\w+\/\S{1,200})\s+v\S{1,100}/gm),
  ].map((match) => ({ name: match[1] ?? '', isPinned: true }));
  return manifest(file, 'go', dependencies);
};

export const readCargoToml: Reader = (file) => {
  const parsed: unknown = parsedOr(() => parseToml(file.document.text()));
  if (!isRecord(parsed)) return [];
  const workspace = isRecord(parsed.workspace) ? parsed.workspace : {};
  const tables = [
    parsed.dependencies,
    parsed['dev-dependencies'],
    parsed['build-dependencies'],
    workspace.dependencies,
  ].filter(isRecord);
  const dependencies = tables.flatMap((table) =>
    Object.entries(table).map(([name, value]) => {
      const version = typeof value === 'string' ? value : isRecord(value) ? value.version : undefined;
      const isWithin =
        isRecord(value) && (value.path !== undefined || value.workspace === true || typeof value.rev === 'string');
      return { name, isPinned: isWithin || (typeof version === 'string' && /^=\s*\d+\.\d+\.\d+/.test(version)) };
    }),
  );
  return isRecord(parsed.package) || isRecord(parsed.workspace) ? manifest(file, 'cargo', dependencies) : [];
};

export const readPom: Reader = (file) => {
  const text = file.document.text().replace(/<!--[\s\S]*?-->/g, '');
  if (!text.includes('<project')) return [];
  const dependencies = [...text.matchAll(/<dependency>([\s\S]{0,3000}?)<\/dependency>/g)].flatMap(
    (match): Dependency[] => {
      const name = /<artifactId>\s*([\w.-]{1,150})\s*<\/artifactId>/.exec(match[1] ?? '')?.[1];
      const version = /<version>\s*([^<\s]{1,100})\s*<\/version>/.exec(match[1] ?? '')?.[1];
      // Without a version the parent or a bill of materials decides; that is as fixed as the rest of Maven.
      return name === undefined
        ? []
        : [{ name, isPinned: version === undefined || !/[[(,)\]]|LATEST|RELEASE|SNAPSHOT/.test(version) }];
    },
  );
  return manifest(file, 'maven', dependencies, 'gradle', null);
};

export const readGradle: Reader = (file) => {
  const text = file.document.text();
  const dependencies = [
    ...text.matchAll(
      /\b(?:implementation|api|compileOnly|runtimeOnly|testImplementation|kapt|annotationProcessor)\b[ \t(]*(?:platform\()?["']([\w.-]{1,150}):([\w.-]{1,150})(?::([^"'\s]{1,100}))?["']/g,
    ),
  ].map((match) => ({
    name: match[2] ?? '',
    isPinned: match[3] === undefined || !/[+[(]|latest/.test(match[3]),
  }));
  return dependencies.length === 0 && !/\bplugins\s*\{|\bapply plugin/.test(text)
    ? []
    : manifest(file, 'maven', dependencies, 'gradle');
};

export const readProjectFile: Reader = (file) => {
  const text = file.document.text().replace(/<!--[\s\S]*?-->/g, '');
  const dependencies = [
    ...text.matchAll(/<PackageReference\s[^>]{0,400}?Include\s*=\s*"([\w.-]{1,150})"([^>]{0,400})/g),
  ].map((match) => {
    const version = /Version\s*=\s*"([^"]{1,60})"/.exec(match[2] ?? '')?.[1];
    return { name: match[1] ?? '', isPinned: version === undefined || !/[*[(]/.test(version) };
  });
  return text.includes('<Project') ? manifest(file, 'nuget', dependencies) : [];
};

export const readGemfile: Reader = (file) => {
  const dependencies = file.document
    .text()
    .split('\n')
    .flatMap((line): Dependency[] => {
      const match = /^\s*gem\s+["']([\w-]{1,100})["']\s*(?:,\s*["']([^"']{1,60})["'])?/.exec(line);
      return match ? [{ name: match[1] ?? '', isPinned: /^=?\s*\d+\.\d+\.\d+$/.test(match[2] ?? '') }] : [];
    });
  return dependencies.length === 0 ? [] : manifest(file, 'gem', dependencies);
};

/** Names of files that make their folder a deliverable of its own. */
export function isManifestName(path: string): boolean {
  return /^(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|requirements(?:[-_.]\w{1,30})?\.txt|Pipfile|environment\.ya?ml|go\.mod|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|.{1,100}\.csproj|Chart\.yaml|Dockerfile)$/.test(
    nameOf(path),
  );
}
