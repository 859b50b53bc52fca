import { Button } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import classes from './file-drop.module.css';

/** A place to drop one file, or to choose it. `note` says what is accepted and where the file goes. */
export function FileDrop({
  label,
  note,
  accept,
  onFile,
  chosen,
}: {
  label: string;
  note: string;
  accept?: string;
  onFile: (file: File) => void;
  chosen?: File | null;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the second way; the button inside is the first
    <div
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={22} stroke={1.5} aria-hidden />
      <div className={classes.words}>
        {chosen ? (
          <p className={classes.chosen}>
            {chosen.name} <span>({formatBytes(chosen.size)})</span>
          </p>
        ) : (
          <p>{label}</p>
        )}
        <p className={classes.note}>{note}</p>
      </div>
      <Button variant="default" onClick={() => input.current?.click()}>
        {chosen ? 'Choose another file' : 'Choose a file'}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        aria-label={label}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // Emptied, so that choosing the same file again is noticed.
          event.currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </div>
  );
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `1500` as `1.5 KB`; units of 1,000 as storage makers count. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toLocaleString('en-US', { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}
