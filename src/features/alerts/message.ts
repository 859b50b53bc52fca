import { compileDetector } from '#src/detectors/detect.ts';
import type { DeliveryEvent, Severity } from './model.ts';
import type { AlertRow } from './tables.ts';

/** All of an alert that leaves the product: what it is, how grave, until when, and where to read on. */
export type Message = {
  event: DeliveryEvent;
  alertId: string | null;
  severity: Severity | null;
  source: string | null;
  title: string;
  subject: string | null;
  state: string | null;
  openedAt: string | null;
  acknowledgeDueAt: string | null;
  url: string;
};

const WORDS: Record<DeliveryEvent, string> = {
  opened: 'Alert',
  raised: 'Alert raised',
  escalated: 'Alert overdue',
  resolved: 'Alert resolved',
  test: 'Test message',
};

// Titles are written by the product, but names of systems and models in them come from outside.
const detect = compileDetector({ personalData: {}, secrets: {} });

/** `baseUrl` is where people open the product. Reasons and evidence stay inside. */
export function messageOf(event: DeliveryEvent, row: AlertRow | null, baseUrl: string): Message {
  if (row === null)
    return {
      event,
      alertId: null,
      severity: null,
      source: null,
      title: 'This is a test of the channel. Nothing is wrong.',
      subject: null,
      state: null,
      openedAt: null,
      acknowledgeDueAt: null,
      url: `${baseUrl}/settings/alerts`,
    };
  return {
    event,
    alertId: row.id,
    severity: row.severity,
    source: row.source,
    title: oneLine(row.title),
    subject: oneLine(row.subjectTitle),
    state: row.state,
    openedAt: row.openedAt.toISOString(),
    acknowledgeDueAt: row.state === 'open' ? row.acknowledgeDueAt.toISOString() : null,
    url: `${baseUrl}/alerts/${row.id}`,
  };
}

/** Without control characters, personal data and secrets. */
function oneLine(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  let kept = '';
  let from = 0;
  for (const { start, end } of detect(clean, 'document').findings) {
    if (start < from) continue;
    kept += `${clean.slice(from, start)}[removed]`;
    from = end;
  }
  return kept + clean.slice(from);
}

export function subjectLine(message: Message): string {
  const severity = message.severity === null ? '' : `[${message.severity}] `;
  return `${severity}${WORDS[message.event]}: ${message.title}`;
}

export function plainText(message: Message): string {
  return [
    subjectLine(message),
    '',
    ...(message.subject === null ? [] : [`About: ${message.subject}`]),
    ...(message.openedAt === null ? [] : [`Opened: ${message.openedAt}`]),
    ...(message.acknowledgeDueAt === null ? [] : [`Acknowledge by: ${message.acknowledgeDueAt}`]),
    '',
    message.url,
    '',
  ].join('\n');
}

/** For an incoming webhook of Slack, or of what speaks the same. Source: Slack, "Formatting text for app surfaces". */
export function slackBody(message: Message): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = [
    `*${escaped(subjectLine(message))}*`,
    ...(message.subject === null ? [] : [`About: ${escaped(message.subject)}`]),
    ...(message.acknowledgeDueAt === null ? [] : [`Acknowledge by: ${message.acknowledgeDueAt}`]),
    `<${encodeURI(message.url)}|Open in Assay>`,
  ];
  return JSON.stringify({ text: lines.join('\n') });
}

export function webhookBody(message: Message): string {
  return JSON.stringify({ type: `alert.${message.event}`, data: message });
}
