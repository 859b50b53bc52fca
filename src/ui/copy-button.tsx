import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './copy-button.module.css';

const SHOWN_MS = 1500;

/** Copies `text`. `what` names it for people who do not see it: "Copy digest". */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      // Browsers refuse the clipboard outside secure pages; the reader has to be told, or would paste something old.
      setOutcome('refused');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOutcome('idle'), SHOWN_MS);
  }

  const said = outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'The browser refused to copy' : `Copy ${what}`;
  return (
    <button type="button" className={classes.button} onClick={copy} aria-label={`Copy ${what}`} title={said}>
      {outcome === 'copied' ? (
        <IconCheck size={14} stroke={2} aria-hidden />
      ) : (
        <IconCopy size={14} stroke={1.75} aria-hidden />
      )}
      <span role="status" className={classes.said}>
        {outcome === 'idle' ? '' : said}
      </span>
    </button>
  );
}
