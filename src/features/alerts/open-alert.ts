import { randomBytes } from 'node:crypto';
import { and, desc, eq, ne } from 'drizzle-orm';
import * as z from 'zod';
import type { Append } from '#src/features/records/index.ts';
import { canonicalJson, type JsonValue } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { makeId } from '#src/kernel/id.ts';
import type { Clock } from '#src/kernel/time.ts';
import type { Transaction } from '#src/platform/database/connect.ts';
import { dueAtMs } from './business-time.ts';
import { type Acting, ASSAY, addStep, digestOf } from './life.ts';
import { AlertSource, SEVERITIES, Severity } from './model.ts';
import { muteFor } from './mutes.ts';
import { addDeliveries } from './queue-deliveries.ts';
import { settingsInForce } from './settings.ts';
import type { AlertSettings } from './settings-model.ts';
import { type AlertRow, alert } from './tables.ts';

const EVIDENCE_CHARACTERS_MAX = 16_384;

/** What a source says when something needs a person. See `OpenAlert`. */
export const NewAlert = z.object({
  source: AlertSource,
  /** A pseudonym such as the id of the monitor: it goes into the ledger. */
  sourceId: z.string().min(1).max(200),
  subject: z.object({ kind: z.string().min(1).max(60), id: z.string().min(1).max(200), title: z.string().max(200) }),
  severity: Severity,
  /** One line without personal data or payload text: it leaves the product in messages. */
  title: z.string().min(1).max(200),
  reasons: z.array(z.string().max(500)).max(20),
  /** While an alert with this key is unresolved, opening again is a recurrence of it. */
  dedupeKey: z.string().min(1).max(300),
  occurredAt: z.iso.datetime(),
  ownerId: z.string().max(64).nullable().optional(),
  /** A path inside the product. */
  link: z
    .string()
    .max(300)
    .regex(/^\/(?!\/)/)
    .optional(),
  evidence: z.record(z.string(), z.custom<JsonValue>()).optional(),
});
export type NewAlert = z.infer<typeof NewAlert>;

/**
 * Opens an alert in the transaction of what raised it, or notes that it came back where one with the same key is not
 * resolved yet. Owner and clocks follow the settings in force; a mute in force keeps it quiet, not unrecorded.
 */
export type OpenAlert = (
  tx: Transaction,
  opened: NewAlert,
) => Promise<{ alertId: string; isNew: boolean; muted: boolean }>;

export type AlertParts = { append: Append; clock: Clock };

export function createOpenAlert({ append, clock }: AlertParts): OpenAlert {
  return async (tx, given) => {
    const opened = readNewAlert(given);
    const acting: Acting = { at: new Date(clock()), actor: ASSAY, append };
    const [standing] = await tx
      .select()
      .from(alert)
      .where(and(eq(alert.dedupeKey, opened.dedupeKey), ne(alert.state, 'resolved')))
      .for('update');
    if (standing) return recur(tx, standing, opened, acting);
    return insertAlert(tx, opened, acting);
  };
}

async function insertAlert(tx: Transaction, opened: NewAlert, acting: Acting) {
  const { at } = acting;
  const { version, settings } = await settingsInForce(tx);
  const mute = await muteFor(tx, opened, at);
  const [before] = await tx
    .select({ id: alert.id })
    .from(alert)
    .where(eq(alert.dedupeKey, opened.dedupeKey))
    .orderBy(desc(alert.openedAt))
    .limit(1);
  const alertId = makeId('alt', at.getTime(), randomBytes(10));
  const occurredAt = new Date(opened.occurredAt);
  const ownerId = opened.ownerId ?? settings.owners[opened.severity];
  const inserted = await tx
    .insert(alert)
    .values({
      id: alertId,
      source: opened.source,
      sourceId: opened.sourceId,
      subjectKind: opened.subject.kind,
      subjectId: opened.subject.id,
      subjectTitle: opened.subject.title,
      severity: opened.severity,
      title: opened.title,
      reasons: opened.reasons,
      evidence: opened.evidence ?? {},
      link: opened.link ?? null,
      dedupeKey: opened.dedupeKey,
      state: 'open',
      occurredAt,
      openedAt: at,
      lastOccurredAt: occurredAt,
      reopensId: before?.id ?? null,
      ownerId,
      settingsVersion: version,
      ...clocksFrom(at, opened.severity, settings),
      muteId: mute?.id ?? null,
      quiet: mute !== null,
    })
    .onConflictDoNothing()
    .returning({ id: alert.id });
  if (inserted.length === 0) {
    // Another transaction opened the same alert at this moment; its row is there now.
    const [standing] = await tx
      .select()
      .from(alert)
      .where(and(eq(alert.dedupeKey, opened.dedupeKey), ne(alert.state, 'resolved')))
      .for('update');
    if (!standing) throw new AppError('conflict', 'The alert was opened and resolved at the same moment. Try again.');
    return recur(tx, standing, opened, acting);
  }
  await addStep(
    tx,
    {
      alertId,
      kind: 'opened',
      detail: { reasons: opened.reasons, owner: ownerId },
      body: {
        source: opened.source,
        sourceId: opened.sourceId,
        about: { kind: opened.subject.kind, id: opened.subject.id },
        severity: opened.severity,
        occurredAt: opened.occurredAt,
        settingsVersion: version,
        evidenceSha256: digestOf(opened.evidence ?? {}),
        reasonsSha256: digestOf([...opened.reasons]),
        ...(before && { reopens: before.id }),
      },
    },
    acting,
  );
  if (mute) await addStep(tx, { alertId, kind: 'muted', detail: { mute: mute.id }, body: { mute: mute.id } }, acting);
  else await addDeliveries(tx, { alertId, severity: opened.severity, event: 'opened', at });
  return { alertId, isNew: true, muted: mute !== null };
}

