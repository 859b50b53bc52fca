import type { Decision } from '#src/gateway/decision.ts';
import { HOUR_MS } from '#src/kernel/time.ts';
import { seededRandom } from '#src/statistics/random.ts';
import { blockedDecision, sampleDecision } from './gateway-decisions.ts';

/** Made-up callers of a gateway, ordinary and hostile, that can be played over days of made-up time. Seeded. */
export type Player = {
  name: string;
  /** What has to be found; null for somebody who does nothing wrong. */
  expects: string | null;
  /** Days of ordinary life before the attack; for ordinary players, all of their days. */
  days: number;
  /** How many keys of one tenant take part. */
  keys?: number;
  ordinary: (play: Play) => void;
  attack?: (play: Play) => void;
  /** Hours the attack goes on. Default 2. */
  attackHours?: number;
};

/** One hour of one key. `call` makes a call somewhere in it. */
export type Play = {
  hour: number;
  hourOfDay: number;
  day: number;
  random: () => number;
  memory: Memory;
  call(change: { text: Text; blocked?: boolean } & Partial<Decision>): void;
};
type Memory = { anchors: Text[]; addresses: string[]; typed?: Text };
type Text = { bits: Uint32Array; characters: number };

const START = Date.parse('2026-11-02T00:00:00Z');

function text(random: () => number, characters: number): Text {
  return {
    bits: Uint32Array.of(Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)),
    characters: Math.max(1, Math.round(characters)),
  };
}

function changed(from: Text, flips: number, characters: number, random: () => number): Text {
  const bits = Uint32Array.from(from.bits);
  for (let i = 0; i < flips; i++) {
    const bit = Math.floor(random() * 64);
    bits[bit >> 5] = ((bits[bit >> 5] ?? 0) ^ (1 << (bit & 31))) >>> 0;
  }
  return { bits, characters: Math.max(1, Math.round(characters)) };
}

