import type { ReactNode } from 'react';
import { TabLinks } from '#src/apps/web/tab-links.tsx';
import { Page } from '#src/ui/page.tsx';

/** What the pages of the evidence share: the heading and the tabs. */
export function EvidenceFrame({ tab, actions, children }: { tab: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Page
      title="Evidence"
      documentTitle={tab === 'Items' ? 'Evidence' : `${tab} · Evidence`}
      lead="What was read, stated or filed, each with its source, its time, its digest and its place in the signed ledger."
      actions={actions}
    >
      <TabLinks
        label="Evidence"
        tabs={[
          { to: '/evidence', title: 'Items' },
          { to: '/evidence/attestations', title: 'Statements and files' },
          { to: '/evidence/ledger', title: 'Ledger', exact: false },
        ]}
      />
      {children}
    </Page>
  );
}
