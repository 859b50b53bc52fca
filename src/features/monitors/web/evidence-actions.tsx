import { Button, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type EvidenceSpan, SPANS } from './evidence-span.ts';

/** The time a page of evidence covers, and the page as a PDF. */
export function EvidenceActions({
  days,
  onDays,
  pdfHref,
}: {
  days: EvidenceSpan;
  onDays(days: EvidenceSpan): void;
  pdfHref: string;
}) {
  return (
    <>
      <Select
        size="xs"
        w={130}
        aria-label="Time covered"
        allowDeselect={false}
        value={days}
        data={Object.entries(SPANS).map(([value, label]) => ({ value, label }))}
        onChange={(value) => onDays((value ?? '92') as EvidenceSpan)}
      />
      <Button
        component="a"
        href={pdfHref}
        download
        variant="default"
        leftSection={<IconDownload size={14} aria-hidden />}
      >
        PDF
      </Button>
    </>
  );
}
