import dagre from '@dagrejs/dagre';
import type { InventoryGraph } from '../model.ts';

export type GraphNode = InventoryGraph['nodes'][number];
/** A line of the drawing, always from what uses to what is used. */
export type Line = { from: string; to: string; relation: 'uses' | 'part_of' };
export type Place = { node: GraphNode; x: number; y: number };

export const BOX_WIDTH_PX = 210;
export const BOX_HEIGHT_PX = 48;

/**
 * The lines worth drawing. "Is part of" runs from the whole to the part, so that every line reads left to right. What
 * another item of the same system uses hangs on that item and needs no second line to the system, unless nothing else
 * would lead to it.
 */
export function linesOf(graph: InventoryGraph): Line[] {
  const systemOf = new Map(graph.nodes.map(({ id, systemId }) => [id, systemId]));
  const edges = graph.edges.filter(({ from, to }) => systemOf.has(from) && systemOf.has(to) && from !== to);
  const uses = edges.filter(({ relation }) => relation === 'uses');
  const parts = edges
    .filter(({ relation }) => relation === 'part_of')
    .map(({ from, to }) => ({ part: from, whole: to }));
  const usedBySibling = new Set(
    uses.filter(({ from, to }) => systemOf.get(from) === systemOf.get(to)).map(({ to }) => to),
  );
  const reached = new Set<string>();
  const usedBy = new Map<string, string[]>();
  for (const { from, to } of uses) usedBy.set(from, [...(usedBy.get(from) ?? []), to]);
  const reach = (start: string) => {
    const pending = [start];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      pending.push(...(usedBy.get(id) ?? []));
    }
  };
  const drawn: Line[] = [];
  const draw = ({ part, whole }: { part: string; whole: string }) => {
    drawn.push({ from: whole, to: part, relation: 'part_of' });
    reach(part);
  };
  for (const link of parts) if (!usedBySibling.has(link.part)) draw(link);
  // Items that use each other in a circle would otherwise stand apart from their system.
  for (const link of parts) if (!reached.has(link.part)) draw(link);
  return [...drawn, ...uses.map(({ from, to }): Line => ({ from, to, relation: 'uses' }))];
}

/** Where each box stands (its top left corner), in reading order: column by column, each from the top. */
export function placesOf(graph: InventoryGraph, lines: readonly Line[]): Place[] {
  const layout = new dagre.graphlib.Graph();
  layout.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 72, marginx: 8, marginy: 8 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const { id } of graph.nodes) layout.setNode(id, { width: BOX_WIDTH_PX, height: BOX_HEIGHT_PX });
  for (const { from, to } of lines) layout.setEdge(from, to);
  dagre.layout(layout);
  const places = graph.nodes.map((node): Place => {
    const { x, y } = layout.node(node.id);
    return { node, x: x - BOX_WIDTH_PX / 2, y: y - BOX_HEIGHT_PX / 2 };
  });
  return places.sort((a, b) => a.x - b.x || a.y - b.y);
}
