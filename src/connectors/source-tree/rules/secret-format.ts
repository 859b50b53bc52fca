import type { DetectionRule, Example, PositiveExample } from '../rule.ts';

type SecretFormat = {
  detector: string;
  title: string;
  literals: readonly string[];
  /** Captures the secret as `value`. */
  pattern: RegExp;
  /** What every secret of the format begins with; shown when masked. */
  prefix: string;
  confidence?: 'high' | 'medium';
  needs?: readonly string[];
  positive: readonly PositiveExample[];
  nearMiss: readonly Example[];
};

export function secretFormat(format: SecretFormat): DetectionRule {
  return {
    id: `secret.${format.detector}`,
    title: format.title,
    kind: 'secret',
    confidence: format.confidence ?? 'high',
    files: {},
    match: { form: 'line', literals: format.literals, pattern: format.pattern, standing: 'anywhere' },
    sets: { detector: format.detector, prefix: format.prefix },
    ...(format.needs ? { needs: format.needs } : {}),
    examples: { positive: format.positive, nearMiss: format.nearMiss },
  };
}
