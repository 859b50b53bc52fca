import { type Judging, reasonWords } from '../model.ts';
import classes from './monitors.module.css';

/** Who of a window had to be judged, who was, by what, and why others were not. */
export function JudgedAnswers({ judging: { salt, strata, notJudged, methods } }: { judging: Judging }) {
  return (
    <>
      <h3>Sampled answers</h3>
      <div className={classes.scroll}>
        <table className={classes.strata}>
          <thead>
            <tr>
              <th scope="col">Stratum</th>
              <th scope="col">Share</th>
              <th scope="col">With context</th>
              <th scope="col">Sampled</th>
              <th scope="col">Judged</th>
              <th scope="col">Decided</th>
              <th scope="col">Unsupported</th>
            </tr>
          </thead>
          <tbody>
            {strata.map((one) => (
              <tr key={one.stratum}>
                <th scope="row">{one.stratum === 'rest' ? 'All others' : one.stratum}</th>
                {[one.rate, one.eligible, one.sampled, one.judged, one.decided, one.unsupported].map((value, k) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                  <td key={k}>{value.toLocaleString('en-US')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notJudged.length === 0 ? null : (
        <p className={classes.state} data-tone="noData">
          Not judged:{' '}
          {notJudged.map(({ reason, n }) => `${n.toLocaleString('en-US')} ${reasonWords(reason)}`).join(', ')}.
        </p>
      )}
      <p className={classes.sub}>
        Judged by {methods.length === 0 ? 'nothing' : methods.map(({ method, n }) => `${method} (${n})`).join(', ')}. An
        answer is in the sample where the first 52 bits of the SHA-256 of <code>assay-sample/1⏎{salt}⏎event id</code>,
        as a number in [0, 1), are below the share of its stratum.
      </p>
    </>
  );
}
