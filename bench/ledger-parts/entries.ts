import type { NewEntry } from '#src/ledger/log/entry.ts';

let made = 0;

/** The next result of a control test, as most entries of a ledger are. */
export function nextEntry(): NewEntry {
  return {
    type: 'test.result',
    actor: { kind: 'service', id: 'judge' },
    subject: { kind: 'control-test', id: `model-revision-pinned-${made % 50}`, version: '1' },
    series: `test/model-revision-pinned-${made % 50}`,
    body: { result: made % 7 === 0 ? 'fail' : 'pass', passed: 412, failed: 3, noData: 0, facts: 'ab'.repeat(32) },
    dedupeKey: `bench-${made++}`,
  };
}