const hex = ({ bits }: Text) => [...bits].map((half) => half.toString(16).padStart(8, '0')).join('');
const times = (count: number, random: () => number) => Math.max(0, Math.round(count * (0.8 + 0.4 * random())));
const longTail = (random: () => number, median: number) =>
  median * Math.exp(0.9 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
const dayCurve = (hourOfDay: number) => 0.25 + 0.75 * Math.max(0, Math.sin(((hourOfDay - 6) / 24) * 2 * Math.PI));

/** People who chat: each prompt about something else, of every length. */
function chat(play: Play, perHour: number, blockedShare = 0.007): void {
  const { random } = play;
  for (let i = times(perHour * dayCurve(play.hourOfDay), random); i > 0; i--)
    play.call({ text: text(random, longTail(random, 180)), blocked: random() < blockedShare });
}

function template(play: Play, count: number): void {
  const { random, memory } = play;
  memory.anchors[0] ??= text(random, 1_200);
  const anchor = memory.anchors[0];
  for (let i = times(count, random); i > 0; i--)
    play.call({ text: changed(anchor, 5 + Math.floor(random() * 10), 1_200 + random() * 300, random) });
}

const withLogprobs = (topLogprobs: number, output: number): Partial<Decision> => ({
  tokens: { input: 200, output, source: 'provider' },
  signals: {
    logprobsAsked: true,
    nAsked: 1,
    topLogprobs,
    promptSimhash: '',
    promptCharacters: 0,
    refusedByModel: false,
  },
});

const extractionVerdict = (decision: Decision): Partial<Decision> => ({
  verdicts: decision.verdicts.map((verdict) => ({ ...verdict, kinds: ['prompt_extraction'] })),
});

export const ORDINARY: readonly Player[] = [
  { name: 'chat application', expects: null, days: 7, ordinary: (play) => chat(play, 220) },
  {
    name: 'support bot with clumsy users (2 % blocked)',
    expects: null,
    days: 7,
    ordinary: (play) => chat(play, 150, 0.02),
  },
  {
    name: 'nightly batch over one template',
    expects: null,
    days: 7,
    ordinary: (play) => (play.hourOfDay === 2 || play.hourOfDay === 3 ? template(play, 2_500) : undefined),
  },
  {
    name: 'evaluation team that reads probabilities each day',
    expects: null,
    days: 7,
    ordinary: (play) => {
      chat(play, 20);
      if (play.hourOfDay === 10)
        for (let i = 0; i < 150; i++)
          play.call({ text: text(play.random, longTail(play.random, 300)), ...withLogprobs(5, 20) });
    },
  },
  {
    name: 'start-up that grows by a fifth each day',
    expects: null,
    days: 9,
    ordinary: (play) => chat(play, 60 * 1.2 ** play.day),
  },
  {
    name: 'serverless functions (eight addresses, changing)',
    expects: null,
    days: 7,
    ordinary: (play) => {
      const { random, memory } = play;
      if (play.hourOfDay % 8 === 0) memory.addresses = Array.from({ length: 3 }, () => `f${Math.floor(random() * 8)}`);
      for (let i = times(80, random); i > 0; i--)
        play.call({
          text: text(random, longTail(random, 200)),
          callerDigest: memory.addresses[Math.floor(random() * memory.addresses.length)] ?? 'f0',
        });
    },
  },
  { name: 'launch: a new key with many users at once', expects: null, days: 2, ordinary: (play) => chat(play, 500) },
  {
    name: 'health check: the same prompt all day',
    expects: null,
    days: 5,
    ordinary: (play) => {
      play.memory.anchors[0] ??= text(play.random, 40);
      for (let i = 0; i < 360; i++) play.call({ text: play.memory.anchors[0] });
    },
  },
  {
    name: 'code completion: each prompt a few letters more',
    expects: null,
    days: 5,
    ordinary: (play) => {
      const { random, memory } = play;
      if (play.hourOfDay < 8 || play.hourOfDay > 18) return;
      for (let i = times(250, random); i > 0; i--) {
        const fresh = memory.typed === undefined || random() < 0.03;
        memory.typed =
          fresh || !memory.typed
            ? text(random, 400 + random() * 800)
            : changed(memory.typed, random() < 0.6 ? 1 : 0, memory.typed.characters + 4, random);
        play.call({ text: memory.typed });
      }
    },
  },
  {
    name: 'classifier: short titles of one length, day and night',
    expects: null,
    days: 7,
    ordinary: (play) => {
      for (let i = times(80, play.random); i > 0; i--) play.call({ text: text(play.random, 60 + 20 * play.random()) });
    },
  },
  {
    name: 'chat application that sorts titles for ten hours each night',
    expects: null,
    days: 7,
    ordinary: (play) => {
      if (play.hourOfDay >= 10) return chat(play, 120);
      for (let i = times(80, play.random); i > 0; i--) play.call({ text: text(play.random, 60 + 20 * play.random()) });
    },
  },
  {
    name: 'agent in a loop: long prompts, half of them alike',
    expects: null,
    days: 5,
    ordinary: (play) => {
      const { random, memory } = play;
      memory.anchors[0] ??= text(random, 6_000);
      for (let i = times(120, random); i > 0; i--)
        play.call({
          text:
            random() < 0.5
              ? changed(memory.anchors[0], 3 + Math.floor(random() * 8), 6_000 * (0.6 + 0.8 * random()), random)
              : text(random, longTail(random, 3_000)),
        });
    },
  },
];

export const HOSTILE: readonly Player[] = [
  {
    name: 'sweep: 1,500 questions an hour to copy the model',
    expects: 'volume_sweep',
    days: 3,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      for (let i = times(1_500, play.random); i > 0; i--)
        play.call({ text: text(play.random, 90 + 30 * play.random()) });
    },
  },
  {
    name: 'sweep with a key that is an hour old',
    expects: 'volume_sweep',
    days: 0,
    ordinary: () => undefined,
    attack: (play) => {
      for (let i = times(1_800, play.random); i > 0; i--)
        play.call({ text: text(play.random, 90 + 30 * play.random()) });
    },
  },
  {
    name: 'sweep over ten keys of one tenant, 150 an hour each',
    expects: 'volume_sweep',
    days: 3,
    keys: 10,
    ordinary: (play) => chat(play, 8),
    attack: (play) => {
      for (let i = times(150, play.random); i > 0; i--) play.call({ text: text(play.random, 90 + 30 * play.random()) });
    },
    attackHours: 3,
  },
  {
    name: 'slow sweep: 330 an hour for a day and a half, beside an application of its own',
    expects: 'volume_sweep',
    days: 4,
    ordinary: (play) => chat(play, 120),
    attack: (play) => {
      for (let i = times(330, play.random); i > 0; i--) play.call({ text: text(play.random, 90 + 20 * play.random()) });
    },
    attackHours: 36,
  },
  {
    name: 'very slow sweep: 60 an hour for two days',
    expects: 'volume_sweep',
    days: 4,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      for (let i = times(60, play.random); i > 0; i--) play.call({ text: text(play.random, 90 + 20 * play.random()) });
    },
    attackHours: 48,
  },
  {
    name: 'probing: one text in 400 variants',
    expects: 'near_duplicates',
    days: 3,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      const { random, memory } = play;
      memory.anchors[1] ??= text(random, 320);
      for (let i = times(400, random); i > 0; i--)
        play.call({ text: changed(memory.anchors[1], 1 + Math.floor(random() * 2), 320 + random() * 6, random) });
    },
  },
  {
    name: 'harvest of probabilities: 200 calls an hour, 20 alternatives',
    expects: 'logprob_harvest',
    days: 3,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      for (let i = times(200, play.random); i > 0; i--)
        play.call({ text: text(play.random, 120), ...withLogprobs(20, 60) });
    },
  },
  {
    name: 'prompt extraction: eight attempts among ordinary calls',
    expects: 'prompt_extraction',
    days: 3,
    ordinary: (play) => chat(play, 100),
    attack: (play) => {
      chat(play, 100);
      for (let i = 0; i < 8; i++)
        play.call({ text: text(play.random, 150), blocked: true, ...extractionVerdict(blockedDecision(0, START)) });
    },
    attackHours: 1,
  },
  {
    name: 'ten injection attempts by one key',
    expects: 'repeated_refusals',
    days: 3,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      for (let i = 0; i < 10; i++) play.call({ text: text(play.random, 400), blocked: true });
    },
    attackHours: 1,
  },
  {
    name: 'forty injection attempts among 400 ordinary calls',
    expects: 'repeated_refusals',
    days: 3,
    ordinary: (play) => chat(play, 300),
    attack: (play) => {
      chat(play, 300);
      for (let i = 0; i < 40; i++) play.call({ text: text(play.random, 400), blocked: true });
    },
    attackHours: 1,
  },
  {
    name: 'stolen key: thirty addresses in a day',
    expects: 'key_sharing',
    days: 3,
    ordinary: (play) => chat(play, 60),
    attack: (play) => {
      for (let i = times(60, play.random); i > 0; i--)
        play.call({
          text: text(play.random, longTail(play.random, 180)),
          callerDigest: `stolen-${Math.floor(play.random() * 30)}`,
        });
    },
    attackHours: 4,
  },
];

