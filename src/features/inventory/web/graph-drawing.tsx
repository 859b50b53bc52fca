import '@xyflow/react/dist/base.css';
import { useComputedColorScheme } from '@mantine/core';
import { Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useMemo } from 'react';
import { StateIcon } from '#src/ui/state-badge.tsx';
import { STATE_LOOKS, type StateWord } from '#src/ui/state-look.ts';
import { ASSET_KINDS, type InventoryGraph } from '../model.ts';
import classes from './graph-drawing.module.css';
import { BOX_HEIGHT_PX, BOX_WIDTH_PX, type GraphNode, linesOf, placesOf } from './graph-layout.ts';

type Box = Node<{ node: GraphNode; open: () => void }, 'box'>;

/** Systems at the left, what they use to the right of them. Boxes take the focus in reading order; Enter opens one. */
export function GraphDrawing({ graph, onOpen }: { graph: InventoryGraph; onOpen: (node: GraphNode) => void }) {
  const scheme = useComputedColorScheme('light');
  const { boxes, lines } = useMemo(() => draw(graph, onOpen), [graph, onOpen]);
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

function draw(graph: InventoryGraph, onOpen: (node: GraphNode) => void): { boxes: Box[]; lines: Edge[] } {
  const lines = linesOf(graph);
  const boxes = placesOf(graph, lines).map(({ node, x, y }): Box => {
    const state = node.state in STATE_LOOKS ? STATE_LOOKS[node.state as StateWord].word : node.state;
    return {
      id: node.id,
      type: 'box',
      position: { x, y },
      data: { node, open: () => onOpen(node) },
      width: BOX_WIDTH_PX,
      height: BOX_HEIGHT_PX,
      ariaRole: 'button',
      ariaLabel: `${kindOf(node)} ${node.title}, ${state.toLowerCase()}`,
    };
  });
  return {
    boxes,
    lines: lines.map(({ from, to, relation }) => ({
      id: `${from} ${to} ${relation}`,
      source: from,
      target: to,
      className: relation === 'part_of' ? classes.partOf : classes.uses,
    })),
  };
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
