import { useQuery } from '@tanstack/react-query';
import { Loaded } from '#src/apps/web/loaded.tsx';
import { Notice } from '#src/ui/feedback.tsx';
import { When } from '#src/ui/instant.tsx';
import type { EvidenceDetail } from '../model.ts';
import { ContentViewer } from './content-viewer.tsx';
import { evidenceQuery } from './queries.ts';

/** The content of an item, or that it was erased. */
export function ContentOf({ item }: { item: EvidenceDetail }) {
  if (item.contentSha256 === null)
    return (
      <Notice tone="stale">
        Erased
        {item.erasedAt ? (
          <>
            {' '}
            on <When at={item.erasedAt} />
          </>
        ) : null}
        . The file and its key are destroyed; the entry in the ledger and its proof still hold.
      </Notice>
    );
  return (
    <ContentViewer
      evidenceId={item.id}
      sha256={item.contentSha256}
      sizeBytes={item.sizeBytes}
      mediaType={item.mediaType}
      fileName={item.fileName}
    />
  );
}

/** The same by id. */
export function Content({ evidenceId }: { evidenceId: string }) {
  const query = useQuery(evidenceQuery(evidenceId));
  return (
    <Loaded query={query} what="the content" rows={2}>
      {(item) => <ContentOf item={item} />}
    </Loaded>
  );
}
