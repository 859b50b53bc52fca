import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { registerApproval } from './approval.ts';
import { registerPolicy } from './policy.ts';
import { registerPolicyMove } from './policy-move.ts';
import { registerProvider } from './provider.ts';
import { registerIssuer, registerPrice, registerRoute } from './route.ts';
import { registerKey, registerTenant } from './tenant.ts';

/** The commands that set up the gateway. Each works with the server running or stopped. */
export function registerGatewaySetup(gateway: Command, context: CommandContext): void {
  registerProvider(gateway, context);
  registerTenant(gateway, context);
  registerKey(gateway, context);
  registerRoute(gateway, context);
  registerPolicy(gateway, context);
  registerPolicyMove(gateway, context);
  registerApproval(gateway, context);
  registerPrice(gateway, context);
  registerIssuer(gateway, context);
}
