import { useQuery } from '@tanstack/react-query';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { keyFingerprint, parseVerifierKey } from '#src/ledger/log/verifier-key.ts';
import { CodeBlock } from '#src/ui/code-block.tsx';
import { Facts, Section } from '#src/ui/page.tsx';
import classes from './ledger.module.css';
import { ledgerQuery } from './queries.ts';

/** What an auditor notes down on another way than the bundle, and what this deployment is. */
export function AboutPage() {
  const query = useQuery(ledgerQuery);
  return (
    <>
      <Section
        title="Key of the ledger"
        flush
        lead="Give this fingerprint to the auditor in person, by phone or in the contract. A bundle is trusted because it is signed by this key, not because it says so itself."
      >
        <Loaded query={query} what="the ledger" rows={3}>
          {(ledger) => (
            <>
              <Facts
                rows={{
                  Fingerprint: <code className={classes.fingerprint}>{fingerprintOf(ledger.vkey)}</code>,
                  Origin: <code>{ledger.origin}</code>,
                  Entries: ledger.size.toLocaleString('en-US'),
                }}
              />
              <CodeBlock text={ledger.vkey} label="Public key (vkey)" numbered={false} />
            </>
          )}
        </Loaded>
      </Section>
      <Section title="About Assay" flush>
        <Facts
          rows={{
            License: 'Apache-2.0',
            API: <a href="/api/openapi.json">OpenAPI 3.1 description</a>,
            Fonts: 'IBM Plex Sans and IBM Plex Mono, SIL Open Font License 1.1',
          }}
        />
      </Section>
    </>
  );
}

function fingerprintOf(vkey: string): string {
  try {
    return keyFingerprint(parseVerifierKey(vkey));
  } catch (error) {
    return error instanceof Error ? error.message : 'The key cannot be read.';
  }
}
