import PDFDocument from 'pdfkit';
import { type Evidence, judgingSentences, METRIC_WORDS, type Measure, PROPERTIES } from './model.ts';
import { type PackPrinter, printAnswers, printPack } from './pack-pdf.ts';

const MARGIN = 48;
const INK = '#191c1f';
const QUIET = '#555b61';
const ACCENT = '#0b5567';
const PLOT = { width: 420, height: 34, left: 78 };

type Pdf = InstanceType<typeof PDFDocument>;

/**
 * The evidence page of one system as a PDF of A4 pages, as a stream. The same evidence gives the same bytes: it carries the
 * instant of the evidence, not that of the printing. Text is set in a font every reader has; letters it lacks become `?`.
 */
export function evidencePdf(evidence: Evidence, company: string | null): Pdf {
  const { pdf, print, end } = openPdf({
    title: `Processing integrity of ${evidence.systemName}`,
    lead: `${company ? `${company}. ` : ''}${day(evidence.from)} to ${day(evidence.to)} (UTC). ${runs(evidence.counts)}`,
    at: evidence.to,
  });
  printAnswers(print, evidence);
  promises(pdf, evidence);
  printMeasures(pdf, 'What was measured', evidence.monitors);
  printPack(print, evidence);
  changes(pdf, evidence);
  canaries(pdf, evidence);
  return end();
}

/** Begins a PDF with its title. `end` numbers the pages and gives the stream. */
export function openPdf(of: { title: string; lead: string; at: string }): {
  pdf: Pdf;
  print: PackPrinter;
  end(): Pdf;
} {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    info: { Title: plain(of.title), Creator: 'Assay', CreationDate: new Date(of.at) },
  });
  pdf.font('Helvetica-Bold').fontSize(17).fillColor(INK).text(plain(of.title));
  small(pdf, of.lead);
  return {
    pdf,
    print: {
      heading: (text) => heading(pdf, text),
      body: (text) => body(pdf, text),
      small: (text) => small(pdf, text),
    },
    end: () => {
      numberPages(pdf);
      pdf.end();
      return pdf;
    },
  };
}

function promises(pdf: Pdf, { specification }: Evidence): void {
  heading(pdf, 'What is promised');
  if (!specification) {
    body(pdf, 'No specification is in force: nothing says what correct means for this system.');
    return;
  }
  body(pdf, specification.task);
  small(
    pdf,
    `Version ${specification.version}, proposed by ${specification.proposedBy.name}, approved by ${
      specification.reviewedBy?.name ?? 'nobody'
    }. SHA-256 ${specification.digest}`,
  );
  for (const property of PROPERTIES) {
    const clauses = specification.clauses.filter((clause) => clause.property === property);
    if (clauses.length === 0) body(pdf, `${property}: no clause speaks of it.`);
    for (const clause of clauses) {
      body(pdf, `${property}: ${clause.statement}`);
      small(
        pdf,
        `${clause.monitorName}: ${METRIC_WORDS[clause.metric.type]} by ${clause.window}, warns from ${clause.thresholds.warn}, fails from ${
          clause.thresholds.fail
        }${clause.asFrozen ? '' : '; the monitor was changed after the clause was frozen'}`,
      );
    }
  }
}

/** Each monitor with how its windows ended, its series as small charts with gaps, and the windows that were missed. */
export function printMeasures(pdf: Pdf, title: string, monitors: readonly Measure[]): void {
  heading(pdf, title);
  if (monitors.length === 0) body(pdf, 'No monitor watches this system.');
  for (const monitor of monitors) {
    needRoom(pdf, 90);
    pdf.font('Helvetica-Bold').fontSize(10).fillColor(INK).text(plain(monitor.name));
    small(pdf, `${METRIC_WORDS[monitor.metric.type]} by ${monitor.window}. ${runs(monitor.counts)}`);
    if (monitor.judging) for (const sentence of judgingSentences(monitor.judging)) small(pdf, sentence);
    for (const series of monitor.series) line(pdf, series);
    if (monitor.firstMissed.length > 0)
      small(
        pdf,
        `Missed: ${monitor.firstMissed.slice(0, 20).map(day).join(', ')}${
          monitor.counts.missed > 20 ? ` and ${monitor.counts.missed - 20} more` : ''
        }`,
      );
    pdf.moveDown(0.6);
  }
}

