import { defineTest, eachFact } from './define.ts';
import { ranOnSchedule } from './monitoring.ts';
import { quoted } from './words.ts';

export const monitorRanOnSchedule = defineTest({
  id: 'monitor-ran-on-schedule',
  version: 1,
  title: 'Every monitor closed the windows that were due',
  asks: 'Did at least 95 percent of the windows that each monitor was due to close in the last 31 days end in time?',
  why: 'Thirty quiet days prove something only if the measure ran on each of them. Gaps are what an auditor samples first.',
  controls: ['EVM-02', 'EVM-05'],
  evidence: ['EVM-02.E2', 'EVM-05.E2'],
  severity: 'high',
  uses: ['monitor'],
  population: 'monitor',
  fix: {
    summary: 'Keep the server running, and find out what stopped it.',
    steps: [
      'Open the calendar of runs: each missed window says since when nothing ran.',
      'Look at the server log and the state of its jobs; a missed window stays missed and its result is shown beside it.',
    ],
    example: 'bin/assay monitor close',
  },
  judge: eachFact<'monitor'>((fact) => {
    const { key, body } = fact;
    const base = { subject: key, expected: '95 % of expected runs' };
    const name = quoted(body.name);
    if (!body.approved)
      return {
        ...base,
        result: 'no_data',
        observed: 'not approved',
        because: `${name} waits for approval and watches nothing.`,
      };
    if (body.paused)
      return {
        ...base,
        result: 'not_applicable',
        observed: 'paused',
        because: `${name} is paused by an approved change.`,
      };
    return { ...base, ...ranOnSchedule([{ kind: 'monitor', key, body }]) };
  }),
});
