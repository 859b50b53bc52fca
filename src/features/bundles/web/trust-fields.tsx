import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { FileDrop } from '#src/ui/file-drop.tsx';
import classes from './bundles.module.css';
import type { GivenHead } from './given-heads.ts';
import type { Trust } from './verify-worker.ts';

export const NO_TRUST: Trust = { policy: '', trustedAuthorities: '', heads: [] };

// A policy, a list of certificates and a signed note are small; anything larger is something else.
const FILE_BYTES_MAX = 262_144;
const HEADS_MAX = 200;

/** What a reader brings along to judge a bundle by: typed, or dropped as files that are told apart by what is in them. */
export function TrustFields({ trust, onChange }: { trust: Trust; onChange: (change: (held: Trust) => Trust) => void }) {
  const [refused, setRefused] = useState<string | null>(null);
  const set = (change: Partial<Trust>) => onChange((held) => ({ ...held, ...change }));
  async function take(file: File) {
    setRefused(null);
    const text = file.size > FILE_BYTES_MAX ? '' : await file.text();
    // Of files with one name the folder tells which is which, where the browser says it.
    const name = file.webkitRelativePath || file.name;
    if (text.includes('-----BEGIN CERTIFICATE-----'))
      onChange((held) => ({ ...held, trustedAuthorities: joined(held.trustedAuthorities, text) }));
    else if (/^[^\n]+\n\d+\n[A-Za-z0-9+/]{43}=\n/.test(text)) onChange((held) => withHead(held, { name, note: text }));
    else if (/^(log|witness|group|quorum) /m.test(text)) set({ policy: text });
    else setRefused(`${name} is none of these: a policy, a certificate in PEM form, or a signed head.`);
  }
  return (
    <>
      <FileDrop
        label="Drop policies, certificates and heads here"
        note="Told apart by what is in them. They stay on this machine too."
        multiple
        onFiles={(files) => {
          for (const file of files) void take(file);
        }}
      />
      {refused ? (
        <p role="alert" className={classes.problem}>
          {refused}
        </p>
      ) : null}
      <Textarea
        mt="xs"
        label="Policy"
        description="A C2SP tlog-policy, such as “log” and the public key you were given, and the witnesses you ask for. Without one the key in the bundle is taken, and nothing says whose it is."
        rows={4}
        spellCheck={false}
        classNames={{ input: classes.code }}
        value={trust.policy}
        onChange={(event) => set({ policy: event.currentTarget.value })}
      />
      <Textarea
        mt="xs"
        label="Time-stamp authorities"
        description="Root certificates in PEM form. Without any those in the bundle are taken, and nothing says whose they are."
        rows={4}
        spellCheck={false}
        classNames={{ input: classes.code }}
        value={trust.trustedAuthorities}
        onChange={(event) => set({ trustedAuthorities: event.currentTarget.value })}
      />
      <div className={classes.heads}>
        <p id="given-heads">Heads kept elsewhere: {trust.heads.length === 0 ? 'none' : null}</p>
        {trust.heads.length > 0 ? (
          <>
            <ul aria-labelledby="given-heads">
              {trust.heads.map(({ name, note }) => (
                <li key={name}>
                  {name} ({note.split('\n')[1]} entries)
                </li>
              ))}
            </ul>
            <Button variant="default" size="compact-sm" onClick={() => set({ heads: [] })}>
              Remove the heads
            </Button>
          </>
        ) : null}
        <p className={classes.quiet}>
          From a mirror you looked at yourself: the file of its folder “checkpoints” that is named by the number of
          entries of the bundle’s head, or a head you kept from an earlier time.
        </p>
      </div>
    </>
  );
}

function joined(held: string, more: string): string {
  return held.includes(more.trim()) ? held : `${held}${held === '' || held.endsWith('\n') ? '' : '\n'}${more}`;
}

function withHead(held: Trust, head: GivenHead): Trust {
  if (held.heads.some(({ name, note }) => name === head.name && note === head.note)) return held;
  const taken = held.heads.some(({ name }) => name === head.name);
  const named = taken ? { ...head, name: `${head.name} (${held.heads.length + 1})` } : head;
  return { ...held, heads: [...held.heads, named].slice(-HEADS_MAX) };
}
