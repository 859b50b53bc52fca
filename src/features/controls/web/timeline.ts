export type Span<State extends string = string> = {
  fromAt: string;
  toAt: string | null;
  state: State;
  because: string;
};
export type Segment<State extends string> = Span<State> & { leftPercent: number; widthPercent: number };

// A state that lasted a second would not be seen in a year; it is drawn at least this wide.
const WIDTH_MIN_PERCENT = 0.6;

/** Where each span stands between two instants (Unix milliseconds), in percent; spans outside are left out. */
export function segmentsOf<State extends string>(
  spans: readonly Span<State>[],
  fromMs: number,
  toMs: number,
): Segment<State>[] {
  const length = Math.max(1, toMs - fromMs);
  return spans.flatMap((span) => {
    const starts = Math.max(Date.parse(span.fromAt), fromMs);
    const ends = Math.min(span.toAt === null ? toMs : Date.parse(span.toAt), toMs);
    if (ends < starts || starts > toMs) return [];
    const widthPercent = Math.max(((ends - starts) / length) * 100, WIDTH_MIN_PERCENT);
    return [{ ...span, leftPercent: Math.min(((starts - fromMs) / length) * 100, 100 - widthPercent), widthPercent }];
  });
}

/** The span that holds at an instant (Unix milliseconds): from its first moment up to the first moment of the next. */
export function spanAt<State extends string>(spans: readonly Span<State>[], atMs: number): Span<State> | undefined {
  return spans.find(({ fromAt, toAt }) => Date.parse(fromAt) <= atMs && (toAt === null || atMs < Date.parse(toAt)));
}
