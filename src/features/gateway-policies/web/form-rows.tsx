import { Button, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import classes from './gateway.module.css';

export const NEW_ID = 'new';

/** A list of things that are each a few fields, with a way to add one and to take one away. */
export function Rows<Item>({
  title,
  lead,
  add,
  items,
  error,
  fresh,
  nameOf,
  onChange,
  children,
}: {
  title: string;
  lead: string;
  add: string;
  items: readonly Item[];
  error?: string | undefined;
  fresh: () => Item;
  nameOf: (item: Item) => string;
  onChange: (items: Item[]) => void;
  children: (item: Item, at: number, change: (item: Item) => void) => ReactNode;
}) {
  const addButton = useRef<HTMLButtonElement>(null);
  return (
    <fieldset className={classes.rows}>
      <legend>{title}</legend>
      <p className={classes.rowsLead}>{lead}</p>
      {error ? (
        <p role="alert" className={classes.rowsError}>
          {error}
        </p>
      ) : null}
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its fields hold no state of their own
        <div key={at} className={classes.rowOf}>
          <div>{children(item, at, (changed) => onChange(items.map((one, i) => (i === at ? changed : one))))}</div>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Remove ${nameOf(item)}`}
            onClick={() => {
              onChange(items.filter((_, i) => i !== at));
              // The button that was pressed is gone: the focus must not fall back to the top of the page.
              addButton.current?.focus();
            }}
          >
            Remove
          </Button>
        </div>
      ))}
      <Button
        ref={addButton}
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...items, fresh()])}
      >
        {add}
      </Button>
    </fieldset>
  );
}

/** An object written as JSON. While it is none, the last one that was stays. */
export function JsonField({
  label,
  description,
  value,
  error,
  onChange,
}: {
  label: string;
  description: string;
  value: Record<string, unknown> | null;
  error?: string | undefined;
  onChange: (value: Record<string, unknown> | null) => void;
}) {
  const [text, setText] = useState(value === null ? '' : JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState<string | null>(null);
  const read = (typed: string) => {
    setText(typed);
    try {
      const parsed: unknown = typed.trim() === '' ? null : JSON.parse(typed);
      if (parsed !== null && (typeof parsed !== 'object' || Array.isArray(parsed))) throw new Error('it is no object');
      setWrong(null);
      onChange(parsed as Record<string, unknown> | null);
    } catch (problem) {
      setWrong(`Not used yet: ${problem instanceof Error ? problem.message : 'this is not JSON'}`);
    }
  };
  return (
    <Textarea
      label={label}
      description={description}
      className={classes.document}
      autosize
      minRows={1}
      maxRows={20}
      maxLength={65_536}
      spellCheck={false}
      value={text}
      error={wrong ?? error}
      onChange={(event) => read(event.currentTarget.value)}
    />
  );
}
