// Builds what runs: the server, the command and the checked catalog into dist/app/<digest>/, the web app into dist/web/.
// dist/verifier/ gets the bundle verifier, one HTML file that works from disk.
// What is up to date is skipped. `node scripts/build.mjs [app|web|verifier] [--force]`; also imported by start.mjs and bin/assay,
// so nothing outside Node is loaded until something has to be built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
// A server that runs while a newer build is made may still load one of its lazy parts from its own folder.
const BUILDS_KEPT = 3;
const ENTRIES = {
  server: 'src/apps/server/main.ts',
  cli: 'src/apps/cli/main.ts',
  catalog: 'src/apps/catalog/main.ts',
  'text-model-worker': 'src/platform/text-models/text-model-worker.ts',
  'lexical-worker': 'src/features/groundedness-checks/lexical-worker.ts',
};

const BROWSER_ONLY = /^src\/(ui|apps\/web|apps\/verifier|features\/[^/]+\/web)(\/|$)/;
const SERVER_ONLY = /^src\/(platform|connectors|control-tests|gateway|apps\/(server|cli|gateway|worker))(\/|$)/;
const NEVER_BUILT = /^src\/.*((\.test\.tsx?|\.md)$|\/fixtures(\/|$))/;

const TARGETS = {
  app: {
    folders: ['src', 'catalog'],
    skips: (path) => BROWSER_ONLY.test(path) || NEVER_BUILT.test(path),
    files: ['package-lock.json', 'package.json', 'tsconfig.base.json', 'scripts/build.mjs'],
    output: (digest) => join(DIST, 'app', digest.slice(0, 16)),
    build: buildApp,
  },
  web: {
    folders: ['src'],
    skips: (path) => SERVER_ONLY.test(path) || NEVER_BUILT.test(path),
    files: ['package-lock.json', 'package.json', 'tsconfig.base.json', 'scripts/build.mjs', 'vite.config.ts'],
    output: () => join(DIST, 'web'),
    build: buildWeb,
  },
  verifier: {
    folders: ['src/apps/verifier', 'src/features/bundles/web', 'src/ui', 'src/ledger', 'src/kernel'],
    skips: (path) => NEVER_BUILT.test(path),
    files: ['package-lock.json', 'package.json', 'tsconfig.base.json', 'scripts/build.mjs'],
    output: () => join(DIST, 'verifier'),
    build: buildVerifier,
  },
};

/** A failure whose message is all a person needs. */
export class BuildError extends Error {
  name = 'BuildError';
}

/**
 * Makes `target` ('app', 'web' or 'verifier') if its inputs changed since the last build, and returns the folder that holds it,
 * or null for a web app that does not exist. `onBuild` is told before a build starts.
 */
export async function ensureBuilt(target, { force = false, onBuild = () => {} } = {}) {
  const plan = TARGETS[target];
  if (target === 'web' && !existsSync(join(ROOT, 'src/apps/web/index.html'))) return null;
  const inputs = listInputs(plan);
  const stats = digestOf(inputs.map(({ path, stat }) => `${path} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`));
  const stampFile = join(DIST, `${target}.json`);
  const stamp = readStamp(stampFile);
  const built = stamp ? plan.output(stamp.content) : '';
  if (!force && stamp && stamp.stats === stats && existsSync(built)) return built;
  // A checkout or a copy changes times but not content: then only the stamp is renewed.
  const content = digestOf(inputs.map(({ path }) => `${path} ${digestOf([readFileSync(join(ROOT, path))])}`));
  const output = plan.output(content);
  if (force || stamp?.content !== content || !existsSync(output)) {
    requireDependencies(target);
    onBuild(target);
    await plan.build(output);
  }
  writeStamp(stampFile, { stats, content });
  return output;
}

function listInputs(plan) {
  const found = [];
  const visit = (path) => {
    if (plan.skips(path)) return;
    for (const entry of readdirSync(join(ROOT, path), { withFileTypes: true })) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(child);
      else if (!plan.skips(child)) found.push(child);
    }
  };
  for (const folder of plan.folders) visit(folder);
  for (const file of plan.files) if (existsSync(join(ROOT, file))) found.push(file);
  return found.sort().map((path) => ({ path, stat: statSync(join(ROOT, path)) }));
}

function digestOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex');
}

function readStamp(file) {
  if (!existsSync(file)) return null;
  try {
    const stamp = JSON.parse(readFileSync(file, 'utf8'));
    return typeof stamp.stats === 'string' && /^[0-9a-f]{64}$/.test(stamp.content) ? stamp : null;
  } catch {
    // A damaged stamp says only that it is unknown what was built: build again.
    return null;
  }
}

function writeStamp(file, stamp) {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(DIST, { recursive: true });
    writeFileSync(temporary, JSON.stringify(stamp));
    renameSync(temporary, file);
  } catch (error) {
    // An installation that cannot be written to still runs what was built; it only compares contents at each start.
    if (error.code !== 'EROFS' && error.code !== 'EACCES') throw error;
  }
}

function requireDependencies(target) {
  const needed = target !== 'web' ? ['esbuild'] : ['vite', '@vitejs/plugin-react', 'react'];
  const missing = needed.filter((name) => !existsSync(join(ROOT, 'node_modules', name, 'package.json')));
  if (missing.length > 0)
    throw new BuildError(`Packages are not installed (${missing.join(', ')}). Run "npm ci" in ${ROOT} and try again.`);
}

