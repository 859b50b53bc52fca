import type { DetectionRule, Example, PositiveExample } from '../rule.ts';
import { madeUp } from './secret-samples.ts';

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

/** A format that is a fixed start and a body of known signs: its examples follow from it. */
export function prefixed(parts: {
  detector: string;
  title: string;
  prefix: string;
  body: string;
  alphabet: string;
  length: number;
  confidence?: 'high' | 'medium';
  sample?: string;
}): DetectionRule {
  const { detector, title, prefix, body, alphabet, length } = parts;
  const sample = parts.sample ?? madeUp(prefix, alphabet, length);
  return secretFormat({
    detector,
    title,
    literals: [prefix],
    pattern: new RegExp(
      `(?<![A-Za-z0-9_-])(?<value>${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${body})(?![A-Za-z0-9_-])`,
    ),
    prefix,
    ...(parts.confidence ? { confidence: parts.confidence } : {}),
    positive: [
      { path: 'app/config.py', text: `import os\nKEY = "${sample}"\n`, line: 2 },
      { path: '.env', text: `KEY=${sample}\n`, line: 1 },
      { path: 'README.md', text: `Run with \`${sample}\`.\n`, line: 1 },
    ],
    nearMiss: [
      { path: 'app/config.py', text: `KEY = "${sample.slice(0, prefix.length + 4)}"\n` },
      { path: 'app/config.py', text: `KEY = "x${sample}"\n` },
    ],
  });
}
