import * as z from 'zod';
import { Who } from '#src/features/records/model.ts';

/*
 * Routes, all under /api/v1/inventory:
 *   GET    items                      ItemQuery -> ItemPage               inventory.read
 *   POST   items                      NewItem -> ItemDetail (201)         inventory.write
 *   GET    items/:id                  -> ItemDetail                       inventory.read
 *   PATCH  items/:id                  ItemDecision -> ItemDetail          inventory.write
 *   POST   items/decide               BulkDecision -> BulkOutcome         inventory.write
 *   POST   edges                      EdgeEnds -> Edge (201)              inventory.write
 *   DELETE edges/:fromId/:toId        -> 204 (edges drawn by hand only)   inventory.write
 *   GET    systems                    SystemQuery -> SystemPage           inventory.read
 *   POST   systems                    NewSystem -> SystemDetail (201)     inventory.write
 *   GET    systems/:id                -> SystemDetail                     inventory.read
 *   PATCH  systems/:id                SystemChange -> SystemDetail        inventory.write
 *   POST   systems/:id/scope          ScopeRequest -> SystemDetail        inventory.write
 *   POST   systems/:id/scope/review   ScopeReview -> SystemDetail         inventory.write, another person
 *   POST   systems/:id/attest         {} -> SystemDetail                  inventory.write
 *   GET    graph                      ?system= -> InventoryGraph          inventory.read
 *   GET    bom                        BomQuery -> CycloneDX 1.6 JSON      inventory.read
 */

export const ASSET_KINDS = {
  model: 'Model',
  training_pipeline: 'Training pipeline',
  dataset: 'Dataset',
  prompt: 'Prompt',
  inference_api: 'Inference API',
  agent: 'Agent',
  agent_tool: 'Agent tool',
  eval_suite: 'Evaluation suite',
  knowledge_base: 'Retrieval index',
  third_party_ai_service: 'Third-party AI service',
  guardrail: 'Guardrail',
} as const;
export type AssetKind = keyof typeof ASSET_KINDS;
export const AssetKind = z.enum(Object.keys(ASSET_KINDS) as [AssetKind, ...AssetKind[]]);

export const ITEM_STATES = {
  proposed: 'Proposed',
  confirmed: 'Confirmed',
  rejected: 'Rejected',
  gone: 'Gone',
} as const;
export const ItemState = z.enum(['proposed', 'confirmed', 'rejected', 'gone']);
export type ItemState = z.infer<typeof ItemState>;

export const Confidence = z.enum(['high', 'medium', 'low']);
export type Confidence = z.infer<typeof Confidence>;

export const SourceRef = z.object({ key: z.string(), title: z.string() });
export type SourceRef = z.infer<typeof SourceRef>;

/** One place where the item was seen. `line` is null where the whole file is meant. */
export const Sighting = z.object({
  path: z.string(),
  line: z.number().int().nullable(),
  rule: z.string(),
  factKey: z.string(),
});
export type Sighting = z.infer<typeof Sighting>;

/** `from` is null for the first entry. `by` is null where a scan caused the change. */
export const Change = z.object({
  at: z.string(),
  by: Who.nullable(),
  from: z.string().nullable(),
  to: z.string(),
  reason: z.string().nullable(),
});
export type Change = z.infer<typeof Change>;

export const Item = z
  .object({
    id: z.string(),
    kind: AssetKind,
    title: z.string(),
    state: ItemState,
    origin: z.enum(['scan', 'manual']),
    source: SourceRef.nullable(),
    provider: z.string().nullable(),
    system: z.object({ id: z.string(), name: z.string() }).nullable(),
    /** First place and its rule; null for items added by hand. `places` counts all of them. */
    path: z.string().nullable(),
    line: z.number().int().nullable(),
    rule: z.string().nullable(),
    confidence: Confidence.nullable(),
    /** What the place is for: product code, tests, examples, documentation or vendored code. Null for items added by hand. */
    purpose: z.string().nullable(),
    places: z.number().int(),
    proposedAt: z.string(),
    lastSeenAt: z.string().nullable(),
    goneAt: z.string().nullable(),
    decidedAt: z.string().nullable(),
    decidedBy: Who.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'InventoryItem' });
export type Item = z.infer<typeof Item>;

export const ItemPage = z.object({
  items: z.array(Item),
  total: z.number().int(),
  nextCursor: z.string().optional(),
  /** How many items of each kind and state there are under the same filters (without the filter on that field). */
  facets: z.object({ kind: z.record(z.string(), z.number().int()), state: z.record(z.string(), z.number().int()) }),
});
export type ItemPage = z.infer<typeof ItemPage>;

