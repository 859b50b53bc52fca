import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import classes from './palette-dialog.module.css';
import { matches } from './table-order.ts';

export type Command = { id: string; title: string; group: string; hint?: string; run: () => void };

const SHOWN_MAX = 40;

/** Everything that can be gone to, by typing a part of its name. */
export function PaletteDialog({
  commands,
  onClose,
  note,
}: {
  commands: readonly Command[];
  onClose: () => void;
  note?: string;
}) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const found = useMemo(() => {
    const words = query.trim();
    if (words === '') return commands.slice(0, SHOWN_MAX);
    const hits = commands.filter((command) =>
      matches(`${command.title} ${command.hint ?? ''} ${command.group}`, words),
    );
    // What begins with the query is meant more often than what only holds it.
    const starts = (command: Command) => Number(command.title.toLowerCase().startsWith(words.toLowerCase()));
    return hits.sort((a, b) => starts(b) - starts(a)).slice(0, SHOWN_MAX);
  }, [commands, query]);
  const current = Math.min(at, found.length - 1);

  function press(event: KeyboardEvent) {
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: found.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined && found.length > 0) {
      event.preventDefault();
      const next = (target + found.length) % found.length;
      setAt(next);
      list.current?.querySelector(`[data-at="${next}"]`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const command = found[current];
      if (command) {
        onClose();
        command.run();
      }
    }
  }

  return (
    <Modal.Root opened onClose={onClose} padding={0} size="36rem" yOffset="12vh" centered={false}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <div className={classes.field}>
          <IconSearch size={16} aria-hidden />
          <input
            className={classes.input}
            placeholder="Go to a page, control, criterion or system"
            aria-label="Search pages, controls, criteria and systems"
            role="combobox"
            aria-expanded
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={found[current] ? `${listId}-${current}` : undefined}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={press}
            data-autofocus
          />
        </div>
        <div className={classes.list} id={listId} role="listbox" aria-label="Results" ref={list} tabIndex={-1}>
          {found.map((command, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input above owns the keyboard (WAI-ARIA combobox)
            <div
              key={command.id}
              id={`${listId}-${index}`}
              data-at={index}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              className={classes.option}
              onMouseMove={() => setAt(index)}
              onClick={() => {
                onClose();
                command.run();
              }}
            >
              <span className={classes.title}>{command.title}</span>
              <span className={classes.hint}>{command.hint ?? command.group}</span>
            </div>
          ))}
        </div>
        <p className={classes.note} role="status">
          {found.length === 0 ? `Nothing is called “${query}”.` : (note ?? '')}
        </p>
      </Modal.Content>
    </Modal.Root>
  );
}
