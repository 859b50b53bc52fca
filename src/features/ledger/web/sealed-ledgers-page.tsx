import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { keyFingerprint, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty, Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import type { FormerLedger } from '../model.ts';
import classes from './ledger.module.css';
import { hexOf, LedgerFrame } from './ledger-frame.tsx';
import { formerLedgersQuery } from './queries.ts';

const REASONS: Readonly<Record<string, string>> = {
  ended: 'It was ended on purpose.',
  'key-stolen': 'Somebody else may hold its key: only heads up to the last one below count.',
  'key-lost': 'Its key was lost, so it could not be signed any further.',
  'backup-restored': 'The database was restored from a backup older than heads known outside.',
  'database-lost': 'Its database was lost.',
};

/** The ledgers that the present one continues: how each ended, and what still proves its entries. */
export function SealedLedgersPage() {
  const query = useQuery(formerLedgersQuery);
  return (
    <LedgerFrame>
      <Loaded query={query} what="the sealed ledgers">
        {({ items }) =>
          items.length === 0 ? (
            <Section title="Sealed ledgers" flush>
              <Empty title="No ledger was sealed" command="bin/assay ledger list">
                A ledger is sealed when it ends, or when its key or database is lost. A new one then continues it.
              </Empty>
            </Section>
          ) : (
            items.map((log) => <SealedLedger key={log.id} log={log} />)
          )
        }
      </Loaded>
    </LedgerFrame>
  );
}

function SealedLedger({ log }: { log: FormerLedger }) {
  const { id, head, reason } = log;
  return (
    <Section
      title={<code className={classes.id}>{id}</code>}
      flush
      aside={
        <span className={classes.links}>
          <Link to="/evidence/ledger" search={{ log: id }} aria-label={`Entries of ledger ${id}`}>
            Its entries
          </Link>
          {head ? (
            <Link to="/evidence/ledger/heads" search={{ log: id }} aria-label={`Signed heads of ledger ${id}`}>
              Its signed heads
            </Link>
          ) : null}
        </span>
      }
      lead={reason === null ? 'No ledger in this database says that it continues it.' : REASONS[reason]}
    >
      <Facts
        columns={2}
        rows={{
          Sealed: <When at={log.sealedAt} both />,
          Reason: reason ?? 'not known',
          'Signed entries': (head?.size ?? 0).toLocaleString('en-US'),
          'Last head signed': head ? <When at={head.signedAt} both /> : 'never',
          'Last root': head ? <Digest hex={hexOf(head.root)} what="root" /> : '–',
          Fingerprint: <code className={classes.id}>{log.vkey === null ? '–' : fingerprintOf(log.vkey)}</code>,
          Origin: <code className={classes.origin}>{log.origin}</code>,
          'Continued by': <code className={classes.origin}>{log.continuedBy ?? '–'}</code>,
        }}
      />
      {log.unsigned > 0 ? (
        <Notice tone="stale">
          {log.unsigned.toLocaleString('en-US')} entries beyond the last head were never signed: nothing proves them.
        </Notice>
      ) : null}
      {log.lostFrom === null ? null : (
        <Notice tone="fail">
          A larger head was known outside: entries from {log.lostFrom.toLocaleString('en-US')} on are lost here.
        </Notice>
      )}
      {head ? (
        <div className={classes.blocks}>
          <CodeBlock text={head.checkpoint.trimEnd()} label="Last signed head" numbered={false} />
          <CodeBlock
            text={`bin/assay ledger prove 0 --log ${id}\nbin/assay ledger publish --log ${id} --out DIR\nbin/assay bundle export --log ${id} --out sealed.zip`}
            label="Prove, publish, hand over"
            numbered={false}
          />
        </div>
      ) : null}
    </Section>
  );
}

function fingerprintOf(vkey: string): string {
  return keyFingerprint(parseVerifierKey(vkey));
}
