/** One text the model learns from. `attack` is the injected stretch of a document. */
export type TrainingRow = {
  text: string;
  label: 0 | 1;
  source: string;
  category: string;
  lang: string;
  attack?: string;
};
