import { describe, expect, it } from 'vitest';
import { compose, sizeOf } from './compose';
import { inFlowOrder, layeredLayout, type Layout, type LayoutEdge, type LayoutNode } from './layered';
import { modelOf } from '../model/tree';
import { nestedTree } from '../model/fixtures';

const size = { width: 192, height: 48 };
const node = (id: string): LayoutNode => ({ id, ...size });
const edge = (source: string, target: string): LayoutEdge => ({ id: `${source}-${target}`, source, target });

/** Forks and joins, one after the other, as many as make so many nodes; a seed gives the same each time. */
function blocks(count: number, seed: number): { nodes: LayoutNode[]; edges: LayoutEdge[] } {
  let state = seed;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const nodes = [node('n0')];
  const edges: LayoutEdge[] = [];
  const add = (after: string) => {
    const made = node(`n${nodes.length}`);
    nodes.push(made);
    edges.push(edge(after, made.id));
    return made.id;
  };
  let last = 'n0';
  while (nodes.length < count) {
    const fork = add(last);
    const ends: string[] = [];
    for (let branch = 0; branch < 1 + random() * 6; branch++) {
      let at = fork;
      for (let step = 0; step < 1 + random() * 4; step++) {
        at = add(at);
      }

      ends.push(at);
    }

    last = add(ends[0]!);
    ends.slice(1).forEach(end => edges.push(edge(end, last)));
    if (random() < 0.2) {
      edges.push(edge(last, fork));
    }
  }

  return { nodes, edges };
}

function overlaps(layout: Layout): [string, string][] {
  const boxes = [...layout.boxes].sort((a, b) => a[1].x - b[1].x);
  const found: [string, string][] = [];
  boxes.forEach(([id, box], at) => {
    for (let other = at + 1; other < boxes.length && boxes[other]![1].x < box.x + box.width; other++) {
      const against = boxes[other]![1];
      if (against.y < box.y + box.height && box.y < against.y + against.height) {
        found.push([id, boxes[other]![0]]);
      }
    }
  });
  return found;
}

describe('layeredLayout', () => {
  it('places a chain from left to right on one level', () => {
    const layout = layeredLayout([node('a'), node('b'), node('c')], [edge('a', 'b'), edge('b', 'c')]);
    const [a, b, c] = ['a', 'b', 'c'].map(id => layout.boxes.get(id)!);
    expect(a!.x + a!.width).toBeLessThan(b!.x);
    expect(b!.x + b!.width).toBeLessThan(c!.x);
    expect(new Set([a!.y, b!.y, c!.y]).size).toBe(1);
    expect(layout.routes.get('a-b')!.points).toEqual([a!.x + a!.width, a!.y + 24, b!.x, b!.y + 24]);
  });

  it('goes downwards when it is asked to', () => {
    const layout = layeredLayout([node('a'), node('b')], [edge('a', 'b')], 'DOWN');
    expect(layout.boxes.get('b')!.y).toBeGreaterThan(layout.boxes.get('a')!.y + size.height);
    expect(layout.boxes.get('b')!.x).toBe(layout.boxes.get('a')!.x);
    expect(layout.boxes.get('a')).toMatchObject(size);
  });

  it('centres a fork over its branches', () => {
    const layout = layeredLayout(['a', 'b', 'c', 'd', 'e'].map(node), [edge('a', 'b'), edge('a', 'c'), edge('a', 'd'), edge('b', 'e'), edge('c', 'e'), edge('d', 'e')]);
    const middle = (id: string) => layout.boxes.get(id)!.y + 24;
    expect(middle('a')).toBeCloseTo((middle('b') + middle('d')) / 2, 3);
    expect(middle('e')).toBeCloseTo(middle('a'), 3);
    expect(overlaps(layout)).toEqual([]);
  });

  it('takes flows that lead back, below what they pass', () => {
    const layout = layeredLayout(['a', 'b', 'c'].map(node), [edge('a', 'b'), edge('b', 'c'), edge('c', 'b')]);
    expect(layout.boxes.get('c')!.x).toBeGreaterThan(layout.boxes.get('b')!.x);
    const { points } = layout.routes.get('c-b')!;
    const lowest = Math.max(...points.filter((_, at) => at % 2 === 1));
    expect(lowest).toBeGreaterThan(layout.boxes.get('c')!.y + size.height);
    expect(layout.height).toBeGreaterThanOrEqual(lowest);
    expect(points.slice(-2)).toEqual([layout.boxes.get('b')!.x, layout.boxes.get('b')!.y + 24]);
  });

  it('takes nodes that nothing leads to, and flows from a node to itself', () => {
    const layout = layeredLayout(['a', 'b'].map(node), [edge('a', 'a')]);
    expect(overlaps(layout)).toEqual([]);
    expect(layout.boxes.size).toBe(2);
    expect(layeredLayout([], []).boxes.size).toBe(0);
  });

  it.each([[60, 1], [400, 2], [2000, 3], [10_000, 4]])('keeps %i nodes apart, and within its bounds', (count, seed) => {
    const { nodes, edges } = blocks(count, seed);
    const layout = layeredLayout(nodes, edges);
    expect(layout.boxes.size).toBe(nodes.length);
    expect(layout.routes.size).toBe(edges.length);
    expect(overlaps(layout)).toEqual([]);
    for (const { x, y, width, height } of layout.boxes.values()) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(-0.001);
      expect(x + width).toBeLessThanOrEqual(layout.width + 0.001);
      expect(y + height).toBeLessThanOrEqual(layout.height + 0.001);
    }

    for (const { source, target, id } of edges) {
      const { points } = layout.routes.get(id)!;
      const [from, to] = [layout.boxes.get(source)!, layout.boxes.get(target)!];
      expect(points.slice(0, 2)).toEqual([from.x + from.width, expect.closeTo(from.y + 24, 3)]);
      expect(points.slice(-2)).toEqual([to.x, expect.closeTo(to.y + 24, 3)]);
    }
  });

  it('breaks a very long pipeline into rows, each from left to right', () => {
    const nodes = Array.from({ length: 400 }, (_, at) => node(`n${at}`));
    const edges = nodes.slice(1).map((target, at) => edge(`n${at}`, target.id));
    const wrapped = layeredLayout(nodes, edges);
    const straight = layeredLayout(nodes, edges, 'RIGHT', false);
    expect(straight.width / straight.height).toBeGreaterThan(1000);
    expect(wrapped.width / wrapped.height).toBeGreaterThan(0.7);
    expect(wrapped.width / wrapped.height).toBeLessThan(4);
    let rows = 1;
    for (let at = 1; at < nodes.length; at++) {
      const [before, here] = [wrapped.boxes.get(`n${at - 1}`)!, wrapped.boxes.get(`n${at}`)!];
      if (here.y === before.y) {
        expect(here.x).toBeGreaterThan(before.x);
      } else {
        expect(here.y).toBeGreaterThan(before.y);
        expect(here.x).toBe(0);
        rows++;
      }
    }

    expect(rows).toBeGreaterThan(3);
    expect(overlaps(wrapped)).toEqual([]);
  });

  it('gives the same for the same', () => {
    const { nodes, edges } = blocks(300, 9);
    expect(layeredLayout(nodes, edges)).toEqual(layeredLayout(nodes, edges));
  });
});

