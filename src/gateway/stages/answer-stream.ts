import { createHash } from 'node:crypto';
import { type Call, nowUs, type Refusal } from '../call.ts';
import { HeldStream } from '../streams/held-stream.ts';
import type { BodyReceiver, ExchangeFailure, Flow } from '../upstream/exchange.ts';
import { errorEvent } from '../wire/errors.ts';
import { limitHeaders } from '../wire/headers.ts';
import type { NamedObject } from '../wire/object-ids.ts';
import type { JsonObject } from '../wire/parse-body.ts';
import { approveTools, needsApproval } from './approve-tools.ts';
import { failureRefusal, leftRefusal, overloadedRefusal } from './failure.ts';
import { judgeToolCall, judgeWholeText, noteGrounding, screenArguments, screeningRefusal } from './judge-answer.ts';
import { mayBeJudged } from './judge-later.ts';
import { bindObjects, mayNameObjects, objectsOf } from './own-objects.ts';
import { screeningFor } from './screen-request.ts';

/** Bytes of the provider that wait to be judged or to be read by the caller; past it the provider is paused. */
const WAITING_MAX_BYTES = 262_144;
/** The same while the answers of all calls together take more than half of what they may. */
const TIGHT_MAX_BYTES = 16_384;

/** Judges an answer while it streams. The head goes out with the first event that is certain. */
export class StreamedAnswer implements BodyReceiver {
  readonly #call: Call;
  readonly #headers: Record<string, string>;
  readonly #held: HeldStream;
  readonly #hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #working: Promise<void> | null = null;
  #flow: Flow | null = null;
  #isPaused = false;
  #hasHead = false;
  #refusal: Refusal | null = null;
  #lastByteUs: number;

