import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  type Amounts,
  DIMENSIONS,
  type LimitScope,
  type LimitState,
  type LimitStore,
  type Reservation,
} from './limit-store.ts';

/** A call that runs longer than this no longer counts as concurrent: its process is gone. */
const CALL_MAX_MS = 3_600_000;

// One script a reservation: it looks at every limit, then takes from all or from none. The clock is the server's, so that
// nodes whose clocks differ agree. KEYS: for each scope its hash and its set of running calls. ARGV: tokens, spend, id,
// then five limits a scope, -1 for none.
const RESERVE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local day = math.floor(now / 86400000)
local tokens, spend, id = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local states, plans = {}, {}
local function bucket(key, name, limit)
  local level = tonumber(redis.call('HGET', key, name) or limit)
  local at = tonumber(redis.call('HGET', key, name .. 'At') or now)
  return math.min(limit, level + math.max(0, now - at) * limit / 60000)
end
local function daily(key, name)
  if tonumber(redis.call('HGET', key, 'day') or day) ~= day then return 0 end
  return tonumber(redis.call('HGET', key, name) or 0)
end
local function floored(n) return tostring(math.max(0, math.floor(n))) end
local function note(dimension, limit, remaining, reset) states[#states + 1] = { dimension, tostring(limit), floored(remaining), floored(reset) } end
for i = 1, #KEYS / 2 do
  local key, running = KEYS[2 * i - 1], KEYS[2 * i]
  local base = 3 + (i - 1) * 5
  local perMinute, tokensMinute = tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local tokensDay, spendDay, concurrent = tonumber(ARGV[base + 3]), tonumber(ARGV[base + 4]), tonumber(ARGV[base + 5])
  local plan = { key = key, running = running }
  local function refuse(dimension, wait) return cjson.encode({ refused = { i, dimension, floored(wait) }, states = states }) end
  if perMinute >= 0 then
    local level = bucket(key, 'requests', perMinute)
    note(1, perMinute, level - 1, (perMinute - level) * 60000 / math.max(1, perMinute))
    if level < 1 then return refuse(1, math.ceil((1 - level) * 60000 / math.max(1, perMinute))) end
    plan.requests = level - 1
  end
  if tokensMinute >= 0 then
    local level = bucket(key, 'tokens', tokensMinute)
    local need = math.max(math.min(tokens, tokensMinute), tokensMinute == 0 and 1 or 0)
    note(2, tokensMinute, level - tokens, (tokensMinute - level) * 60000 / math.max(1, tokensMinute))
    if level < need then return refuse(2, math.ceil((need - level) * 60000 / math.max(1, tokensMinute))) end
    plan.tokens = level - tokens
  end
  local rest = (day + 1) * 86400000 - now
  local usedTokens, usedSpend = daily(key, 'tokensDay'), daily(key, 'spendDay')
  if tokensDay >= 0 then
    note(3, tokensDay, tokensDay - usedTokens - tokens, rest)
    if tokensDay - usedTokens < math.max(1, tokens) then return refuse(3, rest) end
  end
  if spendDay >= 0 then
    note(4, spendDay, spendDay - usedSpend - spend, rest)
    if spendDay - usedSpend < math.max(1, spend) then return refuse(4, rest) end
  end
  if concurrent >= 0 then
    redis.call('ZREMRANGEBYSCORE', running, '-inf', now)
    local count = redis.call('ZCARD', running)
    note(5, concurrent, concurrent - count - 1, 0)
    if count >= concurrent then return refuse(5, 1000) end
    plan.concurrent = true
  end
  plan.tokensDay, plan.spendDay = usedTokens + tokens, usedSpend + spend
  plans[i] = plan
end
for _, plan in ipairs(plans) do
  local set = { 'day', tostring(day), 'tokensDay', tostring(plan.tokensDay), 'spendDay', tostring(plan.spendDay) }
  if plan.requests then
    for _, v in ipairs({ 'requests', tostring(plan.requests), 'requestsAt', tostring(now) }) do set[#set + 1] = v end
  end
  if plan.tokens then
    for _, v in ipairs({ 'tokens', tostring(plan.tokens), 'tokensAt', tostring(now) }) do set[#set + 1] = v end
  end
  redis.call('HSET', plan.key, unpack(set))
  redis.call('PEXPIRE', plan.key, 172800000)
  if plan.concurrent then
    redis.call('ZADD', plan.running, now + ${CALL_MAX_MS}, id)
    redis.call('PEXPIRE', plan.running, ${CALL_MAX_MS})
  end
end
return cjson.encode({ states = states })
`;

// ARGV: difference of tokens, difference of spend, id, then for each scope its tokens a minute (-1: none).
const SETTLE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local day = math.floor(now / 86400000)
for i = 1, #KEYS / 2 do
  local key, running = KEYS[2 * i - 1], KEYS[2 * i]
  redis.call('ZREM', running, ARGV[3])
  local limit = tonumber(ARGV[3 + i])
  if limit >= 0 and redis.call('HEXISTS', key, 'tokens') == 1 then
    local level = tonumber(redis.call('HGET', key, 'tokens')) - tonumber(ARGV[1])
    redis.call('HSET', key, 'tokens', tostring(math.min(limit, level)))
  end
  if tonumber(redis.call('HGET', key, 'day') or -1) == day then
    redis.call('HINCRBYFLOAT', key, 'tokensDay', ARGV[1])
    redis.call('HINCRBYFLOAT', key, 'spendDay', ARGV[2])
  end
end
return 1
`;

type Answer = {
  refused?: [scope: number, dimension: number, waitMs: string];
  states: [number, string, string, string][] | Record<string, never>;
};

const WINDOW_SECONDS = [60, 60, 86_400, 86_400, 0];

type Scripted = Redis & {
  assayReserve(keys: number, ...args: string[]): Promise<string>;
  assaySettle(keys: number, ...args: string[]): Promise<number>;
};

/** Limits shared by all nodes, kept in Redis. */
export class RedisLimits implements LimitStore {
  readonly #redis: Scripted;
  readonly #onError: (error: unknown) => void;

  constructor(redis: Redis, onError: (error: unknown) => void = () => undefined) {
    redis.defineCommand('assayReserve', { lua: RESERVE });
    redis.defineCommand('assaySettle', { lua: SETTLE });
    this.#redis = redis as Scripted;
    this.#onError = onError;
  }

  async reserve(scopes: readonly LimitScope[], amounts: Amounts, _atMs: number): Promise<Reservation> {
    const id = randomBytes(12).toString('base64url');
    const args = [String(amounts.tokens), String(amounts.spendMicroUsd), id];
    for (const { limits } of scopes)
      args.push(
        ...[
          limits.requestsPerMinute,
          limits.tokensPerMinute,
          limits.tokensPerDay,
          limits.spendMicroUsdPerDay,
          limits.concurrent,
        ].map((one) => String(one ?? -1)),
      );
    const keys = keysOf(scopes);
    const answer = JSON.parse(await this.#redis.assayReserve(keys.length, ...keys, ...args)) as Answer;
    const states = Array.isArray(answer.states) ? answer.states.map(readState) : [];
    if (!answer.refused) return { granted: true, id, states };
    const [scope, dimension, waitMs] = answer.refused;
    return {
      granted: false,
      scope: scopes[scope - 1]?.id ?? '',
      dimension: DIMENSIONS[dimension - 1] ?? 'requests',
      retryAfterMs: Number(waitMs),
      states,
    };
  }

  settle(id: string, scopes: readonly LimitScope[], reserved: Amounts, used: Amounts): void {
    const keys = keysOf(scopes);
    const args = [String(used.tokens - reserved.tokens), String(used.spendMicroUsd - reserved.spendMicroUsd), id];
    for (const { limits } of scopes) args.push(String(limits.tokensPerMinute ?? -1));
    this.#redis.assaySettle(keys.length, ...keys, ...args).catch(this.#onError);
  }

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }
}

// All keys of one script must live in one slot of a cluster: the braces name it.
function keysOf(scopes: readonly LimitScope[]): string[] {
  return scopes.flatMap(({ id }) => [`{assay-gateway}:limit:${id}`, `{assay-gateway}:running:${id}`]);
}

function readState([dimension, limit, remaining, resetMs]: [number, string, string, string]): LimitState {
  return {
    dimension: DIMENSIONS[dimension - 1] ?? 'requests',
    limit: Number(limit),
    remaining: Number(remaining),
    resetMs: Number(resetMs),
    windowSeconds: WINDOW_SECONDS[dimension - 1] ?? 0,
  };
}
