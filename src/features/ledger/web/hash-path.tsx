import { type KeyboardEvent, useId, useState } from 'react';
import { Digest } from '#src/ui/digest.tsx';
import classes from './hash-path.module.css';
import type { HashPath, Span } from './proof-check.ts';

// The drawing's own units; the browser scales it to the width there is.
const WIDTH = 480;
const NODE_WIDTH = 222;
const NODE_HEIGHT = 42;
const LEVEL_HEIGHT = 70;
const MARGIN = 6;
const LEFT = MARGIN;
const RIGHT = WIDTH - MARGIN - NODE_WIDTH;
const CENTER = (WIDTH - NODE_WIDTH) / 2;

type Node = { kind: 'way' | 'beside' | 'root'; what: string; hash: string; x: number; y: number; level: number };

/**
 * A way of hashes drawn as the branch of the tree it is: the start at the bottom, the root at the top, at each level the
 * hash so far and the one beside it. One stop for the keyboard; the arrow keys go from hash to hash. The same as a list
 * below, for those who would rather read or copy.
 */
export function HashPathDrawing({ path, label, root }: { path: HashPath; label: string; root: string }) {
  const nodes = nodesOf(path, root);
  const id = useId();
  // The start of the way: the last but one, before what is beside it.
  const [selected, setSelected] = useState(Math.max(0, nodes.length - 2));
  const shown = nodes[Math.min(selected, nodes.length - 1)] as Node;
  const height = path.steps.length * LEVEL_HEIGHT + NODE_HEIGHT + 2 * MARGIN;
  function onKeyDown(event: KeyboardEvent) {
    const move: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
    const to: Record<string, number> = { Home: 0, End: nodes.length - 1 };
    const next = move[event.key] === undefined ? to[event.key] : selected + (move[event.key] as number);
    if (next === undefined) return;
    event.preventDefault();
    setSelected(Math.max(0, Math.min(nodes.length - 1, next)));
  }
  return (
    <figure className={classes.figure}>
      <div
        className={classes.drawing}
        role="listbox"
        aria-label={label}
        aria-activedescendant={`${id}-${selected}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <svg viewBox={`0 0 ${WIDTH} ${height}`} role="presentation">
          {nodes.map((node) => (
            <Edge key={`${node.level} ${node.kind}`} node={node} above={nodes.find(isAbove(node))} />
          ))}
          {nodes.map((node, i) => (
            <g
              key={`${node.level} ${node.kind}`}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === selected}
              aria-label={`${node.what}, hash ${node.hash.slice(0, 8)} to ${node.hash.slice(-8)}`}
              className={classes[node.kind]}
              onClick={() => setSelected(i)}
            >
              <rect x={node.x} y={node.y} width={NODE_WIDTH} height={NODE_HEIGHT} rx={4} />
              <text x={node.x + 10} y={node.y + 16} className={classes.what}>
                {node.what}
              </text>
              <text x={node.x + 10} y={node.y + 33} className={classes.hash}>
                {node.hash.slice(0, 8)}…{node.hash.slice(-8)}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <figcaption className={classes.caption} aria-live="polite">
        <span className={classes.quiet}>{shown.what}</span>
        <Digest hex={shown.hash} whole what="hash" />
      </figcaption>
      <details className={classes.list}>
        <summary>As a list</summary>
        <ol>
          <li>
            <span>Start: {spanText(path.startSpan)}</span>
            <Digest hex={path.start} what="hash at the start" />
          </li>
          {path.steps.map((step) => (
            <li key={step.result}>
              <span>
                With {spanText(step.siblingSpan)} on the {step.side}
              </span>
              <Digest hex={step.sibling} what="hash beside it" />
              <span>makes {spanText(step.resultSpan)}</span>
              <Digest hex={step.result} what="hash of both" />
            </li>
          ))}
          <li>That is {root.charAt(0).toLowerCase() + root.slice(1)}.</li>
        </ol>
      </details>
    </figure>
  );
}

// From the root down, at each level the way first.
function nodesOf({ start, startSpan, steps }: HashPath, root: string): Node[] {
  const nodes: Node[] = [];
  for (let level = steps.length; level >= 0; level--) {
    const below = steps[level - 1];
    const step = steps[level];
    const y = MARGIN + (steps.length - level) * LEVEL_HEIGHT;
    const hash = below?.result ?? start;
    const span = spanText(below?.resultSpan ?? startSpan);
    if (!step) nodes.push({ kind: 'root', what: root, hash, x: CENTER, y, level });
    else {
      const isLeft = step.side === 'right';
      nodes.push({ kind: 'way', what: span, hash, x: isLeft ? LEFT : RIGHT, y, level });
      const what = spanText(step.siblingSpan);
      nodes.push({ kind: 'beside', what, hash: step.sibling, x: isLeft ? RIGHT : LEFT, y, level });
    }
  }
  return nodes;
}

const isAbove = (node: Node) => (other: Node) => other.level === node.level + 1 && other.kind !== 'beside';

function Edge({ node, above }: { node: Node; above: Node | undefined }) {
  if (!above) return null;
  const middle = (one: Node) => one.x + NODE_WIDTH / 2;
  const turn = (above.y + NODE_HEIGHT + node.y) / 2;
  return (
    <path
      className={node.kind === 'beside' ? classes.edge : classes.edgeOfWay}
      d={`M${middle(node)} ${node.y}V${turn}H${middle(above)}V${above.y + NODE_HEIGHT}`}
    />
  );
}

function spanText([from, to]: Span): string {
  const number = (value: number) => value.toLocaleString('en-US');
  return to - from === 1 ? `Entry ${number(from)}` : `Entries ${number(from)} to ${number(to - 1)}`;
}
