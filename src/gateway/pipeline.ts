import type { Call, Refusal } from './call.ts';
import type { StageName } from './decision.ts';
import { admit, authorize, findRoute, identifyCaller } from './stages/find-route.ts';
import { forward } from './stages/forward.ts';
import { judgeLater } from './stages/judge-later.ts';
import { takeFromLimits } from './stages/limit.ts';
import { ownObjects } from './stages/own-objects.ts';
import { readBody } from './stages/read-body.ts';
import { decisionOf } from './stages/record.ts';
import { reply } from './stages/reply.ts';
import { screenRequest } from './stages/screen-request.ts';
import { understand } from './stages/understand.ts';

type Stage = (call: Call) => Refusal | null | Promise<Refusal | null>;

/** The way of every call, in order. A stage that refuses ends it; nothing reaches a provider without all before it. */
export const STAGES: readonly (readonly [StageName, Stage])[] = [
  ['admit', admit],
  ['route', findRoute],
  ['identify', identifyCaller],
  ['authorize', authorize],
  ['read_body', readBody],
  ['understand', understand],
  ['own_objects', ownObjects],
  ['limit', takeFromLimits],
  ['screen_request', screenRequest],
  ['forward', forward],
];

/** Takes a call through the stages and records it: outermost, so that every way out is recorded, and recorded once. */
export async function serve(call: Call): Promise<void> {
  try {
    for (const [name, stage] of STAGES) {
      call.stage = name;
      const result = stage(call);
      call.refusal = result instanceof Promise ? await result : result;
      if (call.refusal !== null) break;
    }
  } catch (error) {
    call.parts.log.error({ err: error, decision: call.id, stage: call.stage }, 'a call could not be served');
    call.refusal = {
      code: 'internal',
      message: 'The gateway could not serve the call.',
    };
  }
  if (call.left && call.end === 'completed') call.end = 'client_left';
  try {
    record(call);
  } catch (error) {
    // One call that cannot be told must not end all others. Its number is missing from the record, which shows.
    call.parts.log.fatal({ err: error, decision: call.id }, 'a call could not be recorded');
    call.response.destroy();
    call.parts.letGo(call);
  }
}

function record(call: Call): void {
  const send = reply(call);
  const decision = decisionOf(call);
  // The end of the answer goes out when the decision is kept: whoever has seen it can be sure that it is recorded.
  call.parts.sink.recordThen(decision, () => {
    send();
    judgeLater(call, decision);
    call.parts.finished(call, decision);
  });
}
