import '@xyflow/react/dist/base.css';
import dagre from '@dagrejs/dagre';
import { useComputedColorScheme } from '@mantine/core';
import { Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useMemo } from 'react';
import { StateIcon } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { ASSET_KINDS, type InventoryGraph } from '../model.ts';
import classes from './graph-drawing.module.css';

type GraphNode = InventoryGraph['nodes'][number];
type Box = Node<{ node: GraphNode; open: () => void }, 'box'>;

const WIDTH_PX = 210;
const HEIGHT_PX = 48;

/** Systems at the left, what they use to the right of them. Boxes take the focus in reading order; Enter opens one. */
export function GraphDrawing({ graph, onOpen }: { graph: InventoryGraph; onOpen: (node: GraphNode) => void }) {
  const scheme = useComputedColorScheme('light');
  const { boxes, lines } = useMemo(() => layOut(graph, onOpen), [graph, onOpen]);
  function press(event: KeyboardEvent) {
    const id = (event.target as HTMLElement).closest<HTMLElement>('.react-flow__node')?.dataset.id;
    const node = graph.nodes.find((candidate) => candidate.id === id);
    if (!node || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    onOpen(node);
  }
  return (
    <section className={classes.frame} aria-label="Drawing of what uses what" onKeyDown={press}>
      <ReactFlow
        nodes={boxes}
        edges={lines}
        nodeTypes={NODE_TYPES}
        onNodeClick={(_, box) => box.data.open()}
        colorMode={scheme}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        nodesFocusable
        fitView
        fitViewOptions={{ minZoom: 0.55, maxZoom: 1, padding: 0.05 }}
        minZoom={0.2}
        maxZoom={1.5}
        // The wheel scrolls the page; zooming is for the buttons, pinching and Ctrl with the wheel.
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={{ 'node.a11yDescription.default': 'Press Enter to open it.' }}
      >
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </section>
  );
}

function layOut(graph: InventoryGraph, onOpen: (node: GraphNode) => void): { boxes: Box[]; lines: Edge[] } {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 72, marginx: 8, marginy: 8 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) layout.setNode(node.id, { width: WIDTH_PX, height: HEIGHT_PX });
  const known = new Set(graph.nodes.map(({ id }) => id));
  const systemOf = new Map(graph.nodes.map(({ id, systemId }) => [id, systemId]));
  const usedBySibling = new Set(
    graph.edges
      .filter(({ from, to, relation }) => relation === 'uses' && systemOf.get(from) === systemOf.get(to))
      .map(({ to }) => to),
  );
  const drawn = graph.edges
    .filter(({ from, to }) => known.has(from) && known.has(to) && from !== to)
    // What another item of the system uses hangs on that item: a second line to the system would only tangle the picture.
    .filter(({ from, relation }) => relation === 'uses' || !usedBySibling.has(from))
    // "Is part of" is drawn from the whole to the part, so that every line reads left to right as "uses".
    .map((edge) => (edge.relation === 'part_of' ? { ...edge, from: edge.to, to: edge.from } : edge));
  for (const { from, to } of drawn) layout.setEdge(from, to);
  dagre.layout(layout);

  const boxes = graph.nodes.map((node): Box => {
    const { x, y } = layout.node(node.id);
    const state = node.state in STATE_LOOKS ? STATE_LOOKS[node.state as StateWord].word : node.state;
    return {
      id: node.id,
      type: 'box',
      position: { x: x - WIDTH_PX / 2, y: y - HEIGHT_PX / 2 },
      data: { node, open: () => onOpen(node) },
      width: WIDTH_PX,
      height: HEIGHT_PX,
      ariaRole: 'button',
      ariaLabel: `${kindOf(node)} ${node.title}, ${state.toLowerCase()}`,
    };
  });
  boxes.sort((a, b) => a.position.x - b.position.x || a.position.y - b.position.y);
  const lines = drawn.map(
    ({ from, to, relation }): Edge => ({
      id: `${from} ${to} ${relation}`,
      source: from,
      target: to,
      className: relation === 'part_of' ? classes.partOf : classes.uses,
    }),
  );
  return { boxes, lines };
}

function kindOf(node: GraphNode): string {
  return node.type === 'system' ? 'AI system' : (ASSET_KINDS[node.kind as keyof typeof ASSET_KINDS] ?? node.kind);
}

function BoxNode({ data }: NodeProps<Box>) {
  const { node } = data;
  return (
    <div className={node.type === 'system' ? classes.system : classes.item} title={node.title}>
      <Handle type="target" position={Position.Left} className={classes.handle} isConnectable={false} />
      <span className={classes.title}>{node.title}</span>
      <span className={classes.kind}>
        {node.state in STATE_LOOKS ? <StateIcon state={node.state as StateWord} sizePx={11} /> : null}
        {kindOf(node)}
      </span>
      <Handle type="source" position={Position.Right} className={classes.handle} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { box: BoxNode };
