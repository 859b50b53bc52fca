import { byPlace, type DetectorName, type Finding } from './finding.ts';
import { compileInjection, type InjectionOptions, type Role } from './injection/detect-injection.ts';
import type { Model } from './injection/model.ts';
import { SHIPPED_MODEL } from './injection/shipped-model.ts';
import { compilePersonalData, type PersonalDataOptions } from './personal/detect-personal-data.ts';
import { compileLeak, type LeakOptions } from './prompt-leak/detect-leak.ts';
import { compileSecrets, type SecretsOptions } from './secrets/detect-secrets.ts';
import { compileTerms, type TermsOptions } from './terms/detect-terms.ts';
import { clean } from './text/clean.ts';
import { normalize } from './text/normalize.ts';

export type { DetectorName, Finding } from './finding.ts';
export type { Role } from './injection/detect-injection.ts';

/** Which detectors run, with their settings. Absent: off. */
export type DetectSettings = {
  injection?: InjectionOptions & { model?: Model };
  personalData?: PersonalDataOptions;
  secrets?: SecretsOptions;
  /** For answers of a model. */
  promptLeak?: LeakOptions;
  terms?: TermsOptions;
  /** Texts longer than this are cut there and reported as incomplete. Default 4 Mi UTF-16 units. */
  mostUnits?: number;
};

export type Detection = {
  /** Ordered by place. Findings of different detectors may overlap. */
  findings: Finding[];
  /** Log-odds of the injection model above its threshold; null when it did not run. */
  injectionScore: number | null;
  /** Detectors that ran. One that is not here has not evaluated the text, which is not the same as having found nothing. */
  ran: DetectorName[];
  /** False when the text was longer than `mostUnits`: what follows was not looked at. */
  complete: boolean;
};

export type Detector = (text: string, role: Role) => Detection;

const DEFAULT_MOST_UNITS = 4 * 1024 * 1024;

/** Everything on, with defaults. */
export const ALL_DETECTORS: DetectSettings = { injection: {}, personalData: {}, secrets: {} };

/**
 * Compiles settings once; the result judges texts. Pure, deterministic, linear in the length of the text. The role says who
 * a text comes from; the operator's own system prompt is never judged for injection.
 */
export function compileDetector(settings: DetectSettings = ALL_DETECTORS): Detector {
  const injection =
    settings.injection && compileInjection(settings.injection.model ?? SHIPPED_MODEL, settings.injection);
  const personalData = settings.personalData && compilePersonalData(settings.personalData);
  const secrets = settings.secrets && compileSecrets(settings.secrets);
  const promptLeak = settings.promptLeak && compileLeak(settings.promptLeak);
  const terms = settings.terms && compileTerms(settings.terms);
  const mostUnits = settings.mostUnits ?? DEFAULT_MOST_UNITS;
  return (whole, role) => {
    const complete = whole.length <= mostUnits;
    const text = complete ? whole : whole.slice(0, mostUnits);
    const judgesInjection = injection !== undefined && role !== 'system' && role !== 'assistant';
    // Data is looked for in the text as a reader sees it; the other forms are made only for who reads them.
    const forms = judgesInjection || (promptLeak && role === 'assistant') || terms ? normalize(text) : null;
    const cleaned = forms === null ? clean(text).mapped : forms.clean;
    const findings: Finding[] = [];
    const ran: DetectorName[] = [];
    let injectionScore: number | null = null;
    if (judgesInjection && forms !== null) {
      const judged = injection(forms, role);
      findings.push(...judged.findings);
      injectionScore = judged.score;
      ran.push('injection');
    }
    if (personalData) {
      findings.push(...personalData(cleaned));
      ran.push('personal-data');
    }
    if (secrets) {
      findings.push(...secrets(cleaned));
      ran.push('secrets');
    }
    if (promptLeak && role === 'assistant' && forms !== null) {
      findings.push(...promptLeak(forms));
      ran.push('prompt-leak');
    }
    if (terms && forms !== null) {
      findings.push(...terms(forms.plain));
      ran.push('terms');
    }
    return { findings: findings.sort(byPlace), injectionScore, ran, complete };
  };
}

const compiled = new WeakMap<DetectSettings, Detector>();

/** `compileDetector` for one text; keeps what it compiled for the same settings object. */
export function detect(text: string, options: { role?: Role; settings?: DetectSettings } = {}): Detection {
  const settings = options.settings ?? ALL_DETECTORS;
  let detector = compiled.get(settings);
  if (detector === undefined) {
    detector = compileDetector(settings);
    compiled.set(settings, detector);
  }
  return detector(text, options.role ?? 'user');
}