/** All decisions of a player, in order of time. `attackAt` is when the attack began; null for ordinary players. */
export function playOut(player: Player, seed: number): { decisions: Decision[]; attackAt: number | null } {
  const decisions: Decision[] = [];
  const keys = player.keys ?? 1;
  const hours = player.days * 24 + (player.attack ? (player.attackHours ?? 2) : 0);
  const attackFrom = player.attack ? player.days * 24 : Number.POSITIVE_INFINITY;
  for (let k = 0; k < keys; k++) {
    const random = seededRandom(seed * 1_009 + k * 7_919 + 17);
    const memory: Memory = { anchors: [], addresses: [] };
    for (let hour = 0; hour < hours; hour++) {
      const calls: Decision[] = [];
      const play: Play = {
        hour,
        hourOfDay: hour % 24,
        day: Math.floor(hour / 24),
        random,
        memory,
        call: ({ text: said, blocked, signals, ...change }) => {
          const at = START + hour * HOUR_MS + Math.floor(random() * HOUR_MS);
          const make = blocked ? blockedDecision : sampleDecision;
          const base = make(decisions.length + calls.length, at, {
            keyId: `gky_${k}`,
            tenantId: 'gtn_player',
            callerDigest: `home-${k}`,
            ...change,
          });
          calls.push({
            ...base,
            signals: { ...base.signals, ...signals, promptSimhash: hex(said), promptCharacters: said.characters },
          });
        },
      };
      (hour >= attackFrom ? player.attack : player.ordinary)?.(play);
      decisions.push(...calls.sort((a, b) => a.occurredAt - b.occurredAt));
    }
  }
  if (keys > 1) decisions.sort((a, b) => a.occurredAt - b.occurredAt);
  return { decisions, attackAt: player.attack ? START + attackFrom * HOUR_MS : null };
}
