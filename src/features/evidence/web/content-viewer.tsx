import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { apiUrl } from '#src/apps/web/client.ts';
import { ApiFailure, asFailure } from '#src/apps/web/failure.ts';
import { sha256Hex } from '#src/kernel/hash.ts';
import { CodeBlock, prettyJson } from '#src/ui/code-block.tsx';
import { Failure } from '#src/ui/feedback.tsx';
import { formatBytes } from '#src/ui/file-drop.tsx';
import { StateBadge } from '#src/ui/state-badge.tsx';
import classes from './evidence.module.css';

// Larger content is hashed and downloaded, not put on the page.
const SHOWN_BYTES_MAX = 4_000_000;
const TEXT_TYPES = /^(text\/|application\/json|application\/[\w.-]+\+json)/;
const IMAGE_TYPES = /^image\/(png|jpeg|webp)$/;

type Content = { bytes: Uint8Array<ArrayBuffer>; digest: string };

/** The bytes as they were recorded: fetched, hashed here, compared with the digest, shown without ever being run. */
export function ContentViewer({
  evidenceId,
  sha256,
  sizeBytes,
  mediaType,
  fileName,
}: {
  evidenceId: string;
  sha256: string;
  sizeBytes: number;
  mediaType: string;
  fileName: string;
}) {
  const [content, setContent] = useState<Content | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const path = `/evidence/${encodeURIComponent(evidenceId)}/content`;

  async function fetchAndHash() {
    setBusy(true);
    setFailure(null);
    try {
      const response = await fetch(apiUrl(path), { credentials: 'same-origin' });
      if (!response.ok)
        throw new ApiFailure('internal', `The server answered ${response.status} for the content.`, {
          requestId: response.headers.get('x-request-id') ?? undefined,
        });
      const bytes = new Uint8Array(await response.arrayBuffer());
      setContent({ bytes, digest: sha256Hex(bytes) });
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <div className={classes.content}>
        <p>
          {fileName}, {mediaType}, {formatBytes(sizeBytes)}
        </p>
        {content ? (
          content.digest === sha256 ? (
            <StateBadge state="pass" word="Hashed here: it is the recorded content" />
          ) : (
            <StateBadge state="fail" word="Hashed here: it is not the recorded content" />
          )
        ) : (
          <Button variant="default" loading={busy} onClick={fetchAndHash}>
            Show and check
          </Button>
        )}
        <Button component="a" variant="default" href={apiUrl(path)} download={fileName}>
          Download
        </Button>
      </div>
      {failure ? (
        <Failure
          title="The content could not be read"
          message={failure.message}
          requestId={failure.requestId}
          onRetry={fetchAndHash}
        />
      ) : null}
      {content ? <Shown content={content} mediaType={mediaType} fileName={fileName} /> : null}
    </>
  );
}

function Shown({ content, mediaType, fileName }: { content: Content; mediaType: string; fileName: string }) {
  if (content.bytes.length > SHOWN_BYTES_MAX)
    return <p className={classes.viewer}>Too large to show here. Download it.</p>;
  if (IMAGE_TYPES.test(mediaType)) return <Picture content={content} mediaType={mediaType} fileName={fileName} />;
  if (!TEXT_TYPES.test(mediaType))
    return <p className={classes.viewer}>This kind of file is not shown here. Download it.</p>;
  const text = new TextDecoder().decode(content.bytes);
  return (
    <div className={classes.viewer}>
      <CodeBlock text={mediaType.includes('json') ? prettyJson(text) : text} label={fileName} />
    </div>
  );
}

function Picture({ content, mediaType, fileName }: { content: Content; mediaType: string; fileName: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([content.bytes], { type: mediaType }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [content, mediaType]);
  return <div className={classes.viewer}>{url ? <img src={url} alt={`The file ${fileName}`} /> : null}</div>;
}
