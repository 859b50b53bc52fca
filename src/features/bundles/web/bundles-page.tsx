import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api, apiUrl } from '#src/apps/web/client.ts';
import { asFailure } from '#src/apps/web/failure.ts';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { useWhyNot } from '#src/apps/web/session.ts';
import { ledgerQuery } from '#src/features/ledger/web/queries.ts';
import { type Column, DataTable } from '#src/ui/data-table.tsx';
import { Digest } from '#src/ui/digest.tsx';
import { Empty } from '#src/ui/feedback.tsx';
import { formatBytes } from '#src/ui/file-drop.tsx';
import { FormProblem } from '#src/ui/form.tsx';
import { When } from '#src/ui/instant.tsx';
import { Page, Section } from '#src/ui/page.tsx';
import { ReasonButton } from '#src/ui/reason-button.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import type { Bundle, NewBundle } from '../model.ts';
import classes from './bundles.module.css';
import { bundlesQuery, isBeingMade } from './queries.ts';
import { VerifyPanel } from './verify-panel.tsx';

const rangeOf = (bundle: Bundle) => {
  const series = bundle.series ? `series ${bundle.series.join(', ')}` : '';
  if (bundle.from === null && bundle.to === null) return series || 'whole ledger';
  return [`${bundle.from ?? 0} to ${bundle.to ?? 'end'}`, series].filter(Boolean).join(', ');
};

const COLUMNS: Column<Bundle>[] = [
  {
    key: 'file',
    title: 'File',
    narrow: 'title',
    text: (bundle) => bundle.fileName,
    render: (bundle) => (
      <>
        <span className={classes.file}>{bundle.fileName}</span>
        {bundle.error ? <span className={classes.sub}>{bundle.error}</span> : null}
      </>
    ),
  },
  {
    key: 'state',
    title: 'State',
    text: (bundle) => bundle.state,
    render: (bundle) => (
      <>
        <StateBadge state={bundle.state} />
        {isBeingMade(bundle) ? <span className={classes.sub}>{formatBytes(bundle.writtenBytes)}</span> : null}
      </>
    ),
  },
  {
    key: 'entries',
    title: 'Entries',
    numeric: true,
    text: (bundle) => String(bundle.entries ?? ''),
    sort: (bundle) => bundle.entries,
    render: (bundle) => (
      <span title={rangeOf(bundle)}>{bundle.entries === null ? '–' : bundle.entries.toLocaleString('en-US')}</span>
    ),
  },
  { key: 'range', title: 'Range', narrow: 'hide', text: rangeOf, render: rangeOf },
  {
    key: 'size',
    title: 'Size',
    numeric: true,
    text: (bundle) => String(bundle.sizeBytes ?? ''),
    sort: (bundle) => bundle.sizeBytes,
    render: (bundle) => (bundle.sizeBytes === null ? '–' : formatBytes(bundle.sizeBytes)),
  },
  {
    key: 'digest',
    title: 'SHA-256',
    narrow: 'hide',
    sort: false,
    text: (bundle) => bundle.sha256 ?? '',
    render: (bundle) => (bundle.sha256 ? <Digest hex={bundle.sha256} /> : '–'),
  },
  {
    key: 'level',
    title: 'Level',
    text: (bundle) => bundle.assurance?.level ?? '',
    render: (bundle) =>
      bundle.assurance ? <span title={bundle.assurance.stillPossible}>{bundle.assurance.level ?? 'none'}</span> : '–',
  },
  { key: 'by', title: 'By', text: (bundle) => bundle.requestedBy.name, render: (bundle) => bundle.requestedBy.name },
  {
    key: 'at',
    title: 'Exported',
    text: (bundle) => bundle.requestedAt,
    render: (bundle) => <When at={bundle.requestedAt} />,
  },
  {
    key: 'download',
    title: 'Download',
    sort: false,
    text: (bundle) => (bundle.downloads > 0 ? `downloaded ${bundle.downloads} times` : ''),
    render: (bundle) =>
      bundle.state === 'ready' ? (
        <Button
          component="a"
          variant="default"
          size="compact-sm"
          href={apiUrl(`/bundles/${encodeURIComponent(bundle.id)}/download`)}
          download={bundle.fileName}
          aria-label={`Download ${bundle.fileName}`}
        >
          Download
        </Button>
      ) : (
        '–'
      ),
  },
];

