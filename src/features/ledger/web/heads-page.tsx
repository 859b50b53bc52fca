import { NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
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

/** The signed heads, and whether the ledger only grew from one to another. */
export function HeadsPage() {
  const query = useQuery(headsQuery);
  return (
    <LedgerFrame>
      <Loaded query={query} what="the signed heads">
        {({ items }) => (
          <>
            <Growth heads={items} />
            <Section
              title="Signed heads"
              flush
              lead="Each says how many entries there were and what they hash to. Whoever kept one can show later whether anything before it was changed."
            >
              <DataTable
                label="Signed heads"
                rows={items}
                columns={COLUMNS}
                rowKey={({ size }) => String(size)}
                fileName="ledger-heads"
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
        {older === undefined || newer === undefined ? null : <GrowthProof older={older} newer={newer} />}
      </div>
    </Section>
  );
}

function GrowthProof({ older, newer }: { older: number; newer: number }) {
  const query = useQuery(growthQuery(older, newer));
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
