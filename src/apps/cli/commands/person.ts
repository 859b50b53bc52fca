import type { Services } from '#src/apps/services.ts';
import type { ErasureReason, Person, PersonDetail } from '#src/features/persons/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext, CommandModule } from '../context.ts';

const EXAMPLES = `
Examples:
  assay person list
  assay person show usr_01jd3…
  assay person erase usr_01jd3… --reason request --basis "request 2026-14"
  assay person erase usr_01jd3… --reason request --basis "request 2026-14" --confirm usr_01jd3…
  assay person hold usr_01jd3… --reason "Litigation 7"
  assay person hold gtn_01jd3… --reason "Litigation 7"
  assay person hold 2027-01-31 --reason "Incident 12"
  assay person release hld_01jd3… --reason "Settled"

Without --confirm nothing is erased: what would be lost is listed. Reasons: request, consent-withdrawn,
no-longer-needed, unlawful, law. Reason and basis go into the ledger, so they must not name anybody.
Exit codes: 0 done, 1 the erasure is blocked, 2 called wrongly, 3 could not run.`;

type EraseOptions = { reason: string; basis: string; confirm?: string; words?: string[]; json?: true };

export const register: CommandModule['register'] = (program, context) => {
  const person = program
    .command('person')
    .description('whose personal data is held, and erasing it without touching the ledger')
    .addHelpText('after', EXAMPLES);
  person
    .command('list')
    .description('everybody of whom something is held, or was erased')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: true }) => {
      const { listPersons } = await import('#src/features/persons/index.ts');
      const { database } = await open(context);
      const persons = await listPersons(database.drizzle);
      if (json) return context.print(JSON.stringify(persons, null, 2));
      if (persons.length === 0) return context.print('Nothing personal is held of anybody.');
      for (const one of persons) context.print(line(one));
    });
  person
    .command('show')
    .description('what is held of one person, and what erasing would destroy')
    .argument('<id>', 'of the person')
    .option('--json', 'for machines')
    .action(async (id: string, { json }: { json?: true }) => show(context, await open(context), id, json));
  person
    .command('erase')
    .description('destroy everything that says who a person is; proofs and older bundles go on verifying')
    .argument('<id>', 'of the person')
    .requiredOption('--reason <code>', 'request, consent-withdrawn, no-longer-needed, unlawful or law')
    .requiredOption('--basis <text>', 'the rule it rests on, such as the number of the request')
    .option('--confirm <id>', 'the id once more: without it nothing is erased')
    .option('--words <ref...>', 'remarks without a recorded author that are theirs, as "person show" lists them')
    .option('--json', 'for machines')
    .action((id: string, options: EraseOptions) => erase(context, id, options));
  person
    .command('hold')
    .description('place a legal hold: nothing it is on is erased while it stands')
    .argument(
      '<id>',
      'of the person, of an item of evidence (evd_…), of a gateway tenant (gtn_…), or a day of gateway calls (2027-01-31)',
    )
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, { reason }: { reason: string }) => hold(context, id, reason));
  person
    .command('release')
    .description('release a legal hold')
    .argument('<hold>', 'its id (hld_…)')
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, { reason }: { reason: string }) => release(context, id, reason));
};

async function open(context: CommandContext): Promise<Services> {
  return (await import('../command-services.ts')).openCommandServices(context);
}

// On the machine itself there are no users whose names would have to be looked up by a session.
async function namesOf(services: Services): Promise<(ids: readonly string[]) => Promise<ReadonlyMap<string, string>>> {
  const { userNames } = await import('#src/features/users/index.ts');
  return (ids) => userNames(services.database.drizzle, ids);
}

async function detailOf(services: Services, id: string): Promise<PersonDetail> {
  const { personDetail } = await import('#src/features/persons/index.ts');
  return personDetail(services.database.drizzle, await namesOf(services), id);
}

async function show(context: CommandContext, services: Services, id: string, json?: true): Promise<void> {
  const detail = await detailOf(services, id);
  context.print(json ? JSON.stringify(detail, null, 2) : describe(detail));
}

