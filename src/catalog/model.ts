/**
 * Shapes of the catalog: the program as data. Browser-safe; what a file under `catalog/` holds is what these schemas say,
 * key for key, so a name reads the same in the file, in code and in the API.
 */
import type { Audit } from './audit.ts';
import type { Control } from './control.ts';
import type { Criterion, CrossMap, Framework } from './framework.ts';
import type { Glossary, Vocabulary } from './glossary.ts';
import type { Policy } from './policy.ts';
import type { InboundQuestionnaire, VendorQuestionnaire } from './questionnaire.ts';
import type { Readiness } from './readiness.ts';
import type { RiskLibrary } from './risk.ts';
import type { VendorRules } from './vendor.ts';

export * from './audit.ts';
export * from './control.ts';
export * from './framework.ts';
export * from './glossary.ts';
export * from './policy.ts';
export * from './questionnaire.ts';
export * from './readiness.ts';
export * from './risk.ts';
export * from './vendor.ts';

/** The whole catalog, every reference checked. Lists keep the order of the files. */
export type Catalog = {
  vocabulary: Vocabulary;
  frameworks: Framework[];
  /** The 61 Trust Services Criteria: the requirements of `soc2`, flat. */
  criteria: Criterion[];
  controls: Control[];
  risks: RiskLibrary;
  readiness: Readiness;
  inboundQuestionnaire: InboundQuestionnaire;
  vendorQuestionnaire: VendorQuestionnaire;
  vendors: VendorRules;
  policies: Policy[];
  audit: Audit;
  crossMap: CrossMap;
  glossary: Glossary;
};
