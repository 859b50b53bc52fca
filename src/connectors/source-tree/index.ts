export { type BomItem, type BomSubject, billOfMaterials, toCycloneDx } from './cyclonedx.ts';
export { DEFAULT_LIMITS, type ScanLimits } from './limits.ts';
export {
  ASSET_KINDS,
  type AssetKind,
  type Confidence,
  type Detection,
  type ScannedSystem,
  type ScanOptions,
  type ScanPhase,
  type ScanProgress,
  type ScanResult,
  type ScanStats,
  type Sighting,
  type Skipped,
} from './model.ts';
export type { DetectionRule } from './rule.ts';
export { RULES } from './rules/index.ts';
export { scanTree } from './scan.ts';