export const ItemQuery = z.object({
  kind: AssetKind.optional(),
  state: ItemState.optional(),
  /** A system's id, or `none` for items that belong to no system. */
  system: z.string().max(64).optional(),
  q: z.string().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type ItemQuery = z.infer<typeof ItemQuery>;

const Neighbor = z.object({
  id: z.string(),
  title: z.string(),
  kind: AssetKind,
  state: ItemState,
  origin: z.enum(['scan', 'manual']),
  /** Why the edge is there, e.g. `same file: app/chat.py`; null where a person drew it without saying. */
  because: z.string().nullable(),
});

export const ItemDetail = Item.extend({
  /** Facts about the item in words, e.g. `revision: main`. Untrusted text from the source. */
  details: z.record(z.string(), z.string()),
  /** Kind of the facts behind it; with a sighting's `factKey` it leads to them. Null for items added by hand. */
  factKind: z.string().nullable(),
  /** At most 50 of them; `places` has the count. */
  sightings: z.array(Sighting),
  uses: z.array(Neighbor),
  usedBy: z.array(Neighbor),
  history: z.array(Change),
  /** The evidence of the last reading of its source. */
  evidenceId: z.string().nullable(),
}).meta({ id: 'InventoryItemDetail' });
export type ItemDetail = z.infer<typeof ItemDetail>;

const Reason = z.string().trim().min(1).max(2000);

export const NewItem = z.strictObject({
  kind: AssetKind,
  title: z.string().trim().min(1).max(300),
  provider: z.string().trim().min(1).max(100).nullable().optional(),
  systemId: z.string().max(64).nullable().optional(),
  details: z.record(z.string().max(60), z.string().max(500)).optional(),
  /** Why it is added by hand: where it runs, who said so. */
  reason: Reason,
});
export type NewItem = z.infer<typeof NewItem>;

/** At least one member. Rejecting and declaring gone need a reason; only items added by hand can be declared gone. */
export const ItemDecision = z.strictObject({
  state: ItemState.optional(),
  reason: Reason.optional(),
  systemId: z.string().max(64).nullable().optional(),
});
export type ItemDecision = z.infer<typeof ItemDecision>;

export const BulkDecision = z.strictObject({
  ids: z.array(z.string().max(64)).min(1).max(1000),
  state: z.enum(['proposed', 'confirmed', 'rejected']).optional(),
  reason: Reason.optional(),
  systemId: z.string().max(64).nullable().optional(),
});
export type BulkDecision = z.infer<typeof BulkDecision>;

export const BulkOutcome = z.object({
  changed: z.number().int(),
  unchanged: z.number().int(),
  skipped: z.array(z.object({ id: z.string(), why: z.string() })),
});
export type BulkOutcome = z.infer<typeof BulkOutcome>;

export const EdgeEnds = z.strictObject({ fromId: z.string().max(64), toId: z.string().max(64) });
export const Edge = z.object({
  from: z.string(),
  to: z.string(),
  /** `uses`: item to item. `part_of`: item to system. */
  relation: z.enum(['uses', 'part_of']),
  origin: z.enum(['scan', 'manual']),
});
export type Edge = z.infer<typeof Edge>;

export const InventoryGraph = z
  .object({
    nodes: z.array(
      z.object({
        id: z.string(),
        type: z.enum(['system', 'item']),
        kind: z.string(),
        title: z.string(),
        state: z.string(),
        systemId: z.string().nullable(),
      }),
    ),
    edges: z.array(Edge),
    /** True where the graph was cut at its limit of nodes; `total` counts all items. */
    cut: z.boolean(),
    total: z.number().int(),
  })
  .meta({ id: 'InventoryGraph' });
export type InventoryGraph = z.infer<typeof InventoryGraph>;

export const BomQuery = z.object({
  /** `confirmed` leaves out what still waits for a decision. */
  state: z.enum(['all', 'confirmed']).default('all'),
});
/** ECMA-424 has the rest. */
export const Bom = z.looseObject({ bomFormat: z.literal('CycloneDX'), specVersion: z.literal('1.6') });

export const DATA_CLASSES = {
  public: 'Public',
  internal: 'Internal',
  confidential: 'Confidential',
  customer_content: 'Customer content',
  personal: 'Personal data',
  sensitive_personal: 'Sensitive personal data',
  credentials: 'Credentials',
} as const;
export type DataClass = keyof typeof DATA_CLASSES;
export const DataClass = z.enum(Object.keys(DATA_CLASSES) as [DataClass, ...DataClass[]]);
export const SENSITIVE_DATA_CLASSES: readonly DataClass[] = [
  'confidential',
  'customer_content',
  'personal',
  'sensitive_personal',
  'credentials',
];

export const ENVIRONMENTS = {
  production: 'Production',
  staging: 'Staging',
  development: 'Development',
  research: 'Research',
} as const;
export type Environment = keyof typeof ENVIRONMENTS;
export const Environment = z.enum(Object.keys(ENVIRONMENTS) as [Environment, ...Environment[]]);

export const AUTONOMY_LEVELS = [
  { level: 0, title: 'Suggests' },
  { level: 1, title: 'Acts with approval' },
  { level: 2, title: 'Acts with review after' },
  { level: 3, title: 'Acts alone' },
] as const;

export const SystemState = z.enum(['proposed', 'confirmed', 'rejected', 'retired']);
export type SystemState = z.infer<typeof SystemState>;
export const SYSTEM_STATES = {
  proposed: 'Proposed',
  confirmed: 'Confirmed',
  rejected: 'Rejected',
  retired: 'Retired',
} as const;

/** An attestation counts for one quarter. */
export const ATTESTATION_MAX_AGE_DAYS = 92;

export const SystemScope = z.object({
  decision: z.enum(['in', 'out', 'undecided']),
  reason: z.string().nullable(),
  decidedBy: Who.nullable(),
  /** The second person; set for exclusions only. */
  approvedBy: Who.nullable(),
  decidedAt: z.string().nullable(),
  /** An exclusion that waits for a second person; the decision above holds until then. */
  pending: z.object({ reason: z.string(), by: Who, at: z.string() }).nullable(),
  /** What the scoping rule says: in scope when it handles sensitive data, acts on its own or runs in production. */
  advice: z.object({ shouldBeIn: z.boolean(), because: z.array(z.string()) }),
});
export type SystemScope = z.infer<typeof SystemScope>;

export const AiSystem = z
  .object({
    id: z.string(),
    name: z.string(),
    state: SystemState,
    origin: z.enum(['scan', 'manual']),
    source: SourceRef.nullable(),
    /** Folder inside the source, `.` for its root. */
    root: z.string().nullable(),
    purpose: z.string().nullable(),
    owner: Who.nullable(),
    dataClasses: z.array(DataClass),
    riskTier: z.number().int().min(1).max(3).nullable(),
    environment: Environment.nullable(),
    autonomyLevel: z.number().int().min(0).max(3).nullable(),
    scope: SystemScope,
    attestation: z.object({
      state: z.enum(['never', 'current', 'due']),
      at: z.string().nullable(),
      by: Who.nullable(),
      dueAt: z.string().nullable(),
    }),
    /** Fields an auditor expects that are still empty, in words, e.g. `owner`. */
    missing: z.array(z.string()),
    counts: z.object({
      items: z.number().int(),
      proposed: z.number().int(),
      byKind: z.record(z.string(), z.number().int()),
    }),
    createdAt: z.string(),
  })
  .meta({ id: 'AiSystem' });
export type AiSystem = z.infer<typeof AiSystem>;

export const SystemPage = z.object({ items: z.array(AiSystem), total: z.number().int() });
export type SystemPage = z.infer<typeof SystemPage>;
export const SystemQuery = z.object({ state: SystemState.optional(), q: z.string().max(200).optional() });

export const SystemDetail = AiSystem.extend({ history: z.array(Change) }).meta({ id: 'AiSystemDetail' });
export type SystemDetail = z.infer<typeof SystemDetail>;

const systemFields = {
  name: z.string().trim().min(1).max(200),
  purpose: z.string().trim().min(1).max(4000).nullable(),
  /** Id of a user. */
  ownerId: z.string().max(64).nullable(),
  dataClasses: z
    .array(DataClass)
    .max(20)
    .refine((names) => new Set(names).size === names.length, 'must not name the same class twice'),
  riskTier: z.number().int().min(1).max(3).nullable(),
  environment: Environment.nullable(),
  autonomyLevel: z.number().int().min(0).max(3).nullable(),
};
export const NewSystem = z.strictObject({ name: systemFields.name }).extend(
  z
    .object({
      purpose: systemFields.purpose,
      ownerId: systemFields.ownerId,
      dataClasses: systemFields.dataClasses,
      riskTier: systemFields.riskTier,
      environment: systemFields.environment,
      autonomyLevel: systemFields.autonomyLevel,
    })
    .partial().shape,
);
export type NewSystem = z.infer<typeof NewSystem>;

/** Rejecting and retiring need a reason. Confirming a system leaves its items as they are. */
export const SystemChange = z
  .strictObject(systemFields)
  .partial()
  .extend({ state: SystemState.optional(), reason: Reason.optional() });
export type SystemChange = z.infer<typeof SystemChange>;

/** `out` needs a reason and waits for a second person. `undecided` takes a decision back. */
export const ScopeRequest = z.strictObject({ decision: z.enum(['in', 'out', 'undecided']), reason: Reason.optional() });
export type ScopeRequest = z.infer<typeof ScopeRequest>;
export const ScopeReview = z.strictObject({ decision: z.enum(['approved', 'refused']), comment: Reason.optional() });
export type ScopeReview = z.infer<typeof ScopeReview>;

/** The scoping rule for AI systems, with its reasons in words. */
export function scopeAdvice(system: {
  dataClasses: readonly string[];
  environment: string | null;
  autonomyLevel: number | null;
}): { shouldBeIn: boolean; because: string[] } {
  const because: string[] = [];
  const sensitive = system.dataClasses.filter((name) => (SENSITIVE_DATA_CLASSES as readonly string[]).includes(name));
  if (sensitive.length > 0)
    because.push(`handles ${sensitive.map((name) => DATA_CLASSES[name as DataClass].toLowerCase()).join(', ')}`);
  if ((system.autonomyLevel ?? 0) >= 1) because.push('takes decisions or actions on its own');
  if (system.environment === 'production') because.push('runs in production');
  return { shouldBeIn: because.length > 0, because };
}
