import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { TabLinks } from '#src/apps/web/tab-links.tsx';
import { EvidenceFrame } from '#src/features/evidence/web/evidence-frame.tsx';
import { fromBase64, toHex } from '#src/ledger/log/bytes.ts';
import { Digest } from '#src/ui/digest.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts } from '#src/ui/page.tsx';
import classes from './ledger.module.css';
import { liveLedgerQuery } from './queries.ts';

/** What the pages of the ledger share: its newest head, which is kept up to date, and the way between them. */
export function LedgerFrame({ children }: { children: ReactNode }) {
  const head = useQuery(liveLedgerQuery);
  return (
    <EvidenceFrame tab="Ledger">
      <div className={classes.views}>
        <TabLinks
          label="Ledger"
          tabs={[
            { to: '/evidence/ledger', title: 'Entries' },
            { to: '/evidence/ledger/heads', title: 'Signed heads' },
            { to: '/evidence/ledger/exports', title: 'Who exported what' },
            { to: '/evidence/ledger/logs', title: 'Sealed ledgers' },
          ]}
        />
      </div>
      <Loaded query={head} what="the ledger" rows={3}>
        {(ledger) => (
          <Facts
            columns={2}
            rows={{
              Entries: ledger.size.toLocaleString('en-US'),
              Signed: <When at={ledger.signedAt} both />,
              Root: <Digest hex={hexOf(ledger.root)} what="root" />,
              Waiting: ledger.pending.toLocaleString('en-US'),
              Assurance: `${ledger.level ?? 'none'}. ${ledger.assurance.stillPossible}`,
              Origin: <code className={classes.origin}>{ledger.origin}</code>,
            }}
          />
        )}
      </Loaded>
      {children}
    </EvidenceFrame>
  );
}

export function hexOf(base64: string): string {
  const bytes = fromBase64(base64);
  return bytes ? toHex(bytes) : base64;
}
