import type { JudgePlace } from '#src/features/evaluations/model.ts';
import type { Metric, MetricType, STREAM_DETECTORS } from '../model.ts';

/** Everything a metric can ask for, as it is typed. */
export type MetricForm = {
  type: MetricType;
  eventKind: string;
  field: string;
  label: string;
  equals: string;
  percent: string;
  worse: 'higher' | 'lower';
  groupBy: string;
  groups: string;
  sample: string;
  among: 'positives' | 'negatives';
  detector: (typeof STREAM_DETECTORS)[number];
  of: 'answers' | 'claims';
  corrected: 'raw' | 'corrected';
  salt: string;
  rate: string;
  /** One a line: `route=rare: 1`. */
  strata: string;
  leastJudged: string;
  labelRate: string;
  /** `route:ID` or `provider:ID`; empty for none. */
  judgePlace: string;
  judgeModel: string;
  callsPerHour: string;
  tokensPerHour: string;
};

export const FIRST_FORM: MetricForm = {
  type: 'rate',
  eventKind: 'operation',
  field: '',
  label: '',
  equals: '',
  percent: '95',
  worse: 'higher',
  groupBy: '',
  groups: '',
  sample: '300',
  among: 'positives',
  detector: 'adwin',
  of: 'answers',
  corrected: 'raw',
  salt: 'sample',
  rate: '0.1',
  strata: '',
  leastJudged: '0.95',
  labelRate: '0.1',
  judgePlace: '',
  judgeModel: '',
  callsPerHour: '100',
  tokensPerHour: '500000',
};

type Part = Exclude<keyof MetricForm, 'type'>;

const PARTS: Record<MetricType, readonly Part[]> = {
  numeric_drift: ['eventKind', 'field'],
  categorical_drift: ['eventKind', 'field'],
  embedding_drift: ['eventKind', 'field'],
  embedding_mmd_drift: ['eventKind', 'field', 'sample'],
  embedding_classifier_drift: ['eventKind', 'field', 'sample'],
  rate: ['eventKind', 'field', 'equals', 'worse'],
  missing_rate: ['eventKind', 'field'],
  mean: ['eventKind', 'field', 'worse'],
  percentile: ['eventKind', 'field', 'percent'],
  distinct: ['eventKind', 'field', 'worse'],
  volume: ['eventKind'],
  completeness: [],
  calibration: ['field', 'label'],
  calibration_equal_mass: ['field', 'label'],
  brier: ['field', 'label'],
  roc_auc: ['field', 'label'],
  estimated_accuracy: ['field', 'label'],
  estimated_roc_auc: ['field', 'label'],
  fairness: ['eventKind', 'field', 'equals', 'groupBy', 'groups'],
  fairness_outcome: ['among', 'field', 'equals', 'label', 'groupBy', 'groups'],
  fairness_calibration: ['field', 'label', 'groupBy', 'groups'],
  stream_change: ['eventKind', 'field', 'detector', 'equals'],
  hallucination: ['of', 'corrected', 'salt', 'rate', 'strata', 'leastJudged', 'labelRate', 'judgePlace'],
};

/** Parts that may stay empty; then they are left out. */
const OPTIONAL: Partial<Record<MetricType, readonly Part[]>> = { stream_change: ['equals'] };

export function isOptional(type: MetricType, part: Part): boolean {
  return OPTIONAL[type]?.includes(part) ?? false;
}

export function partsOf(type: MetricType): ReadonlySet<Part> {
  return new Set(PARTS[type]);
}

/** What was typed as a metric; the server says what is wrong with it. */
export function metricOf(form: MetricForm): Metric {
  if (form.type === 'hallucination') return hallucinationOf(form);
  const parts = partsOf(form.type);
  const made: Record<string, unknown> = { type: form.type };
  for (const part of parts) {
    if (isOptional(form.type, part) && form[part].trim() === '') continue;
    if (part === 'equals') made.equals = listOf(form.equals).map(scalarOf);
    else if (part === 'groups') made.groups = listOf(form.groups);
    else if (part === 'percent' || part === 'sample') made[part] = Number(form[part]);
    else made[part] = form[part].trim();
  }
  if (form.type === 'missing_rate') made.expects = 'anything';
  if (form.type === 'estimated_accuracy') made.cut = 0.5;
  return made as Metric;
}

function hallucinationOf(form: MetricForm): Metric {
  return {
    type: 'hallucination',
    of: form.of,
    corrected: form.corrected === 'corrected',
    sampling: { salt: form.salt.trim(), rate: Number(form.rate), strata: strataOf(form.strata) },
    leastJudged: Number(form.leastJudged),
    labelRate: Number(form.labelRate),
    ...(form.judgePlace !== '' && {
      judge: {
        ...placeOf(form.judgePlace),
        model: form.judgeModel.trim(),
        callsPerHour: Number(form.callsPerHour),
        tokensPerHour: Number(form.tokensPerHour),
      },
    }),
  };
}

function placeOf(judgePlace: string): JudgePlace {
  const id = judgePlace.slice(judgePlace.indexOf(':') + 1);
  return judgePlace.startsWith('route:') ? { routeId: id } : { providerId: id };
}

/** `key=value: share`, one a line; what cannot be read stays in, for the server to name it. */
function strataOf(text: string): { key: string; value: string; rate: number }[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, key = '', value = '', rate = ''] = /^([^=]*)=(.*):([^:]*)$/.exec(line) ?? [];
      return { key: key.trim(), value: value.trim(), rate: Number(rate) };
    });
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** `true`, `false` and numbers as what they are in events; in double quotes, or anything else, as text. */
function scalarOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^".*"$/s.test(text)) return text.slice(1, -1);
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? number : text;
}
