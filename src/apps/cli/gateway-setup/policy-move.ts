import type { Command } from 'commander';
import { type PolicyMove, policyMoveDecisionSchema } from '#src/features/gateway-policies/model.ts';
import { AppError } from '#src/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { openSetup, readInput } from './open-setup.ts';
import { clean } from './text.ts';

const EXAMPLES = `
Examples:
  assay gateway policy-move list
  ASSAY_API_KEY=ask_… assay gateway policy-move approve gpm_01k…
  ASSAY_API_KEY=ask_… assay gateway policy-move refuse gpm_01k… --reason "Not while the incident is open"

A route or tenant that is to leave its policy for a milder one keeps it until another person than the one who asks approves.`;

export function registerPolicyMove(gateway: Command, context: CommandContext): void {
  const move = gateway
    .command('policy-move')
    .description('moves to milder policies that wait for a second person')
    .addHelpText('after', EXAMPLES);
  move
    .command('list')
    .description('show what waits, with what it changes')
    .option('--all', 'also what was decided')
    .option('--json', 'for machines')
    .action((options: { all?: true; json?: true }) => list(context, options));
  move
    .command('approve')
    .description('make the move, as the second person (ASSAY_API_KEY)')
    .argument('<id>', 'such as gpm_01k…')
    .option('--reason <words>', 'kept with the decision')
    .action((id: string, { reason }: { reason?: string }) => decide(context, id, 'approved', reason));
  move
    .command('refuse')
    .description('leave all as it is, as the second person (ASSAY_API_KEY)')
    .argument('<id>', 'such as gpm_01k…')
    .requiredOption('--reason <words>', 'kept with the decision')
    .action((id: string, { reason }: { reason: string }) => decide(context, id, 'refused', reason));
}

async function list(context: CommandContext, { all, json }: { all?: true; json?: true }): Promise<void> {
  const { control } = await openSetup(context);
  const found = (await control.moves.list()).filter(({ state }) => all || state === 'waiting');
  if (json) return context.print(JSON.stringify(found, null, 2));
  context.print(found.length === 0 ? 'No move waits for a second person.' : found.map(text).join('\n\n'));
}

function text({ id, state, target, from, to, requestedBy, requestedAt, changes }: PolicyMove): string {
  const none = target.kind === 'route' ? 'no policy' : 'the policies of the routes';
  return [
    `${id}  ${state}  ${target.kind} ${clean(target.name)}: ${clean(from?.name ?? none)} → ${clean(to?.name ?? none)}`,
    `  asked for by ${clean(requestedBy.name)}, ${requestedAt}`,
    ...changes.map(({ effect, what, before, after }) => `  ${effect}  ${clean(`${what}: ${before} → ${after}`)}`),
  ].join('\n');
}

async function decide(
  context: CommandContext,
  id: string,
  decision: 'approved' | 'refused',
  reason: string | undefined,
): Promise<void> {
  const { control, actor } = await openSetup(context);
  const by = await actor('gateway.review');
  const found = (await control.moves.list()).find((one) => one.id === id);
  if (!found)
    throw new AppError('not_found', `There is no move "${id.slice(0, 80)}". List them to see which there are.`);
  const input = readInput(policyMoveDecisionSchema, { decision, digest: found.digest, ...(reason && { reason }) });
  await control.moves.decide(by, id, input);
  context.print(decision === 'approved' ? `${clean(found.target.name)} has moved.` : 'Refused. Nothing changes.');
}
