import type { Known } from '#src/facts/index.ts';
import { examineBulk } from './examine-bulk.ts';
import type { Finding } from './finding.ts';
import { dataFormatOf, weightsFormatFor } from './formats/names.ts';
import { findingsOfHits, ONLY_WITH_AI } from './hits/findings-of-hits.ts';
import type { ScanLimits } from './limits.ts';
import type { LineMatcher } from './match/line-matcher.ts';
import type { Pace } from './pace.ts';
import type { DetectionRule, Hit, RuleKind } from './rule.ts';
import { readNotebook } from './structures/notebook.ts';
import type { TreeView } from './structures/reader.ts';
import type { StructureIndex } from './structures/structure-index.ts';
import { createDocument, type Document } from './text/document.ts';
import { asUtf8, decode, encodingOf } from './text/encoding.ts';
import { type Language, languageOf } from './text/language.ts';
import type { LeftOut } from './walk/left-out.ts';
import { type OpenFile, readAt, withFile } from './walk/open-file.ts';
import { extensionOf, folderOf, type TreePath } from './walk/tree-path.ts';

/** What one file yields. */
export type FileReport = {
  path: string;
  language: Language;
  findings: Finding[];
  /** Lines at which the file itself touches a model or an AI library. */
  aiLines: number[];
  /** Hits of line and import rules, from which most findings were made. */
  hits: Hit[];
};

/** What the reading of all files shares. */
export type Examination = {
  limits: ScanLimits;
  pace: Pace;
  leftOut: LeftOut;
  matcher: LineMatcher;
  structures: StructureIndex;
  /** Rules for weights and for data, by extension. */
  weightsRules: ReadonlyMap<string, DetectionRule>;
  dataRules: ReadonlyMap<string, DetectionRule>;
  tree: TreeView;
  isTracked(path: string): Known;
  /** Told each secret's value, which no result may hold. */
  onSecret(value: string): void;
  counts: { textBytes: number; hashedBytes: number; bytes: number; unreadable: number };
  /** `WINDOW_BYTES` long. */
  window: Buffer;
};

// Files up to this size are one text; larger ones are read in windows of it, and only line rules see them.
export const WINDOW_BYTES = 2 * 1024 * 1024;
const NOTEBOOK_BYTES_MAX = 32 * 1024 * 1024;

// Pictures, sound, fonts, archives and programs: nothing of what is looked for is in them.
const NEVER_TEXT = new Set(
  'png jpg jpeg gif webp avif ico icns bmp tif tiff heic psd mp3 mp4 m4a mov avi mkv webm wav ogg flac aac woff woff2 ttf otf eot pdf zip gz tgz bz2 xz 7z rar zst br jar war class so dylib dll exe o a lib obj wasm pyc pyo pyd nupkg whl egg deb rpm dmg iso apk ipa docx xlsx pptx odt blend fbx glb stl swf'.split(
    ' ',
  ),
);

/** Reads one file; null where it could not be read or there is nothing to say about it. */
export async function examineFile(file: TreePath, shared: Examination): Promise<FileReport | null> {
  const { path } = file;
  const extension = extensionOf(path);
  const isBulk = weightsFormatFor(path) !== null || dataFormatOf(path) !== null;
  if (NEVER_TEXT.has(extension) && !isBulk) return null;
  const result = await withFile(file.at, async (open) => {
    if (!isBulk) return examineText(path, open, shared);
    const found = await examineBulk(path, open, shared);
    // Data in text form can hold secrets, and a file only named like weights can be anything.
    return found && !isTextFormat(extension) ? found : mergeReports(found, await examineText(path, open, shared));
  });
  if ('value' in result) return result.value;
  shared.counts.unreadable += 1;
  shared.leftOut.miss(path, result.why);
  return null;
}

function isTextFormat(extension: string): boolean {
  return ['csv', 'tsv', 'jsonl', 'ndjson', 'conllu', 'pmml'].includes(extension);
}

function mergeReports(first: FileReport | null, second: FileReport | null): FileReport | null {
  if (!first || !second) return first ?? second;
  return { ...second, findings: [...first.findings, ...second.findings] };
}

async function examineText(path: string, open: OpenFile, shared: Examination): Promise<FileReport | null> {
  const { counts, limits } = shared;
  if (open.sizeBytes === 0) return null;
  if (counts.textBytes >= limits.textBytes) {
    shared.leftOut.stopBecause(`the limit of ${limits.textBytes} bytes of text was reached`);
    return null;
  }
  const language = languageOf(path);
  const isNotebook = language === 'notebook' && open.sizeBytes <= NOTEBOOK_BYTES_MAX;
  if (open.sizeBytes > WINDOW_BYTES && !isNotebook) return examineWindows(path, language, open, shared);
  // Reading and looking happen without a pause in between, so one buffer serves all small files of a scan.
  const target = open.sizeBytes <= WINDOW_BYTES ? shared.window : Buffer.allocUnsafe(open.sizeBytes);
  const raw = target.subarray(0, readAt(open.fd, target, open.sizeBytes, 0));
  counts.bytes += raw.length;
  const encoding = encodingOf(raw);
  if (encoding === 'binary') return null;
  counts.textBytes += raw.length;
  const bytes = asUtf8(raw, encoding);
  if (isNotebook) {
    const report = examineNotebook(path, decode(bytes), shared);
    if (report) return report;
  }
  return examineDocument(createDocument({ path, language: isNotebook ? 'json' : language, bytes }), shared);
}

