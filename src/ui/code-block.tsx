import { Button } from '@mantine/core';
import { useState } from 'react';
import classes from './code-block.module.css';
import { CopyButton } from './copy-button.tsx';

const LINES_SHOWN = 400;
const CHARACTERS_A_LINE = 4000;

/**
 * Untrusted text as it is, never interpreted: line numbers, copy, and a bound on how much is put on the page at once.
 * `firstLine` numbers a part of a file; `marked` points at one line.
 */
export function CodeBlock({
  text,
  label,
  numbered = true,
  firstLine = 1,
  marked,
}: {
  text: string;
  label: string;
  numbered?: boolean;
  firstLine?: number;
  marked?: number;
}) {
  const [all, setAll] = useState(false);
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = all ? lines : lines.slice(0, LINES_SHOWN);
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.bar}>
        <span className={classes.label}>{label}</span>
        <CopyButton text={text} what={label} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} aria-label={label} tabIndex={0}>
        <pre className={numbered ? classes.numbered : classes.plain} style={{ counterReset: `line ${firstLine - 1}` }}>
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text never move
            <span key={index} className={classes.line} data-marked={marked === firstLine + index || undefined}>
              {line.length > CHARACTERS_A_LINE ? `${line.slice(0, CHARACTERS_A_LINE)} …` : line}
              {'\n'}
            </span>
          ))}
        </pre>
      </section>
      {shown.length < lines.length ? (
        <div className={classes.more}>
          <span>
            {LINES_SHOWN.toLocaleString('en-US')} of {lines.length.toLocaleString('en-US')} lines
          </span>
          <Button variant="default" size="compact-xs" onClick={() => setAll(true)}>
            Show all
          </Button>
        </div>
      ) : null}
    </figure>
  );
}

/** JSON text with two spaces of indent, or the text itself where it is no JSON. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: the reader sees what is there.
    return text;
  }
}
