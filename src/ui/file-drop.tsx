import { Button } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import classes from './file-drop.module.css';

/**
 * A place to drop a file, or to choose it; with `multiple` as many as one likes, all told at once. `note` says what is accepted
 * and where it goes.
 */
export function FileDrop({
  label,
  note,
  accept,
  multiple = false,
  onFiles,
  chosen = [],
}: {
  label: string;
  note: string;
  accept?: string;
  multiple?: boolean;
  onFiles: (files: readonly File[]) => void;
  chosen?: readonly File[];
}) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  function take(list: FileList | null) {
    const files = [...(list ?? [])].slice(0, multiple ? undefined : 1);
    if (files.length > 0) onFiles(files);
  }
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
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
        {chosen.length === 0 ? <p>{label}</p> : null}
        {chosen.map((file) => (
          <p key={file.name} className={classes.chosen}>
            {file.name} <span>({formatBytes(file.size)})</span>
          </p>
        ))}
        <p className={classes.note}>{note}</p>
      </div>
      <Button variant="default" onClick={() => input.current?.click()}>
        {multiple ? 'Choose files' : chosen.length > 0 ? 'Choose another file' : 'Choose a file'}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        multiple={multiple}
        aria-label={label}
        onChange={(event) => {
          // Emptied after it was read, so that choosing the same file again is noticed.
          take(event.currentTarget.files);
          event.currentTarget.value = '';
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
