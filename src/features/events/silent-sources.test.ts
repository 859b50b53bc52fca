import { expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { silentSources } from './index.ts';

const database = testDatabase();
const NOW = Date.parse('2026-11-23T12:00:00Z');

test('a source that delivered day by day and then fell silent for a day is told; a file that came once is not', async () => {
  const { pool, drizzle } = database.current;
  await pool.query(
    `insert into event_source (name, first_received_at, last_received_at, accepted) values
       ('gateway:a', '2026-11-01T00:00:00Z', '2026-11-22T11:59:59Z', 400),
       ('gateway:b', '2026-11-01T00:00:00Z', '2026-11-22T12:00:01Z', 400),
       ('import.csv', '2026-11-01T00:00:00Z', '2026-11-01T00:05:00Z', 9)`,
  );
  const told = await silentSources(drizzle, NOW);
  expect(told).toMatchObject([
    {
      subject: { kind: 'event-source', title: 'gateway:a' },
      severity: 'high',
      reasons: ['The last of 400 events came 2026-11-22 11:59 UTC.'],
      since: new Date('2026-11-23T11:59:59.000Z'),
    },
  ]);
  // A name may be that of a person: the ledger gets a number.
  expect(told[0]?.subject.id).toMatch(/^event-source-\d+$/);
});
