import * as z from 'zod';
import { NOT_JUDGED_WORDS } from '#src/features/groundedness-checks/model.ts';

// A list of two and no tuple, as it is once it has come over HTTP.
const Pair = z.array(z.number()).length(2);

/** Who was to be judged over a time, who was, by what, and what came out: over the newest version of every window. */
export const JudgingSummary = z
  .object({
    eligible: z.int(),
    sampled: z.int(),
    judged: z.int(),
    /** Judged answers in which what counts was decided: the n of the rate. */
    decided: z.int(),
    notJudged: z.array(z.object({ reason: z.string(), n: z.int() })),
    methods: z.array(z.object({ method: z.string(), n: z.int() })),
    /** Of the last window that came to a rate. */
    last: z
      .object({
        startsAt: z.iso.datetime(),
        raw: z.number(),
        rawInterval: Pair.nullable(),
        corrected: z.number().nullable(),
        correctedInterval: Pair.nullable(),
        /** Answers on which two people agree, that the correction rests on. */
        gold: z.int(),
      })
      .nullable(),
  })
  .meta({ id: 'MonitorJudgingSummary' });
export type JudgingSummary = z.infer<typeof JudgingSummary>;

const REASONS: Readonly<Record<string, string>> = {
  ...NOT_JUDGED_WORDS,
  nothing_arrived: 'nobody sent the text',
  waiting: 'still waited when the window closed',
};

/** Why a sampled answer was not judged, in words. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ');
}

const count = (n: number) => n.toLocaleString('en-US');
export const percent = (value: number) => `${(100 * value).toFixed(value > 0 && value < 0.1 ? 2 : 1)} %`;

/** The same sentences on the page and in its PDF: what was sampled, what of it was judged and how, and what came out. */
export function judgingSentences({
  eligible,
  sampled,
  judged,
  decided,
  notJudged,
  methods,
  last,
}: JudgingSummary): string[] {
  const share = (part: number, whole: number) => (whole === 0 ? '' : ` (${percent(part / whole)})`);
  const sentences = [
    `${count(eligible)} answers had a context; ${count(sampled)}${share(sampled, eligible)} were sampled by the declared rule, ${count(judged)}${share(judged, sampled)} of them judged, ${count(decided)} decided.`,
  ];
  if (notJudged.length > 0)
    sentences.push(`Not judged: ${notJudged.map(({ reason, n }) => `${count(n)} ${reasonWords(reason)}`).join(', ')}.`);
  if (methods.length > 0)
    sentences.push(`Judged by ${methods.map(({ method, n }) => `${method} (${count(n)})`).join(', ')}.`);
  sentences.push(lastSentence(last));
  return sentences;
}

function lastSentence(last: JudgingSummary['last']): string {
  if (last === null) return 'No window came to a rate.';
  const within = (interval: readonly number[] | null) => (interval ? ` [${interval.map(percent).join(', ')}]` : '');
  const raw = `The window of ${last.startsAt.slice(0, 10)}: ${percent(last.raw)}${within(last.rawInterval)} unsupported as judged`;
  return last.corrected === null
    ? `${raw}; ${count(last.gold)} answers that two people labeled alike are too few, or of one kind, to correct it.`
    : `${raw}, ${percent(last.corrected)}${within(last.correctedInterval)} corrected by ${count(last.gold)} answers that two people labeled alike.`;
}
