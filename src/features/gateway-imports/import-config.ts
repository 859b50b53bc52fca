import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { gatewayOf, readGatewayConfig } from '#src/connectors/gateway-config/index.ts';
import { addEvidence } from '#src/features/evidence/index.ts';
import { type Actor, actorText, ledgerActor, type Records } from '#src/features/records/index.ts';
import { canonicalJson } from '#src/kernel/canonical-json.ts';
import { AppError } from '#src/kernel/errors.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { makeId } from '#src/kernel/id.ts';
import { toInstant } from '#src/kernel/time.ts';
import type { Blobs } from '#src/platform/blobs.ts';
import { type GatewayImport, type GatewayImportPage, KIND_TITLES, type NewGatewayImport } from './model.ts';
import { type GatewayImportRow, gatewayImport } from './tables.ts';

export type ImportParts = { records: Records; blobs: Pick<Blobs, 'put'> };

const LOCK = 'gateway-imports';

export async function listImports({ records }: Pick<ImportParts, 'records'>): Promise<GatewayImportPage> {
  const rows = await records.database.drizzle.select().from(gatewayImport).orderBy(asc(gatewayImport.name));
  return { items: rows.map(presented), total: rows.length };
}

function presented({ importedBy: _, importedAt, ...row }: GatewayImportRow): GatewayImport {
  return { ...row, importedAt: importedAt.toISOString() };
}

/**
 * Reads the configuration of another gateway and keeps what it says of its routes, as facts and as evidence. The files
 * themselves are not kept, since they may hold keys; their digests are. Throws `invalid_input` where nothing can be read.
 */
export async function importConfig(
  { records, blobs }: ImportParts,
  { name, gateway: told, files }: NewGatewayImport,
  by: Actor,
): Promise<GatewayImport> {
  const gateway = told ?? gatewayOf(files);
  if (gateway === null)
    throw new AppError(
      'invalid_input',
      `These are no files of ${Object.values(KIND_TITLES).join(', ')}. Say which gateway they are of, if they are.`,
    );
  const reading = readGatewayConfig(gateway, files);
  if (reading.routes.length === 0)
    throw new AppError('invalid_input', `Nothing was imported: ${reading.faults.join('; ')}.`);
  const cut = reading.faults.length === 0 ? null : reading.faults.join('; ').slice(0, 2_000);
  const at = new Date(records.clock());
  const content = canonicalJson({
    format: 'assay-gateway-import/1',
    name,
    gateway,
    importedAt: at.toISOString(),
    files: files.map((file) => ({ name: file.name, sha256: sha256Hex(file.text) })),
    cut,
    routes: reading.routes,
  });
  const blob = await blobs.put(new TextEncoder().encode(content), 'application/json');
  return records.change(LOCK, ['other-gateway-route'], async (tx) => {
    const [before] = await tx.select().from(gatewayImport).where(eq(gatewayImport.name, name));
    const evidenceId = makeId('evd', at.getTime(), randomBytes(10));
    await addEvidence(tx, records.append, {
      id: evidenceId,
      kind: 'records',
      title: `Configuration of the gateway ${name}`.slice(0, 200),
      source: { key: `assay:gateway-import:${name}`, title: KIND_TITLES[gateway] },
      query: `${files.length} ${files.length === 1 ? 'file' : 'files'} of ${KIND_TITLES[gateway]}, given by hand`,
      collector: by,
      grade: 'C',
      occurredAt: at,
      observedAt: at,
      recordedAt: at,
      content: { ...blob, mediaType: 'application/json', fileName: `gateway-${name}.json` },
      controls: ['API-01', 'API-02'],
      tests: [],
      leaf: { import: gateway, routes: reading.routes.length, cut: cut !== null },
      ...(before && { supersedes: before.evidenceId }),
    });
    const row = { gateway, importedAt: at, importedBy: actorText(by), cut, routes: reading.routes, evidenceId };
    await tx
      .insert(gatewayImport)
      .values({ name, ...row })
      .onConflictDoUpdate({ target: gatewayImport.name, set: row });
    return presented({ name, ...row });
  });
}

/** Forgets a gateway that is no longer there. Its evidence stays. Throws `not_found`. */
export async function removeImport({ records }: Pick<ImportParts, 'records'>, name: string, by: Actor): Promise<void> {
  await records.change(LOCK, ['other-gateway-route'], async (tx) => {
    const gone = await tx.delete(gatewayImport).where(eq(gatewayImport.name, name)).returning();
    if (gone.length === 0) throw new AppError('not_found', `No gateway ${name.slice(0, 80)} was imported.`);
    await records.append(tx, {
      type: 'gateway.route-changed',
      actor: ledgerActor(by),
      subject: { kind: 'gateway-import', id: name },
      series: 'gateway',
      body: { at: toInstant(records.clock()), action: 'import-removed' },
      dedupeKey: `gateway.import-removed:${makeId('gir', records.clock(), randomBytes(10))}`,
    });
  });
}