const makeWorker = () => new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' });

/** What an auditor takes away, and the check of it. */
export function BundlesPage() {
  const query = useQuery(bundlesQuery);
  return (
    <Page
      title="Bundle"
      actions={
        <Button component="a" variant="default" href={apiUrl('/bundles/verifier')} download="assay-verifier.html">
          Download the verifier
        </Button>
      }
      lead="One file with every ledger entry of a range, its proofs and its evidence. It verifies itself, on any machine, without this server and without trust in it."
    >
      <div className={classes.columns}>
        <ExportForm />
        <VerifyPanel makeWorker={makeWorker} />
      </div>
      <Section title="Exported bundles" flush>
        <Loaded query={query} what="the bundles">
          {(page) => (
            <DataTable
              label="Bundles"
              rows={page.items.filter(({ kept }) => kept)}
              columns={COLUMNS}
              rowKey={(bundle) => bundle.id}
              fileName="bundles"
              initialSort={{ key: 'at', descending: true }}
              empty={
                <Empty title="No bundle was exported yet" command="bin/assay bundle export --out assay-bundle.zip">
                  Export one above, or by command. The export is itself an entry of the ledger.
                </Empty>
              }
            />
          )}
        </Loaded>
      </Section>
    </Page>
  );
}

function ExportForm() {
  const whyNot = useWhyNot('bundles.write', 'export bundles');
  const ledger = useQuery(ledgerQuery).data;
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [withBlobs, setWithBlobs] = useState(true);
  const [openFiles, setOpenFiles] = useState(false);
  const start = useMutation({
    mutationFn: (body: NewBundle) => answerOf(api.POST('/api/v1/bundles', { body })),
  });
  const failure = start.error ? asFailure(start.error) : null;
  const last = ledger ? ledger.size - 1 : undefined;
  const backwards =
    from !== '' && to !== '' && Number(from) > Number(to) ? 'The first entry must not be after the last.' : null;
  function submit(event: FormEvent) {
    event.preventDefault();
    start.mutate({
      withBlobs,
      disclose: withBlobs && openFiles ? 'files' : 'nothing',
      ...(from === '' ? {} : { from: Number(from) }),
      ...(to === '' ? {} : { to: Number(to) }),
    });
  }
  return (
    <Section title="Export">
      <form onSubmit={submit} className={classes.form}>
        <FormProblem failure={failure} />
        <p>
          {ledger
            ? `The ledger holds ${ledger.size.toLocaleString('en-US')} entries. Leave the range empty for all of them: only then can a reader see that nothing is missing.`
            : 'Leave the range empty for the whole ledger.'}
        </p>
        <div className={classes.range}>
          <TextInput
            label="From entry"
            inputMode="numeric"
            type="number"
            min={0}
            max={last}
            placeholder="0"
            value={from}
            error={failure?.fields.from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            label="To entry"
            inputMode="numeric"
            type="number"
            min={0}
            max={last}
            placeholder={last === undefined ? '' : String(last)}
            value={to}
            error={failure?.fields.to ?? backwards}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <ReasonButton
            type="submit"
            size="sm"
            loading={start.isPending}
            reason={
              whyNot ??
              backwards ??
              (ledger?.size === 0 ? 'The ledger is empty: there is nothing to export yet.' : null)
            }
          >
            Export
          </ReasonButton>
        </div>
        <Checkbox
          label="With the evidence files"
          description="Without them the bundle names each by its digest and says that it was withheld."
          checked={withBlobs}
          onChange={(event) => setWithBlobs(event.currentTarget.checked)}
        />
        <Checkbox
          label="With the keys to what people handed in"
          description="Statements and files are kept encrypted. With the keys a reader can open them; without, only verify them. The file then holds personal data."
          checked={withBlobs && openFiles}
          disabled={!withBlobs}
          onChange={(event) => setOpenFiles(event.currentTarget.checked)}
        />
        {start.isSuccess ? (
          <p role="status" className={classes.quiet}>
            {start.data.fileName} is being made. You can leave this page; it appears in the list below.
          </p>
        ) : null}
      </form>
    </Section>
  );
}
