import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Person = 'owner' | 'compliance' | 'engineer' | 'auditor' | 'viewer';

export const PASSWORD = 'a long sentence that nobody guesses';

export const PEOPLE: Record<Person, { name: string; email: string }> = {
  owner: { name: 'Ada Lovelace', email: 'ada@example.com' },
  compliance: { name: 'Katherine Johnson', email: 'katherine@example.com' },
  engineer: { name: 'Grace Hopper', email: 'grace@example.com' },
  auditor: { name: 'Luca Pacioli', email: 'luca@audit.example' },
  viewer: { name: 'Mary Somerville', email: 'mary@example.com' },
};

/** Where this run keeps its data folder, its source tree and who is signed in. The port, chosen per run, makes it unique. */
export const RUN_FOLDER = join(tmpdir(), `assay-e2e-${process.env.ASSAY_E2E_PORT}`);

/** The file with the signed-in browser state of a person, for `test.use({ storageState: signedInAs('owner') })`. */
export function signedInAs(person: Person): string {
  return join(RUN_FOLDER, 'people', `${person}.json`);
}

/** The source tree that is scanned before the stories. */
export function sourceTree(): string {
  return join(RUN_FOLDER, 'assistant');
}
