import type { ReactNode } from 'react';

/** Each state has its own silhouette, so that it is told apart without color. */
export type MarkShape =
  | 'check'
  | 'cross'
  | 'question'
  | 'clock'
  | 'half'
  | 'dash'
  | 'warning'
  | 'dotted'
  | 'running'
  | 'slash';

const SHAPES: Record<MarkShape, ReactNode> = {
  check: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="m5.2 8.2 2 2 3.7-4.2" />
    </>
  ),
  cross: (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z" fill="currentColor" />
      <path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6" stroke="var(--mark-inside)" />
    </>
  ),
  question: (
    <>
      <path d="M8 .9 15.1 8 8 15.1.9 8z" fill="currentColor" />
      <path d="M6.3 6.5c0-2.2 3.4-2.2 3.4 0 0 1.3-1.7 1.3-1.7 2.7m0 1.9v.1" stroke="var(--mark-inside)" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="M8 4.4V8l2.5 1.7" />
    </>
  ),
  half: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="M8 1.75a6.25 6.25 0 0 0 0 12.5z" fill="currentColor" />
    </>
  ),
  dash: (
    <>
      <rect x="1.75" y="1.75" width="12.5" height="12.5" rx="2" />
      <path d="M5 8h6" />
    </>
  ),
  warning: (
    <>
      <path d="M8 1.6 15 14.2H1z" fill="currentColor" />
      <path d="M8 6v4m0 2v.1" stroke="var(--mark-inside)" />
    </>
  ),
  dotted: <circle cx="8" cy="8" r="6.25" strokeDasharray="2.2 2.1" />,
  running: (
    <>
      <circle cx="8" cy="8" r="6.25" opacity="0.3" />
      <path d="M8 1.75A6.25 6.25 0 0 1 14.25 8" />
    </>
  ),
  slash: (
    <>
      <circle cx="8" cy="8" r="6.25" />
      <path d="m3.6 12.4 8.8-8.8" />
    </>
  ),
};

/** A mark without words. Decorative: always put the word beside it. */
export function StateMark({ shape, sizePx = 14 }: { shape: MarkShape; sizePx?: number }) {
  return (
    <svg
      width={sizePx}
      height={sizePx}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[shape]}
    </svg>
  );
}
