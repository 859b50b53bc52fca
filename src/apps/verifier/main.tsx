import '#src/ui/styles.ts';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { VerifyPanel } from '#src/features/bundles/web/verify-panel.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { cssVariables, theme } from '#src/ui/theme.ts';
import './verifier.css';

/** The code of the worker stands in the page, so that the page is one file and the check still runs beside it. */
function makeWorker(): Worker {
  const code = document.getElementById('verify-worker')?.textContent;
  if (!code) throw new Error('the page holds no code to verify with');
  return new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
}

function Verifier() {
  return (
    <main className="verifier">
      <Page
        title="Bundle verifier"
        lead="Checks an evidence bundle on this machine. This page is one file: it works without a network, and the bundle is sent nowhere."
      >
        <VerifyPanel makeWorker={makeWorker} />
        <Section title="What to trust">
          <div className="trust">
            <p>
              A bundle is checked against a key. Get the key, or its fingerprint, from the company another way than the
              bundle: a contract, a call, its website. Put it in as a policy; without one, the key in the bundle is
              taken, and anybody can make a bundle with a key of their own.
            </p>
            <p>
              Get this page from somebody you trust, too. It is built from the open source of Assay, and everything it
              checks is written down in docs/spec/ledger.md and docs/spec/bundle.md, so that you can have another
              verifier written.
            </p>
            <table>
              <caption>How much a verified bundle shows</caption>
              <thead>
                <tr>
                  <th scope="col">Level</th>
                  <th scope="col">Needs</th>
                  <th scope="col">The company can still</th>
                </tr>
              </thead>
              <tbody>
                <tr>
                  <td>Signed</td>
                  <td>the log’s key</td>
                  <td>write another history and sign it for somebody else</td>
                </tr>
                <tr>
                  <td>Time-stamped</td>
                  <td>a time stamp of an outside authority</td>
                  <td>show two readers two histories, but not date them back</td>
                </tr>
                <tr>
                  <td>Witnessed</td>
                  <td>cosignatures that your own policy asks for</td>
                  <td>leave things out, but not show two histories</td>
                </tr>
                <tr>
                  <td>Mirrored</td>
                  <td>somebody else who keeps the whole log</td>
                  <td>only leave out what was never recorded</td>
                </tr>
              </tbody>
            </table>
          </div>
        </Section>
      </Page>
    </main>
  );
}

const place = document.getElementById('app');
if (!place) throw new Error('index.html holds no #app');
createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Verifier />
    </MantineProvider>
  </StrictMode>,
);
