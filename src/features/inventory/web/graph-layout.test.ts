import { expect, test } from 'vitest';
import type { InventoryGraph } from '../model.ts';
import { BOX_HEIGHT_PX, BOX_WIDTH_PX, linesOf, placesOf } from './graph-layout.ts';

type Edge = InventoryGraph['edges'][number];
const item = (id: string) => ({
  id,
  type: 'item' as const,
  kind: 'model',
  title: id,
  state: 'confirmed',
  systemId: 'sys',
});
const partOf = (from: string): Edge => ({ from, to: 'sys', relation: 'part_of', origin: 'scan' });
const uses = (from: string, to: string): Edge => ({ from, to, relation: 'uses', origin: 'scan' });

function graphOf(items: string[], edges: Edge[]): InventoryGraph {
  const system = {
    id: 'sys',
    type: 'system' as const,
    kind: 'ai_system',
    title: 'System',
    state: 'confirmed',
    systemId: null,
  };
  return { nodes: [system, ...items.map(item)], edges, cut: false, total: items.length };
}

const written = (graph: InventoryGraph) => linesOf(graph).map(({ from, to }) => `${from} -> ${to}`);

test('what another item of the system uses hangs on that item alone', () => {
  const graph = graphOf(['api', 'model'], [partOf('api'), partOf('model'), uses('api', 'model')]);
  expect(written(graph)).toEqual(['sys -> api', 'api -> model']);
});

test('items that use each other in a circle still hang on their system', () => {
  const graph = graphOf(['a', 'b'], [partOf('a'), partOf('b'), uses('a', 'b'), uses('b', 'a')]);
  expect(written(graph)).toContain('sys -> a');
  expect(written(graph)).not.toContain('sys -> b');
});

test('edges to something outside the picture and to itself are left out', () => {
  const graph = graphOf(['a'], [partOf('a'), uses('a', 'elsewhere'), uses('a', 'a')]);
  expect(written(graph)).toEqual(['sys -> a']);
});

test('boxes do not lie on each other, and what is used stands to the right', () => {
  const names = Array.from({ length: 30 }, (_, index) => `item${index}`);
  const graph = graphOf(names, [...names.map(partOf), uses('item0', 'item1'), uses('item1', 'item2')]);
  const places = placesOf(graph, linesOf(graph));
  for (const [index, one] of places.entries())
    for (const other of places.slice(index + 1))
      expect(Math.abs(one.x - other.x) >= BOX_WIDTH_PX || Math.abs(one.y - other.y) >= BOX_HEIGHT_PX).toBe(true);
  const at = (id: string) => places.find(({ node }) => node.id === id)?.x ?? 0;
  expect(at('item0')).toBeGreaterThan(at('sys'));
  expect(at('item2')).toBeGreaterThan(at('item1'));
});
