/** Text in which `backticks` set names apart. Nothing else of it is interpreted. */
export function MarkedText({ text }: { text: string }) {
  const parts = text.split('`');
  // An odd one out is no pair: then the text is shown as it is.
  if (parts.length < 3 || parts.length % 2 === 0) return <>{text}</>;
  return (
    <>
      {parts.map((part, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text never move
        index % 2 === 1 ? <code key={index}>{part}</code> : part,
      )}
    </>
  );
}