function examineNotebook(path: string, text: string, shared: Examination): FileReport | null {
  const rule = shared.structures.ruleFor('notebook');
  const notebook = rule && readNotebook(path, text, rule);
  if (!notebook) return null;
  const source = examineDocument(notebook.source, shared);
  const output = examineDocument(notebook.output, shared);
  return {
    path,
    language: 'notebook',
    findings: [notebook.finding, ...(source?.findings ?? []), ...(output?.findings ?? [])],
    aiLines: source?.aiLines ?? [],
    hits: [...(source?.hits ?? []), ...(output?.hits ?? [])],
  };
}

/** Reads a large text window by window; each ends at a line break where there is one. */
async function examineWindows(
  path: string,
  language: Language,
  open: OpenFile,
  shared: Examination,
): Promise<FileReport | null> {
  const { counts, limits, leftOut, pace } = shared;
  const report: FileReport = { path, language, findings: [], aiLines: [], hits: [] };
  const end = Math.min(open.sizeBytes, limits.fileTextBytes);
  let line = 1;
  for (let at = 0; at < end; ) {
    const bytes = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, end - at));
    const read = bytes.subarray(0, readAt(open.fd, bytes, bytes.length, at));
    counts.bytes += read.length;
    const encoding = at === 0 ? encodingOf(read) : 'utf-8';
    // Wide characters in a file this large are data; cutting them in windows is not worth the trouble.
    if (encoding !== 'utf-8' || read.length === 0) return at === 0 ? null : report;
    const cut = at + read.length < end ? read.lastIndexOf(10) + 1 : read.length;
    const window = read.subarray(0, cut > 0 ? cut : read.length);
    counts.textBytes += window.length;
    const base = line;
    const document = createDocument({
      path,
      language,
      bytes: window,
      fileLine: (inside) => base + inside - 1,
      isWhole: false,
    });
    const found = examineDocument(document, shared);
    if (found) {
      report.findings.push(...found.findings);
      report.aiLines.push(...found.aiLines);
      report.hits.push(...found.hits);
    }
    line += countLines(window);
    at += window.length;
    if (pace.isDue()) await pace.rest();
  }
  if (open.sizeBytes > end) leftOut.miss(path, `larger than ${limits.fileTextBytes} bytes: the rest was not read`);
  return report;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function examineDocument(document: Document, shared: Examination): FileReport | null {
  const { path, language } = document;
  const { hits: all, isCut } = shared.matcher.match(document);
  const hits = all.filter((hit) => !isOwnModule(hit, path, shared.tree));
  if (isCut) shared.leftOut.miss(path, 'more matches than one file is searched for');
  const isFile = document.part === 'file' && document.isWhole;
  const readers = isFile ? shared.structures.readersFor(path) : [];
  if (hits.length === 0 && readers.length === 0) return null;
  const underVersionControl = shared.isTracked(path);
  const traits = new Set(hits.flatMap((hit) => (hit.rule.kind === 'trait' ? (hit.captures.trait ?? []) : [])));
  const context = { path, document, underVersionControl, traits };
  const findings = findingsOfHits(context, hits, shared.onSecret);
  for (const { rule, read } of readers)
    findings.push(...read({ path, document, tree: shared.tree, rule, underVersionControl }));
  return { path, language, findings, aiLines: aiLinesOf(hits), hits };
}

const TOUCHES_AI: readonly RuleKind[] = ['third_party_ai_service', 'model', 'agent', 'knowledge_base', 'inference_api'];

/** A key's name alone stands in the settings that every part of a program imports, so it does not count. */
function aiLinesOf(hits: readonly Hit[]): number[] {
  return hits.flatMap(({ rule, line, captures }) => {
    const touches =
      TOUCHES_AI.includes(rule.kind) && !rule.id.endsWith('.key-name') && rule.sets?.[ONLY_WITH_AI] === undefined;
    return touches || captures.trait === 'loads-model' ? [line] : [];
  });
}

/**
 * True for the import of a module that stands in the tree itself: a package of one's own called `agents` or `evals` is not the
 * library of that name.
 */
function isOwnModule({ rule, captures }: Hit, path: string, tree: TreeView): boolean {
  if (rule.match.form !== 'import' || captures.module === undefined || !/\.(?:py|ipynb)$/.test(path)) return false;
  const name = captures.module.split('.')[0] ?? '';
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    for (const base of folder === '' ? ['', 'src/'] : [`${folder}/`, `${folder}/src/`])
      if (tree.has(`${base}${name}.py`) || tree.filesIn(`${base}${name}`).some((file) => file.endsWith('.py')))
        return true;
    if (folder === '') return false;
  }
}
