import { watchDecisions } from '#src/features/gateway-abuse/abuse-watch.ts';
import type { CallerState } from '#src/features/gateway-abuse/caller-state.ts';
import { HOSTILE, ORDINARY, type Player, playOut } from '../tests/support/abuse-traffic.ts';

/*
 * Plays strategies of extraction and abuse, and ordinary heavy use, against the detectors: how many are found, how soon,
 * and how often somebody who does nothing wrong is suspected. Ten seeded runs of each; two with `--short`.
 */
const seeds = process.argv.includes('--short') ? 2 : 10;
const BATCH = 500;

type Outcome = { found: boolean; afterMs: number | null; falseAlarms: string[]; calls: number; days: number };

function play(player: Player, seed: number): Outcome {
  const { decisions, attackAt } = playOut(player, seed);
  const states = new Map<string, CallerState>();
  let afterMs: number | null = null;
  const falseAlarms: string[] = [];
  for (let from = 0; from < decisions.length; from += BATCH)
    for (const finding of watchDecisions(decisions.slice(from, from + BATCH), states)) {
      const inAttack = attackAt !== null && finding.occurredAt >= attackAt;
      if (inAttack && finding.kind === player.expects) afterMs ??= finding.occurredAt - attackAt;
      if (!inAttack) falseAlarms.push(finding.kind);
    }
  return { found: afterMs !== null, afterMs, falseAlarms, calls: decisions.length, days: Math.max(player.days, 1) };
}

const started = performance.now();
let calls = 0;
console.log(`Detection of abuse, ${seeds} seeded runs of each player\n`);
console.log('| hostile player | looked for | found | median minutes until found | false alarms before |');
console.log('|---|---|---:|---:|---:|');
let found = 0;
for (const player of HOSTILE) {
  const runs = Array.from({ length: seeds }, (_, seed) => play(player, seed + 1));
  calls += runs.reduce((sum, run) => sum + run.calls, 0);
  const hits = runs.filter((run) => run.found);
  found += hits.length;
  const minutes = hits.map((run) => (run.afterMs ?? 0) / 60_000).sort((a, b) => a - b);
  const early = runs.reduce((sum, run) => sum + run.falseAlarms.length, 0);
  console.log(
    `| ${player.name} | ${player.expects} | ${hits.length}/${seeds} | ${minutes[minutes.length >> 1]?.toFixed(0) ?? '–'} | ${early} |`,
  );
}
console.log('\n| ordinary player | calls a day | false alarms | per caller and day | which |');
console.log('|---|---:|---:|---:|---|');
let alarms = 0;
let days = 0;
for (const player of ORDINARY) {
  const runs = Array.from({ length: seeds }, (_, seed) => play(player, seed + 1));
  const total = runs.reduce((sum, run) => sum + run.calls, 0);
  calls += total;
  const all = runs.flatMap((run) => run.falseAlarms);
  const playerDays = runs.reduce((sum, run) => sum + run.days, 0);
  alarms += all.length;
  days += playerDays;
  console.log(
    `| ${player.name} | ${Math.round(total / playerDays)} | ${all.length} | ${(all.length / playerDays).toFixed(3)} | ${[...new Set(all)].join(', ') || '–'} |`,
  );
}
const seconds = (performance.now() - started) / 1_000;
console.log(
  `\nFound ${found} of ${HOSTILE.length * seeds} attacks; ${alarms} false alarms in ${days} caller-days of ordinary use.`,
);
console.log(`${calls.toLocaleString('en-US')} calls played and judged in ${seconds.toFixed(1)} s.`);
