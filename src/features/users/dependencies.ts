import type { Database } from '#src/platform/database/connect.ts';
import type { RecordEvent } from './audit-event.ts';
import type { AuthSettings } from './auth.ts';

/** What the users feature needs. */
export type UsersDependencies = AuthSettings & {
  database: Database;
  /** Called inside the transaction of the change. */
  record: RecordEvent;
  /** The address people open, known once the server listens. */
  publicUrl: () => string;
  /** Sign-ins per minute and caller address. Default 20. */
  signInsPerMinute?: number;
};