async function buildApp(output) {
  const { build } = await loadTool('esbuild');
  const temporary = temporaryFor(output);
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(join(ROOT, file)))),
      entryNames: '[name]',
      chunkNames: 'parts/[name]-[hash]',
      outdir: temporary,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'silent',
    });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new BuildError(`The server could not be built.\n${describeMessages(error)}`, { cause: error });
  }
  buildCatalog(temporary);
  if (existsSync(output)) rmSync(temporary, { recursive: true, force: true });
  else moveInto(temporary, output);
  dropOldBuilds(dirname(output), output);
}

/** Checks the catalog with the code just built and leaves it beside it as JSON: parsing YAML at each start would cost a second. */
function buildCatalog(folder) {
  const args = [join(folder, 'catalog.js'), join(ROOT, 'catalog'), join(folder, 'catalog.json')];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  throw new BuildError(`The catalog is not in order.\n${stderr.trim()}`);
}

function describeMessages(error) {
  const messages = Array.isArray(error.errors) ? error.errors : [];
  if (messages.length === 0) return error.message;
  return messages.map(({ text, location: at }) => (at ? `${at.file}:${at.line}: ${text}` : text)).join('\n');
}

async function buildWeb(output) {
  const { build } = await loadTool('vite');
  const temporary = temporaryFor(output);
  try {
    await build({
      configFile: join(ROOT, 'vite.config.ts'),
      root: join(ROOT, 'src/apps/web'),
      mode: 'production',
      logLevel: 'silent',
      build: { outDir: temporary, emptyOutDir: true },
    });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new BuildError(`The web app could not be built.\n${error.message}`, { cause: error });
  }
  const previous = temporaryFor(`${output}-previous`);
  if (existsSync(output)) renameSync(output, previous);
  moveInto(temporary, output);
  rmSync(previous, { recursive: true, force: true });
}

const VERIFIER_FILE = 'assay-verifier.html';

/** The verifier as one file: style, script and the worker's code stand in it, under a policy that lets nothing else run. */
async function buildVerifier(output) {
  const { build } = await loadTool('esbuild');
  const shared = {
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    outdir: 'out',
    platform: 'browser',
    conditions: ['browser'],
    target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // The system's own fonts do: with the product's, the file would be three times as large.
    loader: { '.woff2': 'empty' },
    plugins: [withoutFonts],
    logLevel: 'silent',
  };
  const texts = async (entry) => {
    const { outputFiles } = await build({ ...shared, entryPoints: [entry] });
    const text = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
    return { script: text('.js'), style: text('.css') };
  };
  let page;
  let worker;
  try {
    page = await texts('src/apps/verifier/main.tsx');
    worker = await texts('src/features/bundles/web/verify-worker.ts');
  } catch (error) {
    throw new BuildError(`The verifier could not be built.\n${describeMessages(error)}`, { cause: error });
  }
  const script = withinScript(page.script);
  const parts = {
    policy: verifierPolicy(script),
    style: page.style.replaceAll('</style', '<\\/style'),
    worker: withinScript(worker.script),
    script,
  };
  const template = readFileSync(join(ROOT, 'src/apps/verifier/index.html'), 'utf8');
  const html = template.replace(/\s*\/\* (policy|style|worker|script) \*\/\s*/g, (_, name) => parts[name]);
  const temporary = temporaryFor(output);
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, VERIFIER_FILE), html);
  rmSync(output, { recursive: true, force: true });
  moveInto(temporary, output);
}

/** Only this script, and what it starts from its own text; no request to anybody. */
function verifierPolicy(script) {
  const digest = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}' blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The same program, with nothing in it that would end the element it stands in. */
function withinScript(code) {
  return code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();
}

const withoutFonts = {
  name: 'without-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /src[/\\]ui[/\\]styles\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

/** A build that is cut short leaves a folder under this name, never a half-made one under the final name. */
function temporaryFor(output) {
  return join(DIST, `.building-${process.pid}-${relative(DIST, output).replaceAll('/', '-')}`);
}

function moveInto(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    // Another process finished the same build first: its result is as good.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(from, { recursive: true, force: true });
  }
}

function dropOldBuilds(folder, current) {
  const old = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of old.slice(BUILDS_KEPT)) rmSync(path, { recursive: true, force: true });
}

async function loadTool(name) {
  try {
    return await import(name);
  } catch (cause) {
    throw new BuildError(
      `"${name}" is installed but does not load on this machine (${cause.code ?? cause.message}). Run "npm ci" in ${ROOT} and try again.`,
      { cause },
    );
  }
}

/** Names the missing piece where Node is too old to run what is built. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new BuildError(`Assay needs Node 20.19 or newer; this is ${process.versions.node}.`);
  if (!existsSync(join(ROOT, 'node_modules')))
    throw new BuildError(`Packages are not installed. Run "npm ci" in ${ROOT} first.`);
}

async function main(argv) {
  requireNode();
  const force = argv.includes('--force');
  const named = argv.filter((word) => word !== '--force');
  const unknown = named.filter((word) => !(word in TARGETS));
  if (unknown.length > 0)
    throw new BuildError(`"${unknown[0]}" is no build target. Targets: ${Object.keys(TARGETS).join(', ')}.`);
  for (const target of named.length > 0 ? named : Object.keys(TARGETS)) {
    const startedAtMs = performance.now();
    let made = false;
    const output = await ensureBuilt(target, {
      force,
      onBuild: () => {
        made = true;
      },
    });
    const where = output ? relative(ROOT, output) : 'not present';
    const how = made ? `built in ${Math.round(performance.now() - startedAtMs)} ms` : 'up to date';
    console.log(`${target}: ${where} (${how})`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof BuildError ? error.message : error);
    process.exitCode = 3;
  });
}
