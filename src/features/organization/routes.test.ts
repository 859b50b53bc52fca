import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../tests/support/database.ts';
import { type Door, openDoor } from '../../../tests/support/door.ts';
import { organization, organizationFacts } from './index.ts';
import { DEFAULT_PROFILE, type OrganizationProfile } from './model.ts';

const database = testDatabase();
let door: Door;
let owner: string;

beforeAll(async () => {
  door = await openDoor(database.current, {
    mount: ({ users, clock, record }) => [
      organization({
        database: database.current,
        clock,
        record,
        namesOf: users.namesOf,
        frameworkIds: ['soc2', 'iso-27001', 'eu-ai-act'],
      }).routes,
    ],
  });
  owner = await door.setUp();
});
afterAll(() => door.close());
beforeEach(async () => {
  await database.current.pool.query('truncate organization, organization_scope_change');
  door.events.length = 0;
});

const PROFILE: OrganizationProfile = {
  companyName: 'Lumen Labs',
  legalName: 'Lumen Labs, Inc.',
  productName: 'Lumen Assist',
  productDescription: 'Answers questions about contracts.',
  kind: 'copilot_or_agent_builder',
  sectors: ['finance', 'saas_infrastructure'],
  headcount: 42,
  regions: ['north_america', 'european_union'],
  categories: ['security', 'processing_integrity'],
  frameworks: ['soc2', 'iso-27001'],
  reportType: 'type_2',
  observationWindow: { startsOn: '2027-01-01', endsOn: '2027-03-31' },
};
const get = (cookie = owner) => door.call('GET', 'organization', { cookie });
const put = (profile: unknown, revision: unknown = 0, cookie = owner) =>
  door.call('PUT', 'organization', { cookie, body: { profile, revision } });

describe('the company profile', () => {
  test('starts empty, with Security and SOC 2 in scope', async () => {
    expect((await get()).json()).toEqual({ profile: DEFAULT_PROFILE, revision: 0, updatedAt: null, scopeChanges: [] });
  });

  test('is kept as it was sent', async () => {
    const answer = await put(PROFILE);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ profile: PROFILE, revision: 1, updatedAt: '2026-11-23T09:00:00.000Z' });
    expect((await get()).json()).toEqual(answer.json());
  });

  test('keeps who changed the scope, when, from what to what', async () => {
    await put(PROFILE);
    door.clock.nowMs += 60_000;
    const { scopeChanges } = (await put({ ...PROFILE, categories: ['security'], headcount: 43 }, 1)).json();
    expect(scopeChanges).toHaveLength(5);
    expect(scopeChanges[0]).toEqual({
      field: 'categories',
      before: ['security', 'processing_integrity'],
      after: ['security'],
      changedAt: '2026-11-23T09:01:00.000Z',
      changedBy: { id: expect.stringMatching(/^usr_/), name: 'Olga Owner' },
    });
    expect(scopeChanges).toContainEqual(
      expect.objectContaining({ field: 'observationWindow', before: null, after: PROFILE.observationWindow }),
    );
    expect(door.events.map(({ body }) => body.changed)).toEqual([
      expect.arrayContaining(['categories', 'companyName']),
      ['categories', 'headcount'],
    ]);
    expect(door.events[1]).toMatchObject({
      type: 'organization.changed',
      body: { before: { categories: ['security', 'processing_integrity'] }, after: { categories: ['security'] } },
    });
  });

  test('saved without a change leaves no trace in the history', async () => {
    await put(PROFILE);
    door.events.length = 0;
    const answer = await put(PROFILE, 1);
    expect(answer.json().scopeChanges).toHaveLength(4);
    expect(door.events).toEqual([]);
  });

  test('is refused when somebody else changed it meanwhile', async () => {
    await put(PROFILE);
    const answer = await put({ ...PROFILE, companyName: 'Other' }, 0);
    expect(answer.statusCode).toBe(409);
    expect((await get()).json().profile.companyName).toBe('Lumen Labs');
  });

  test('takes one of two changes made at the same moment', async () => {
    await put(PROFILE);
    const answers = await Promise.all(['A', 'B'].map((companyName) => put({ ...PROFILE, companyName }, 1)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    expect((await get()).json().revision).toBe(2);
  });

  test('is not changed when the ledger cannot take it', async () => {
    door.failing.record = true;
    expect((await put(PROFILE)).statusCode).toBe(500);
    door.failing.record = false;
    expect((await get()).json()).toMatchObject({ revision: 0, scopeChanges: [] });
  });

  test.each([
    ['Security taken out of scope', { categories: ['privacy'] }, 'profile.categories', /must include security/],
    ['no category at all', { categories: [] }, 'profile.categories', /must include security/],
    ['a category twice', { categories: ['security', 'security'] }, 'profile.categories', /twice/],
    ['an unknown category', { categories: ['security', 'luck'] }, 'profile.categories.1', /./],
    ['SOC 2 taken out', { frameworks: ['iso-27001'] }, 'profile.frameworks', /must include soc2/],
    [
      'a window that ends before it starts',
      { observationWindow: { startsOn: '2027-03-01', endsOn: '2027-02-01' } },
      'profile.observationWindow.endsOn',
      /after the first day/,
    ],
    [
      'a day that does not exist',
      { observationWindow: { startsOn: '2027-02-30', endsOn: '2027-06-01' } },
      'profile.observationWindow.startsOn',
      /day/,
    ],
    ['half a person', { headcount: 1.5 }, 'profile.headcount', /./],
    ['a name without end', { companyName: 'x'.repeat(201) }, 'profile.companyName', /./],
    ['an unknown field', { status: 'certified' }, 'profile.status', /not known/],
    ['a missing field', { kind: undefined }, 'profile.kind', /./],
  ])('with %s is refused, naming the field', async (_what, change, field, message) => {
    const answer = await put({ ...PROFILE, ...change });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().fields[field]).toMatch(message);
    expect((await get()).json().revision).toBe(0);
  });

  test('with a framework the catalog does not hold is refused', async () => {
    const answer = await put({ ...PROFILE, frameworks: ['soc2', 'made-up'] });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain('"made-up"');
  });

  test('is read by an engineer and changed by compliance', async () => {
    const engineer = await door.join(owner, 'engineer');
    const compliance = await door.join(owner, 'compliance');
    expect((await get(engineer.cookie)).statusCode).toBe(200);
    expect((await put(PROFILE, 0, engineer.cookie)).statusCode).toBe(403);
    expect((await put(PROFILE, 0, compliance.cookie)).statusCode).toBe(200);
  });
});

test('the scope is a fact, also before anybody saved a profile', async () => {
  const before = await organizationFacts(database.current.drizzle);
  expect(before[0]?.body).toMatchObject({ named: false, categories: ['security'], windowFrom: null });
  await put(PROFILE);
  const [fact] = await organizationFacts(database.current.drizzle);
  expect(fact?.body).toEqual({
    named: true,
    categories: ['security', 'processing_integrity'],
    frameworks: ['soc2', 'iso-27001'],
    windowFrom: '2027-01-01',
    windowTo: '2027-03-31',
  });
});
