export { failingParties } from './failing-parties.ts';
export { outsideOf } from './outside.ts';
export { openParties, type Parties } from './parties.ts';
export { addParty, listParties, partyByName, removeParty } from './party-store.ts';
export { presentParty } from './present-party.ts';
export { ledgerPartyRoutes } from './routes.ts';