  constructor(call: Call, headers: Record<string, string>, sentUs: number) {
    this.#call = call;
    this.#lastByteUs = sentUs;
    call.stage = 'screen_answer';
    this.#headers = {
      ...headers,
      ...limitHeaders(call.limitStates, call.shape),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    };
    const { policy, endpoint } = call;
    if (policy === null || endpoint === null) throw new Error('no policy');
    const screening = screeningFor(call, policy.output);
    call.output = screening;
    this.#held = new HeldStream({
      endpoint: endpoint.name,
      screening,
      usage: call.usage,
      dropUsage: call.dropUsage,
      judgeTool: async ({ name, path, argumentsText, isText }) => {
        const given = isText ? { argumentsText: null, value: argumentsText } : { argumentsText, value: null };
        const { refusal, mustWait } = judgeToolCall(call, { name, path, ...given });
        if (refusal) {
          this.#refusal = refusal;
          return null;
        }
        const text = await screenArguments(screening, path, argumentsText);
        if (text !== null && mustWait)
          needsApproval(call, {
            name,
            ...(isText ? { argumentsText: null, value: text } : { argumentsText: text, value: null }),
          });
        return text === null ? null : { text, mustWait };
      },
      mayEnd: async () => {
        const refusal = await approveTools(call);
        if (refusal) this.#refusal = refusal;
        return refusal === null;
      },
      seeEvent: mayNameObjects(call) ? (body) => this.#seeObjects(body) : null,
      judgeWhole: policy.output.hold === 'all' ? (text) => this.#judgeWhole(text) : null,
    });
  }

  data(chunk: Buffer, flow: Flow): boolean {
    const atUs = nowUs();
    this.#call.waitedUs += atUs - this.#lastByteUs;
    this.#lastByteUs = atUs;
    this.#flow = flow;
    if (!this.#call.holdAnswer(chunk.length)) {
      this.#refusal ??= overloadedRefusal();
      flow.abort('overloaded');
      return true;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    const most = this.#call.parts.answersInFlight.isTight ? TIGHT_MAX_BYTES : WAITING_MAX_BYTES;
    this.#isPaused = this.#waitingBytes > most;
    return !this.#isPaused;
  }

  /** After the provider has ended the stream, well or not. */
  async finish(failure: ExchangeFailure | null): Promise<Refusal | null> {
    const call = this.#call;
    while (this.#working) await this.#working;
    if (failure === null && !call.left && !this.#refusal) await this.#work();
    if (this.#made.size > 0) this.#refusal ??= await bindObjects(call, [...this.#made.values()]);
    if (call.left) return this.#conclude(leftRefusal(call));
    if (this.#refusal) return this.#cut(this.#refusal);
    if (failure) return this.#cut(failureRefusal(call, failure));
    const { out, end } = await this.#held.end();
    this.#noteScanned();
    if (call.left) return this.#conclude(leftRefusal(call));
    // What is only noted needs no answer to be held; the whole of it is judged when it is whole.
    if (call.policy?.output.hold !== 'all') noteGrounding(call, this.#held.wholeText());
    const refusal = this.#refusalOf();
    if (refusal) return this.#cut(refusal, out);
    if (end === 'truncated')
      return this.#cut(failureRefusal(call, { code: 'provider_unreachable', neverSent: false }), out);
    if (end === 'provider_error') call.end = 'upstream_error';
    // The end mark goes out once the decision is recorded.
    this.#sendHead();
    this.#count(out);
    call.lastBytes = out;
    return this.#conclude(null);
  }

  readonly #made = new Map<string, NamedObject>();
  #hasBound = false;
  /** The answer itself is bound before its id goes out; what it is made of, before its end does. */
  #seeObjects(body: JsonObject): Promise<boolean> | null {
    for (const one of objectsOf(this.#call, body)) if (!this.#made.has(one.id)) this.#made.set(one.id, one);
    if (this.#hasBound || this.#made.size === 0) return null;
    this.#hasBound = true;
    return bindObjects(this.#call, [...this.#made.values()]).then((refusal) => {
      this.#refusal ??= refusal;
      return refusal === null;
    });
  }

  async #work(): Promise<void> {
    const { response } = this.#call;
    while (this.#waiting.length > 0 && !this.#refusal && !this.#call.left) {
      const chunk = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#waitingBytes = 0;
      const startedUs = nowUs();
      let out: Buffer[];
      try {
        out = await this.#held.push(chunk);
      } catch (error) {
        this.#call.parts.log.error({ err: error, decision: this.#call.id }, 'a check of a stream could not be made');
        this.#call.output?.fail('the check ended with an error');
        this.#refusal = { code: 'check_failed', message: 'A check of the answer could not be made.' };
        break;
      }
      this.#call.checksUs += nowUs() - startedUs;
      this.#refusal ??= this.#refusalOf();
      if (out.length > 0 && !this.#write(out)) {
        this.#noteHeld();
        await drained(response);
      }
      this.#noteHeld();
    }
    if (this.#refusal) this.#flow?.abort('internal');
    else if (this.#isPaused) {
      this.#isPaused = false;
      this.#flow?.resume();
    }
  }

  /** What has gone out and been taken no longer counts. */
  #noteHeld(): void {
    this.#call.keepAnswer(this.#waitingBytes + this.#held.heldBytes + this.#call.response.writableLength);
  }

  #refusalOf(): Refusal | null {
    const { refused } = this.#held;
    const call = this.#call;
    if (this.#refusal) return this.#refusal;
    if (call.output) {
      const screened = screeningRefusal(call, call.output);
      if (screened) return screened;
    }
    if (refused === null) return null;
    if (refused === 'too_large') return failureRefusal(call, { code: 'answer_too_large', neverSent: false });
    if (refused === 'malformed') return failureRefusal(call, { code: 'provider_bad_answer', neverSent: false });
    return { code: 'output_blocked', message: 'The policy of this gateway does not let this answer through.' };
  }

  #judgeWhole(text: string): boolean {
    const refusal = judgeWholeText(this.#call, text);
    if (refusal) this.#refusal = refusal;
    return refusal === null;
  }

  #write(out: Buffer[]): boolean {
    const { response } = this.#call;
    if (response.destroyed) return true;
    this.#collectTurn();
    this.#sendHead();
    this.#count(out);
    let goesOn = true;
    for (const bytes of joined(out)) goesOn = response.write(bytes);
    return goesOn;
  }

  #isCollecting = false;
  #isConcluded = false;
  /**
   * What one turn of the event loop brings goes out in one write at its end. When the answer ends in that turn, it goes with
   * its last bytes, which are sent in the same turn, once the decision is kept.
   */
  #collectTurn(): void {
    if (this.#isCollecting) return;
    this.#isCollecting = true;
    const { response } = this.#call;
    response.cork();
    setImmediate(() => {
      this.#isCollecting = false;
      if (!this.#isConcluded) response.uncork();
    });
  }

  #sendHead(): void {
    if (this.#hasHead || this.#call.response.destroyed) return;
    this.#hasHead = true;
    const call = this.#call;
    call.response.writeHead(call.upstreamStatus ?? 200, { ...this.#headers, ...call.parts.headersOf(call) });
  }

  #count(out: readonly Buffer[]): void {
    for (const bytes of out) {
      this.#hash.update(bytes);
      this.#call.responseBytes += bytes.length;
    }
  }

  /** Ends a stream that must not go on: an error before its first byte, an error event after it. */
  #cut(refusal: Refusal, out: Buffer[] = []): Refusal {
    const call = this.#call;
    this.#noteScanned();
    if (!this.#hasHead && out.length === 0) return this.#conclude(refusal) ?? refusal;
    if (call.end === 'completed') call.end = 'cut';
    const event = errorEvent(call.endpoint?.name ?? 'other', call.shape, refusal, call.requestId);
    this.#sendHead();
    const last = [...out, event];
    this.#count(last);
    call.lastBytes = last;
    call.tearDown = call.end === 'upstream_error' || call.end === 'timeout';
    return this.#conclude(refusal) ?? refusal;
  }

  #conclude(refusal: Refusal | null): Refusal | null {
    const call = this.#call;
    this.#isConcluded = true;
    call.modelAnswered = this.#held.model?.slice(0, 256) ?? null;
    call.modelRefused = this.#held.modelRefused;
    call.answerCharacters = this.#held.characters;
    if (this.#hasHead) call.responseSha256 = this.#hash.digest('hex');
    if (call.captureDays > 0)
      call.answerTexts = () => ({ isWhole: refusal === null && !call.left, texts: this.#held.certainTexts() });
    if (refusal === null && !call.left && mayBeJudged(call)) call.answerText = () => this.#held.wholeText();
    return refusal;
  }

  #isNoted = false;
  #noteScanned(): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    this.#call.output?.streamed(this.#held.characters);
  }
}

function drained(response: Call['response']): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    if (response.destroyed || !response.writableNeedDrain) return resolve();
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Neighbors in one piece of memory are written in one piece. */
function joined(parts: readonly Buffer[]): Buffer[] {
  const result: Buffer[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (last && last.buffer === part.buffer && last.byteOffset + last.length === part.byteOffset)
      result[result.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + part.length);
    else result.push(part);
  }
  return result;
}