async function erase(context: CommandContext, id: string, options: EraseOptions): Promise<void> {
  const { PersonErasure } = await import('#src/features/persons/model.ts');
  const { erasePerson } = await import('#src/features/persons/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const wanted = PersonErasure.safeParse({
    reason: options.reason,
    basis: options.basis,
    confirm: options.confirm ?? '',
    words: options.words ?? [],
  });
  if (!wanted.success) {
    const [issue] = wanted.error.issues;
    throw new AppError(
      'invalid_input',
      `--${String(issue?.path[0] ?? 'reason')} ${issue?.message}. See "assay person --help".`,
    );
  }
  const services = await open(context);
  const before = await detailOf(services, id);
  if (options.confirm === undefined || before.blockedBy !== null) {
    if (before.blockedBy !== null) context.foundProblems();
    const end = before.blockedBy ?? `Nothing was erased. To erase for good, run it again with --confirm ${id}`;
    return context.print(options.json ? JSON.stringify({ erased: false, ...before }) : `${describe(before)}\n${end}`);
  }
  const { records, dataKeys, blobs, dataDir, ledger } = services;
  await erasePerson({ records, dataKeys, blobs, dataDir }, id, wanted.data, COMMAND_LINE);
  await ledger.integrate();
  const after = await detailOf(services, id);
  context.print(
    options.json
      ? JSON.stringify({ erased: true, ...after })
      : `Erased ${id}: ${after.erasure?.values ?? 0} values and ${after.erasure?.files ?? 0} files. Every proof and older bundle still verifies.\nBackups still hold it until they are rotated: see docs/guides/personal-data.md.`,
  );
}

async function hold(context: CommandContext, id: string, reason: string): Promise<void> {
  const { placeHold } = await import('#src/features/retention/index.ts');
  const { holdKindOf, NewHold } = await import('#src/features/retention/model.ts');
  const { isPerson } = await import('#src/features/persons/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  const kind = holdKindOf(id);
  const wanted = NewHold.safeParse({ subject: { kind, id }, reason });
  if (!wanted.success)
    throw new AppError(
      'invalid_input',
      `${String(wanted.error.issues[0]?.path[0])}: ${wanted.error.issues[0]?.message}.`,
    );
  const services = await open(context);
  const placed = await placeHold(
    { records: services.records, namesOf: await namesOf(services), isPerson },
    wanted.data,
    COMMAND_LINE,
  );
  await services.ledger.integrate();
  context.print(`${placed.id} holds ${kind} ${id}: nothing of it is erased until the hold is released.`);
}

async function release(context: CommandContext, id: string, reason: string): Promise<void> {
  const { releaseHold } = await import('#src/features/retention/index.ts');
  const { isPerson } = await import('#src/features/persons/index.ts');
  const { COMMAND_LINE } = await import('#src/features/records/index.ts');
  if (reason.trim() === '') throw new AppError('invalid_input', '--reason must say why.');
  const services = await open(context);
  const released = await releaseHold(
    { records: services.records, namesOf: await namesOf(services), isPerson },
    id,
    reason,
    COMMAND_LINE,
  );
  await services.ledger.integrate();
  context.print(`${id} is released: ${released.subject.kind} ${released.subject.id} can be erased again.`);
}

function line(person: Person): string {
  const what =
    person.state === 'erased'
      ? `erased ${person.erasedAt?.slice(0, 10)}`
      : `${person.values} values, ${person.files} files${person.onHold ? ', on hold' : ''}`;
  return `${person.id}  ${what}${person.name ? `  ${person.name} <${person.email}>` : ''}`;
}

function describe(person: PersonDetail): string {
  const lines = [line(person)];
  if (person.erasure) {
    const { at, by, reason, basis }: { at: string; by: { name: string }; reason: ErasureReason; basis: string } =
      person.erasure;
    lines.push(`Erased ${at} by ${by.name}: ${reason}, ${basis}`);
  }
  if (person.willBeLost.length > 0) lines.push('Erasing destroys:', ...person.willBeLost.map((text) => `  - ${text}`));
  lines.push('What stays:', ...person.willStay.map((text) => `  - ${text}`));
  if (person.unattributed.length > 0)
    lines.push(
      'Written before authors were recorded, so erased only where you name it with --words:',
      ...person.unattributed.map(({ ref, words }) => `  - ${ref}  "${words.replace(/\s+/g, ' ').slice(0, 120)}"`),
    );
  for (const one of person.holds) lines.push(`Hold ${one.id} since ${one.placedAt.slice(0, 10)}: ${one.reason}`);
  return lines.join('\n');
}
