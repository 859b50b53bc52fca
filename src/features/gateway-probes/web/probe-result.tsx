import { Link } from '@tanstack/react-router';
import type { AttackResult, IsolationResult } from '../model.ts';
import classes from './probes.module.css';

const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`);

export function ProbeResult({ result }: { result: IsolationResult | AttackResult }) {
  return result.kind === 'isolation' ? <Isolation result={result} /> : <Attack result={result} />;
}

function Isolation({ result }: { result: IsolationResult }) {
  return (
    <ul className={classes.list}>
      {result.routes.map((route) => (
        <li key={route.routeId}>
          <strong>{route.path}</strong>
          <span className={classes.sub}>
            Planted {route.planted} of 4 times, asked {route.asked} times, answered {route.answered}. Without a key:{' '}
            {route.withoutKey ?? 'not tried'}; with a wrong one: {route.wrongKey ?? 'not tried'}.
          </span>
          {route.leaks.map((leak) => (
            <span key={`${leak.way}${leak.stream}`} className={classes.leak}>
              Leak: {leak.way}
              {leak.stream ? ', streamed' : ''}: {leak.form}
            </span>
          ))}
          {route.ways.length > 0 ? (
            <span className={classes.sub}>
              Ways: {route.ways.map(({ way, outcome }) => `${way} ${outcome}`).join(', ')}. Log-probabilities:{' '}
              {route.showsProbabilities === null ? 'not tried' : route.showsProbabilities ? 'shown' : 'not shown'}.
            </span>
          ) : null}
          {route.failure ? <span className={classes.sub}>Says nothing: {route.failure}.</span> : null}
        </li>
      ))}
    </ul>
  );
}

function Attack({ result }: { result: AttackResult }) {
  return (
    <>
      <p className={classes.part}>
        Through {result.path}
        {result.policyId ? `, policy ${result.policyId} version ${result.policyVersion ?? '–'}` : ', no policy'}. The
        gateway stopped {result.stoppedByGateway} of {result.attacks} attacks (
        {percent(result.stoppedByGateway, result.attacks)}), with the model {result.stopped}; {result.falseAlarms} of{' '}
        {result.harmless} harmless questions were stopped.
        {result.unevaluated > 0 ? ` ${result.unevaluated} came to no result.` : ''}
      </p>
      <div className={classes.scroll}>
        <table className={classes.table} aria-label="Attempts by class and layer">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Tried</th>
              <th scope="col">Input</th>
              <th scope="col">Model</th>
              <th scope="col">Output</th>
              <th scope="col">Passed</th>
              <th scope="col">Noticed</th>
            </tr>
          </thead>
          <tbody>
            {result.classes.map((row) => (
              <tr key={`${row.expects}${row.class}`}>
                <th scope="row">{row.class}</th>
                <td>{row.attempts}</td>
                <td>{row.layers.input ?? 0}</td>
                <td>{row.layers.model ?? 0}</td>
                <td>{row.layers.output ?? 0}</td>
                <td>{row.layers.passed ?? 0}</td>
                <td>{row.noticed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {result.passed.length > 0 ? (
        <div className={classes.part}>
          <h3>Attacks that passed</h3>
          <ul className={classes.list}>
            {result.passed.map(({ attempt, decisionId }) => (
              <li key={attempt}>
                {decisionId ? (
                  <Link to="/gateway/decisions/$decisionId" params={{ decisionId }}>
                    {attempt}
                  </Link>
                ) : (
                  attempt
                )}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}
