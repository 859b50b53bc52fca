import type { Services } from '#src/apps/services.ts';
import { openPayload } from '#src/features/gateway-payloads/index.ts';
import type { ShownTexts } from '#src/features/labels/index.ts';
import { actorOf } from '#src/features/records/index.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { Identity } from '#src/platform/http/route.ts';

const CONTEXT_ROLES = new Set(['document', 'tool']);

/** What a captured payload says, for whoever labels its answer; each opening is told in the ledger. Null where nothing opens it. */
export async function textsOfPayload(services: Services, id: string, caller: Identity): Promise<ShownTexts | null> {
  const { database, dataKeys, clock, records } = services;
  try {
    const parts = { database, dataKeys, clock, append: records.append };
    const { payload } = await openPayload(parts, id, 'Its answer is labeled.', actorOf(caller));
    const { texts } = payload.request;
    const joined = (found: readonly { text: string }[]) => found.map(({ text }) => text).join('\n\n');
    const isContext = ({ role }: { role?: string | undefined }) => role !== undefined && CONTEXT_ROLES.has(role);
    return {
      input: joined(texts.filter((one) => !isContext(one))),
      context: joined(texts.filter(isContext)),
      answer: joined(payload.answer?.texts ?? []),
    };
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null;
    throw error;
  }
}
