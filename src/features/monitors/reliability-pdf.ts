import type PDFDocument from 'pdfkit';
import { openPdf, printMeasures } from './evidence-pdf.ts';
import type { Reliability } from './model.ts';
import { printRuns } from './pack-pdf.ts';

/** The report of one model in one system as a PDF of A4 pages, as a stream. The same report gives the same bytes. */
export function reliabilityPdf(report: Reliability, company: string | null): InstanceType<typeof PDFDocument> {
  const { pdf, print, end } = openPdf({
    title: `Reliability of ${report.model}`,
    lead: `${company ? `${company}. ` : ''}In ${report.systemName}, ${report.from.slice(0, 10)} to ${report.to.slice(0, 10)} (UTC).`,
    at: report.to,
  });
  print.heading('Benchmarks');
  printRuns(print, report.runs, report.runs.length);
  print.heading('Unsupported answers');
  if (report.hallucination.length === 0)
    print.body('No run of this time has a scorer that says whether answers are supported.');
  for (const one of report.hallucination)
    print.body(
      `${one.at.slice(0, 16).replace('T', ' ')} ${one.scorer}: ${percent(one.rate)} of claims unsupported [${percent(one.low)}, ${percent(one.high)}], n ${one.n}`,
    );
  for (const one of report.labels)
    print.body(
      `${one.drawnAt.slice(0, 10)} labels, ${one.scorer}: ${one.labeledTwice} of ${one.sampled} by two persons${
        one.correctedRate === null
          ? '; no corrected rate yet'
          : `; corrected by them ${percent(one.correctedRate)} [${percent(one.low)}, ${percent(one.high)}]`
      }`,
    );
  printMeasures(pdf, 'Drift and operation', report.monitors);
  print.heading('Releases');
  if (report.releases.length === 0) print.body('The release gate was not asked about this model in this time.');
  for (const release of report.releases) {
    print.body(
      `${release.at.slice(0, 16).replace('T', ' ')} ${release.modelDigest ?? 'no digest named'}: ${release.verdict.replaceAll('_', ' ')}`,
    );
    print.small(release.because);
  }
  return end();
}

function percent(value: number | null): string {
  return value === null ? 'no data' : `${Number((100 * value).toPrecision(4))} %`;
}
