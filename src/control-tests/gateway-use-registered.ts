import { defineTest, type Verdict } from './define.ts';
import { grouped } from './grouped.ts';
import { quoted } from './words.ts';

export const gatewayUseRegistered = defineTest({
  id: 'gateway-use-registered',
  version: 1,
  title: 'Every provider seen in gateway traffic is a confirmed item of the inventory',
  asks: 'Is each provider that calls really went to registered and confirmed?',
  why: 'Code shows what might be called, traffic what is. A provider that is in use and in no list was assessed by nobody.',
  controls: ['AIG-01', 'AIG-08', 'TPA-01'],
  severity: 'high',
  uses: ['gateway-use', 'inventory-item'],
  population: 'gateway-use',
  fix: {
    summary: 'Decide about the provider in the inventory, or stop its traffic.',
    steps: [
      'Open Gateway, Decisions, and filter by the model to see who calls it.',
      'Confirm the provider under Inventory once its data terms have been read, or',
      'take the model from the provider’s list in the gateway, so that calls to it are refused.',
    ],
  },
  judge({ facts }) {
    const services = facts['inventory-item'].filter((item) => item.body.itemKind === 'third_party_ai_service');
    const byProvider = grouped(services, (item) => (item.body.provider ?? item.body.title).toLowerCase());
    return facts['gateway-use'].map(({ key, body }): Verdict => {
      const base = { subject: key, expected: 'a confirmed item' };
      const used = `${quoted(body.model)} of ${quoted(body.providerName ?? body.providerId)} was called, last on ${body.lastSeenOn}`;
      const names = [body.providerName, body.providerKind, providerOfHost(body.host)].flatMap((name) =>
        name === null ? [] : [name.toLowerCase()],
      );
      if (body.host === 'localhost' || body.host === '127.0.0.1' || body.host === '::1')
        return { ...base, result: 'not_applicable', because: `${used}, on this machine: no outside provider.` };
      const states = new Set(names.flatMap((name) => (byProvider.get(name) ?? []).map((item) => item.body.state)));
      if (states.has('confirmed'))
        return {
          ...base,
          result: 'pass',
          because: `${used}, and is confirmed in the inventory.`,
          observed: 'confirmed',
        };
      const observed = states.has('proposed') ? 'proposed' : states.has('rejected') ? 'rejected' : 'not registered';
      return { ...base, result: 'fail', because: `${used}, and is ${observed} in the inventory.`, observed };
    });
  },
});

/** `api.openai.com` as `openai`: how the scanner names providers. */
function providerOfHost(host: string | null): string | null {
  return host?.split('.').at(-2) ?? null;
}
