import { customType, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const gatewayStoredObject = pgTable(
  'gateway_stored_object',
  {
    account: text().notNull(),
    idSha256: bytea('id_sha256').notNull(),
    tenantId: text('tenant_id').notNull(),
    boundAt: instant('bound_at').notNull(),
    expiresAt: instant('expires_at'),
  },
  (table) => [primaryKey({ columns: [table.account, table.idSha256] })],
);