async function recur(tx: Transaction, standing: AlertRow, opened: NewAlert, acting: Acting) {
  const raised = isGraver(opened.severity, standing.severity);
  const severity = raised ? opened.severity : standing.severity;
  const occurredAt = new Date(opened.occurredAt);
  const { settings } = await settingsInForce(tx);
  const clocks = raised ? clocksFrom(acting.at, severity, settings) : null;
  await tx
    .update(alert)
    .set({
      severity,
      occurrences: standing.occurrences + 1,
      lastOccurredAt: occurredAt > standing.lastOccurredAt ? occurredAt : standing.lastOccurredAt,
      reasons: opened.reasons,
      evidence: opened.evidence ?? {},
      title: opened.title,
      // A graver severity may shorten a clock that runs and never lengthens it.
      ...(clocks && {
        acknowledgeDueAt: earlier(standing.acknowledgeDueAt, clocks.acknowledgeDueAt),
        resolveDueAt: earlier(standing.resolveDueAt, clocks.resolveDueAt),
      }),
    })
    .where(eq(alert.id, standing.id));
  await addStep(
    tx,
    {
      alertId: standing.id,
      kind: 'recurred',
      detail: { reasons: opened.reasons, severity, raised },
      body: {
        severity,
        raised,
        occurredAt: opened.occurredAt,
        evidenceSha256: digestOf(opened.evidence ?? {}),
      },
    },
    acting,
  );
  const muted = standing.quiet;
  if (raised && !muted) await addDeliveries(tx, { alertId: standing.id, severity, event: 'raised', at: acting.at });
  return { alertId: standing.id, isNew: false, muted };
}

/** The clocks of a severity, started at `at`. */
export function clocksFrom(at: Date, severity: Severity, settings: AlertSettings) {
  const { acknowledgeMinutes, resolveMinutes, clock } = settings.clocks[severity];
  const calendar = clock === 'always' ? null : settings.calendar;
  return {
    clockFrom: at,
    acknowledgeDueAt: new Date(dueAtMs(at.getTime(), acknowledgeMinutes, calendar)),
    resolveDueAt: new Date(dueAtMs(at.getTime(), resolveMinutes, calendar)),
  };
}

/** Notes that the measure behind an alert was repeated, whether or not the alert is resolved. */
export type RecordRetest = (
  tx: Transaction,
  retest: { dedupeKey: string; passed: boolean; ref: string; at: string },
) => Promise<{ alertId: string | null }>;

export function createRecordRetest({ append, clock }: AlertParts): RecordRetest {
  return async (tx, { dedupeKey, passed, ref, at }) => {
    const [row] = await tx
      .select()
      .from(alert)
      .where(eq(alert.dedupeKey, dedupeKey))
      .orderBy(desc(alert.openedAt))
      .limit(1)
      .for('update');
    // A measure that stays well adds no step each time.
    if (!row || (row.retestPassed === true && passed)) return { alertId: row?.id ?? null };
    await tx
      .update(alert)
      .set({ retestedAt: new Date(at), retestPassed: passed })
      .where(eq(alert.id, row.id));
    const acting: Acting = { at: new Date(clock()), actor: ASSAY, append };
    await addStep(
      tx,
      { alertId: row.id, kind: 'retested', detail: { passed, ref }, body: { passed, ref, measuredAt: at } },
      acting,
    );
    return { alertId: row.id };
  };
}

function readNewAlert(given: NewAlert): NewAlert {
  const parsed = NewAlert.safeParse(given);
  if (!parsed.success) throw new AppError('internal', `An alert is not well formed: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.evidence && canonicalJson(parsed.data.evidence).length > EVIDENCE_CHARACTERS_MAX)
    throw new AppError('internal', `The evidence of an alert is longer than ${EVIDENCE_CHARACTERS_MAX} characters.`);
  return parsed.data;
}

export function isGraver(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
