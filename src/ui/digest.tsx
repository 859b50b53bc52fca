import { CopyButton } from './copy-button.tsx';
import classes from './digest.module.css';

/**
 * A hash, shortened to its two ends and copied whole. With `whole` it is shown in full, in groups of eight that the eye
 * can compare.
 */
export function Digest({ hex, whole = false, what = 'digest' }: { hex: string; whole?: boolean; what?: string }) {
  return (
    <span className={classes.digest}>
      {whole ? (
        <code className={classes.whole}>
          {hex.match(/.{1,8}/g)?.map((group, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the groups of a digest never move
            <span key={index}>{group}</span>
          ))}
        </code>
      ) : (
        <code title={hex}>
          {hex.length > 20 ? (
            <>
              {hex.slice(0, 8)}
              <span className={classes.gap}>…</span>
              {hex.slice(-8)}
            </>
          ) : (
            hex
          )}
        </code>
      )}
      <CopyButton text={hex} what={what} />
    </span>
  );
}
