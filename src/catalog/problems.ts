/** One thing wrong with the catalog, where a person can go and fix it. `line` is null where the whole file is meant. */
export type Problem = { file: string; line: number | null; message: string };

/** Collects every problem, so that one run shows them all. */
export class Problems {
  readonly list: Problem[] = [];

  add(file: string, line: number | null, message: string): void {
    this.list.push({ file, line, message });
  }
}

/** `catalog/controls/x.yaml:12: control AIG-99 does not exist`. */
export function formatProblem({ file, line, message }: Problem): string {
  return line === null ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
