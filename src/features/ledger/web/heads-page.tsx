import { Button, NumberInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Section } from '#src/ui/page.tsx';
import type { LedgerGrowth, SignedHeadRow } from '../model.ts';
import { HashPathDrawing } from './hash-path.tsx';
import classes from './ledger.module.css';
import { hexOf, LedgerFrame } from './ledger-frame.tsx';
import proofClasses from './proof.module.css';
import { checkGrowth } from './proof-check.ts';
import { CheckList } from './proof-section.tsx';
import { growthQuery, headsQuery } from './queries.ts';

const route = getRouteApi('/app/evidence/ledger/heads');

const COLUMNS: Column<SignedHeadRow>[] = [
  {
    key: 'size',
    title: 'Entries',
    numeric: true,
    narrow: 'title',
    text: ({ size }) => String(size),
    sort: ({ size }) => size,
    render: ({ size }) => size.toLocaleString('en-US'),
  },
  {
    key: 'root',
    title: 'Root',
    text: ({ root }) => hexOf(root),
    sort: false,
    render: ({ root }) => <Digest hex={hexOf(root)} what="root" />,
  },
  voicesColumn('cosigned', 'Cosigned by'),
  voicesColumn('stamped', 'Time-stamped by'),
  { key: 'at', title: 'Signed', text: ({ signedAt }) => signedAt, render: ({ signedAt }) => <When at={signedAt} /> },
  {
    key: 'compare',
    title: 'Compare',
    sort: false,
    text: () => '',
    render: ({ size }) => (
      <Link
        to="/evidence/ledger/heads"
        search={(held) => ({ ...held, older: size })}
        aria-label={`Compare from the head of ${size} entries`}
      >
        from here
      </Link>
    ),
  },
];

function voicesColumn(key: 'cosigned' | 'stamped', title: string): Column<SignedHeadRow> {
  return {
    key,
    title,
    sort: false,
    text: (head) => head[key].map(({ name, at }) => `${name} ${at}`).join('; '),
    render: (head) =>
      head[key].length === 0
        ? '–'
        : head[key].map(({ name, at }) => (
            <span key={name} className={classes.voice}>
              {name}, <When at={at} />
            </span>
          )),
  };
}

/** The signed heads, what others said about each, and whether the ledger only grew from one to another. */
export function HeadsPage() {
  const { log } = route.useSearch();
  // Another log begins at its newest head again.
  return <HeadsOf key={log ?? ''} log={log} />;
}

function HeadsOf({ log }: { log: string | undefined }) {
  const [before, setBefore] = useState<number>();
  const query = useQuery({ ...headsQuery(before, log), placeholderData: keepPreviousData });
  return (
    <LedgerFrame>
      <Loaded query={query} what="the signed heads">
        {({ items, nextCursor }) => (
          <>
            <Growth heads={items} />
            <Section
              title={log === undefined ? 'Signed heads' : 'Signed heads of a sealed ledger'}
              flush
              aside={
                log === undefined ? null : (
                  <Link to="/evidence/ledger/heads" search={{}}>
                    Back to the present ledger
                  </Link>
                )
              }
              lead={`${log === undefined ? '' : `Ledger ${log}. `}Each says how many entries there were and what they hash to. Whoever kept one can show later whether anything before it was changed.`}
            >
              <DataTable
                label="Signed heads"
                rows={items}
                columns={COLUMNS}
                rowKey={({ size }) => String(size)}
                fileName="ledger-heads"
                note={
                  before === undefined && nextCursor === undefined ? undefined : (
                    <span className={classes.pager}>
                      <Button
                        size="xs"
                        variant="default"
                        disabled={before === undefined}
                        onClick={() => setBefore(undefined)}
                      >
                        Newest
                      </Button>
                      <Button
                        size="xs"
                        variant="default"
                        disabled={nextCursor === undefined}
                        onClick={() => setBefore(Number(nextCursor))}
                      >
                        Older
                      </Button>
                    </span>
                  )
                }
                empty={
                  <Empty title="Nothing is signed yet">The first head is signed as soon as the server runs.</Empty>
                }
              />
            </Section>
          </>
        )}
      </Loaded>
    </LedgerFrame>
  );
}

function Growth({ heads }: { heads: readonly SignedHeadRow[] }) {
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const newer = search.newer ?? heads[0]?.size;
  const older = search.older ?? heads.find(({ size }) => size > 0 && size < (newer ?? 0))?.size ?? newer;
  const field = (name: 'older' | 'newer', label: string, value: number | undefined) => (
    <NumberInput
      label={label}
      value={value ?? ''}
      min={0}
      allowDecimal={false}
      allowNegative={false}
      onChange={(next) =>
        navigate({
          search: (held) => ({ ...held, [name]: typeof next === 'number' ? next : undefined }),
          replace: true,
        })
      }
    />
  );
  return (
    <Section
      title="Did the ledger only grow?"
      lead="Checked in this browser: the newer tree must begin with the whole of the older one. Take the size of a head you kept yourself."
    >
      <div className={classes.compared}>
        <div className={classes.sizes}>
          {field('older', 'Older head, entries', older)}
          {field('newer', 'Newer head, entries', newer)}
        </div>
        {older === undefined || newer === undefined ? null : (
          <GrowthProof older={older} newer={newer} log={search.log} />
        )}
      </div>
    </Section>
  );
}

function GrowthProof({ older, newer, log }: { older: number; newer: number; log: string | undefined }) {
  const query = useQuery(growthQuery(older, newer, log));
  return (
    <Loaded query={query} what="the proof">
      {(growth) => <CheckedGrowth growth={growth} />}
    </Loaded>
  );
}

function CheckedGrowth({ growth }: { growth: LedgerGrowth }) {
  const check = useMemo(() => checkGrowth(growth), [growth]);
  const rootOf = (size: number) => `Root of ${size.toLocaleString('en-US')} entries`;
  return (
    <div className={classes.growth}>
      <div>
        <CheckList ok={check.ok} checks={check.checks} right="It only grew" wrong="It did not only grow" />
      </div>
      {check.newer && check.older ? (
        <div className={classes.ways}>
          <div>
            <h3>To the newer root</h3>
            <HashPathDrawing
              key={check.newer.root}
              path={check.newer}
              root={rootOf(growth.newer.size)}
              label="Way from the newer root down to where the older tree ended"
            />
          </div>
          <div>
            <h3>The same hashes to the older root</h3>
            <HashPathDrawing
              key={check.older.root}
              path={check.older}
              root={rootOf(growth.older.size)}
              label="Way from the older root down to the same place"
            />
          </div>
        </div>
      ) : (
        <p className={proofClasses.detail}>
          {growth.older.size === 0
            ? 'The empty log is the beginning of every other one: there is nothing to draw.'
            : 'It is the same head twice: there is nothing to draw.'}
        </p>
      )}
    </div>
  );
}