describe('inFlowOrder', () => {
  it('is the order of the flow, not that of the tree', () => {
    const nodes = ['late', 'gate', 'start', 'early'].map(node);
    const edges = [edge('start', 'early'), edge('early', 'gate'), edge('gate', 'late'), edge('late', 'early')];
    expect(inFlowOrder(nodes, edges).map(({ id }) => id)).toEqual(['start', 'early', 'gate', 'late']);
  });
});

describe('compose', () => {
  const model = modelOf('outer', nestedTree);
  const place = (nodes: LayoutNode[], edges: LayoutEdge[]) => Promise.resolve(layeredLayout(nodes, edges));

  it('shows a closed sub-process as one node', async () => {
    const placed = await compose(model, new Set(), 'RIGHT', place, new Map());
    expect([...placed.byId.keys()].sort()).toEqual(['box', 'outer_end', 'outer_start']);
    expect(placed.byId.get('box')).toMatchObject({ isOpen: false, ...sizeOf(model.nodes.get('box')!) });
    expect(placed.edges).toHaveLength(2);
  });

  it('opens a sub-process in its place, with all that is in it inside', async () => {
    const placed = await compose(model, new Set(['box', 'inner']), 'RIGHT', place, new Map());
    const [box, inner, work] = ['box', 'inner', 'work'].map(id => placed.byId.get(id)!);
    expect(box).toMatchObject({ isOpen: true, depth: 0 });
    expect(work!.depth).toBe(2);
    for (const [around, within] of [[box!, inner!], [inner!, work!]]) {
      expect(within!.x).toBeGreaterThan(around!.x);
      expect(within!.y).toBeGreaterThan(around!.y);
      expect(within!.x + within!.width).toBeLessThan(around!.x + around!.width);
      expect(within!.y + within!.height).toBeLessThan(around!.y + around!.height);
    }

    expect(placed.edges).toHaveLength(6);
    expect(placed.byId.get('outer_end')!.x).toBeGreaterThan(box!.x + box!.width);
  });

  it('places a scope once, whatever is opened elsewhere', async () => {
    const cache = new Map();
    let asked = 0;
    const counted = (nodes: LayoutNode[], edges: LayoutEdge[]) => {
      asked++;
      return place(nodes, edges);
    };
    await compose(model, new Set(['box', 'inner']), 'RIGHT', counted, cache);
    expect(asked).toBe(3);
    await compose(model, new Set(['box', 'inner']), 'RIGHT', counted, cache);
    expect(asked).toBe(3);
    await compose(model, new Set(['box']), 'RIGHT', counted, cache);
    expect(asked).toBe(5);
  });
});
