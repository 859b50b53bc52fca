import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAlerts } from '#src/features/alerts/index.ts';
import { approvalOfCaller, createApprovals } from '#src/features/gateway-approvals/index.ts';
import type { Append } from '#src/features/records/index.ts';
import { identify, presentedKey } from '#src/gateway/callers/callers.ts';
import type { JwtChecks } from '#src/gateway/callers/jwt.ts';
import { REFUSAL_STATUS, type RefusalCode } from '#src/gateway/decision.ts';
import type { Approvals } from '#src/gateway/ports.ts';
import type { PreparedSnapshot } from '#src/gateway/prepared.ts';
import type { Clock } from '#src/kernel/time.ts';
import { appendPersonal } from '#src/ledger/store/personal.ts';
import type { Config } from '#src/platform/config.ts';
import { openDataKeys } from '#src/platform/data-keys.ts';
import type { Database } from '#src/platform/database/connect.ts';
import type { Log } from '#src/platform/log.ts';

/** What a node asks people with: the database, the ledger and the alerts of the whole product. */
export function openApprovals(parts: {
  config: Pick<Config, 'masterKey'>;
  database: Database;
  dataDir: string;
  clock: Clock;
}): Approvals {
  const { database, clock } = parts;
  const dataKeys = openDataKeys(database, parts.dataDir, parts.config.masterKey);
  const append: Append = (tx, entry) => appendPersonal(tx, entry, { clock, dataKeys });
  return createApprovals({ database, clock, append, dataKeys, openAlert: createAlerts({ append, clock }).openAlert });
}

const STATUS_PATH = /^\/approvals\/(gap_[0-9a-z]{10,40})$/;

/** `GET /approvals/{id}`: where an approval stands, for the caller whose tool call waits for it. True when it was asked for. */
export function answerApprovalStatus(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { database: Database; prepared: () => PreparedSnapshot; jwt: JwtChecks; clock: Clock; log: Log },
): boolean {
  const id = request.method === 'GET' ? STATUS_PATH.exec(request.url ?? '')?.[1] : undefined;
  if (id === undefined) return false;
  const send = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  const refuse = (code: RefusalCode | 'not_found', message: string) =>
    send(code === 'not_found' ? 404 : REFUSAL_STATUS[code], {
      error: { message, type: 'invalid_request_error', param: null, code },
    });
  const answer = async () => {
    const presented = presentedKey(request.headers);
    if ('refused' in presented) return refuse(presented.refused, presented.message);
    const known = await identify(parts.prepared(), parts.jwt, presented.key, parts.clock());
    if ('refused' in known) return refuse(known.refused, known.message);
    const { tenant, keyId } = known.caller;
    const found = await approvalOfCaller(parts.database, id, { tenantId: tenant.id, keyId });
    if (found) send(200, found);
    else refuse('not_found', 'This caller asked for no such approval.');
  };
  answer().catch((error: unknown) => {
    parts.log.error({ err: error }, 'the state of an approval could not be read');
    refuse('internal', 'The state of the approval cannot be read now.');
  });
  return true;
}
