import type { DetectionRule, Example, ImportMatch, PositiveExample } from '../rule.ts';
import { CODE_LANGUAGES, CONFIG_LANGUAGES, type Language } from '../text/language.ts';

type Examples = { positive: readonly PositiveExample[]; nearMiss: readonly Example[] };

/** What is known of one outside AI service: how its SDK is imported, where it answers, what its keys are called. */
export type AiServiceSigns = {
  /** Slug used in facts, e.g. `aws-bedrock`. */
  provider: string;
  name: string;
  sdk?: { modules: ImportMatch['modules']; unless?: RegExp; examples: Examples };
  /** Host names; `*` stands for any part of one. */
  hosts?: { names: readonly string[]; examples: Examples };
  /** Names of environment variables, or the part of them that tells the provider. */
  keys?: { names: readonly string[]; examples: Examples };
};

const CODE_AND_CONFIG: readonly Language[] = [...CODE_LANGUAGES, ...CONFIG_LANGUAGES];
const WILDCARD = '[A-Za-z0-9{}$_.-]{1,80}';

/** The rules for one service: import of its SDK, its address, the name of its key. */
export function aiService(signs: AiServiceSigns): DetectionRule[] {
  const { provider, name } = signs;
  const rules: DetectionRule[] = [];
  if (signs.sdk)
    rules.push({
      id: `service.${provider}.sdk`,
      title: `${name} SDK`,
      kind: 'third_party_ai_service',
      confidence: 'high',
      files: {},
      match: { form: 'import', modules: signs.sdk.modules, ...(signs.sdk.unless ? { unless: signs.sdk.unless } : {}) },
      sets: { provider },
      examples: signs.sdk.examples,
    });
  if (signs.hosts)
    rules.push({
      id: `service.${provider}.address`,
      title: `Address of ${name}`,
      kind: 'third_party_ai_service',
      confidence: 'high',
      files: { languages: CODE_AND_CONFIG },
      match: {
        form: 'line',
        literals: signs.hosts.names.map(longestFixedPart),
        pattern: new RegExp(
          `(?<![\\w.-])(?:(?:https?|wss?):\\/\\/)?(?<![\\w.-])(?<host>${signs.hosts.names.map(hostPattern).join('|')})(?![\\w-])(?!\\.[A-Za-z0-9])`,
        ),
        standing: 'whole',
      },
      sets: { provider },
      examples: signs.hosts.examples,
    });
  if (signs.keys)
    rules.push({
      id: `service.${provider}.key-name`,
      title: `Name of a key for ${name}`,
      kind: 'third_party_ai_service',
      confidence: 'medium',
      files: { languages: CODE_AND_CONFIG },
      match: {
        form: 'line',
        literals: signs.keys.names,
        pattern: new RegExp(
          `(?<![A-Za-z0-9_])${provider.startsWith('azure') ? '' : '(?!AZURE_)'}(?<keyName>(?:[A-Z][A-Z0-9_]{0,40}_)?(?:${signs.keys.names.join('|')})(?:_[A-Z0-9_]{1,30})?)(?![A-Za-z0-9_])`,
        ),
        standing: 'strings',
      },
      sets: { provider },
      examples: signs.keys.examples,
    });
  return rules;
}

function longestFixedPart(host: string): string {
  return host.split('*').reduce((best, part) => (part.length > best.length ? part : best), '');
}

function hostPattern(host: string): string {
  return host
    .split('*')
    .map((part) => part.replaceAll('.', '\\.'))
    .join(WILDCARD);
}