function line(pdf: Pdf, series: Evidence['monitors'][number]['series'][number]): void {
  needRoom(pdf, PLOT.height + 24);
  const said = series.values.filter((value) => value !== null);
  const [least, most] = said.length === 0 ? [0, 1] : [Math.min(...said), Math.max(...said)];
  const [low, high] = most === least ? [least - 0.5, most + 0.5] : [least, most];
  const top = pdf.y + 2;
  const left = MARGIN + PLOT.left;
  pdf.font('Helvetica').fontSize(7).fillColor(QUIET);
  pdf.text(number(most), MARGIN, top, { width: PLOT.left - 6, align: 'right', lineBreak: false });
  pdf.text(number(least), MARGIN, top + PLOT.height - 8, { width: PLOT.left - 6, align: 'right', lineBreak: false });
  pdf.rect(left, top, PLOT.width, PLOT.height).lineWidth(0.5).stroke('#cfd0ca');
  const step = PLOT.width / Math.max(1, series.values.length);
  let isOpen = false;
  // A gap breaks the line, so that nothing is drawn where nothing was measured.
  series.values.forEach((value, i) => {
    if (value !== null) {
      const [x, y] = [left + (i + 0.5) * step, top + 2 + (1 - (value - low) / (high - low)) * (PLOT.height - 4)];
      if (isOpen) pdf.lineTo(x, y);
      else pdf.moveTo(x, y).lineTo(x + 0.01, y);
    }
    isOpen = value !== null;
  });
  pdf.lineWidth(1).lineCap('round').stroke(ACCENT);
  pdf.x = MARGIN;
  pdf.y = top + PLOT.height + 3;
  const gaps = series.values.length - said.length;
  small(
    pdf,
    `${series.series === 'all' ? 'All events' : series.series}: ${series.breaches} breaches, ${series.warnings} warnings, ${gaps} of ${series.values.length} steps without a value`,
  );
}

const CHANGES_LISTED = 200;

function changes(pdf: Pdf, { changes: all }: Evidence): void {
  heading(pdf, 'What changed in this time');
  if (all.length === 0) body(pdf, 'Nothing.');
  for (const change of all.slice(0, CHANGES_LISTED)) {
    body(
      pdf,
      `${change.at.slice(0, 16).replace('T', ' ')} ${change.title}: ${change.kind} ${change.version} ${change.what} by ${change.by.name}`,
    );
    const more = [change.reason, ...change.loosens].filter((one) => one !== null);
    if (more.length > 0) small(pdf, more.join(' '));
  }
  if (all.length > CHANGES_LISTED) body(pdf, `${all.length - CHANGES_LISTED} more are listed in the product.`);
}

function canaries(pdf: Pdf, evidence: Evidence): void {
  heading(pdf, 'Planted shifts');
  const { passed, days, failed } = evidence.canaries;
  body(pdf, `${passed} of ${days} daily checks of the detectors passed.`);
  for (const canary of failed.slice(0, 50)) body(pdf, `Not passed: ${canary.day} ${canary.detector}`);
}

function runs(counts: Evidence['counts']): string {
  return `${counts.expected} windows were due: ${counts.ok} ok (${counts.warned} of them warned), ${counts.breach} breaches, ${counts.insufficient_data} with too little data, ${counts.error} errors, ${counts.missed} missed.`;
}

function heading(pdf: Pdf, text: string): void {
  needRoom(pdf, 60);
  pdf.moveDown(0.8).font('Helvetica-Bold').fontSize(12).fillColor(INK).text(plain(text)).moveDown(0.2);
}

function body(pdf: Pdf, text: string): void {
  pdf.font('Helvetica').fontSize(9.5).fillColor(INK).text(plain(text));
}

function small(pdf: Pdf, text: string): void {
  pdf.font('Helvetica').fontSize(8).fillColor(QUIET).text(plain(text)).moveDown(0.2);
}

function needRoom(pdf: Pdf, points: number): void {
  if (pdf.y + points > pdf.page.height - MARGIN) pdf.addPage();
}

function numberPages(pdf: Pdf): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    // Below the margin, where text would otherwise open a page of its own.
    const bottom = pdf.page.margins.bottom;
    pdf.page.margins.bottom = 0;
    pdf
      .font('Helvetica')
      .fontSize(7.5)
      .fillColor(QUIET)
      .text(`Page ${page + 1} of ${count}`, MARGIN, pdf.page.height - 30, { align: 'center', lineBreak: false });
    pdf.page.margins.bottom = bottom;
  }
}

function number(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

function day(at: string): string {
  return at.slice(0, 10);
}

/** What the standard fonts of PDF can show (Windows-1252); anything else becomes `?`. */
function plain(text: string): string {
  return text.replace(/[^\n\x20-\x7e\u00a1-\u00ff\u2013\u2014\u2018-\u201d\u2022\u2026\u20ac]/gu, '?');
}
