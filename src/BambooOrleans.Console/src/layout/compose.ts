import type { Model, ModelNode } from '../model/tree';
import type { Box, Direction, Layout, LayoutEdge, LayoutNode, Route } from './layered';

/** A node with its place in the whole drawing. */
export interface PlacedNode extends Box {
  id: string;
  node: ModelNode;
  /** Whether it is a sub-process that shows what is in it. */
  isOpen: boolean;
  depth: number;
}

export interface PlacedEdge extends Route {
  id: string;
  source: string;
  target: string;
  label: string | null;
  /** What it lies within: left, top, right, bottom. */
  bounds: [number, number, number, number];
}

export interface Placement {
  width: number;
  height: number;
  nodes: PlacedNode[];
  byId: Map<string, PlacedNode>;
  edges: PlacedEdge[];
}

/** Places the nodes of one scope. */
export type Placer = (nodes: LayoutNode[], edges: LayoutEdge[], direction: Direction) => Promise<Layout>;

const padding = 20;
const header = 40;

/** The size of a node that is not an open sub-process. */
export function sizeOf(node: ModelNode): { width: number; height: number } {
  switch (node.kind) {
    case 'activity':
      return { width: 192, height: 48 };
    case 'subprocess':
      return { width: 208, height: 56 };
    case 'start':
    case 'end':
      return { width: 34, height: 34 };
    default:
      return { width: 40, height: 40 };
  }
}

/**
 * Places a whole pipeline. No flow crosses the border of a sub-process, so each scope is placed by itself, the innermost first, and
 * an open sub-process is a node as large as what is in it. Scopes that were placed before are taken from the cache.
 */
export async function compose(model: Model, open: ReadonlySet<string>, direction: Direction, place: Placer, cache: Map<string, Promise<Layout>>): Promise<Placement> {
  const layoutOf = async (scopeId: string): Promise<Map<string, Layout>> => {
    const scope = model.scopes.get(scopeId)!;
    const inner = scope.nodes.filter(id => open.has(id) && model.scopes.has(id));
    const within = new Map<string, Layout>();
    for (const layouts of await Promise.all(inner.map(layoutOf))) {
      layouts.forEach((layout, id) => within.set(id, layout));
    }

    const nodes = scope.nodes.map(id => {
      const layout = inner.includes(id) ? within.get(id) : undefined;
      return layout
        ? { id, width: Math.max(layout.width, 160) + 2 * padding, height: layout.height + header + padding }
        : { id, ...sizeOf(model.nodes.get(id)!) };
    });
    const key = JSON.stringify([scopeId, direction, nodes.filter(node => inner.includes(node.id))]);
    let layout = cache.get(key);
    if (!layout) {
      layout = place(nodes, scope.edges, direction);
      cache.set(key, layout);
    }

    within.set(scopeId, await layout);
    return within;
  };

  const layouts = await layoutOf(model.rootId);
  const root = layouts.get(model.rootId)!;
  const placement: Placement = { width: root.width, height: root.height, nodes: [], byId: new Map(), edges: [] };
  const todo: { scope: string; x: number; y: number }[] = [{ scope: model.rootId, x: 0, y: 0 }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const scope = model.scopes.get(next.scope)!;
    const layout = layouts.get(next.scope)!;
    for (const id of scope.nodes) {
      const box = layout.boxes.get(id)!;
      const isOpen = open.has(id) && model.scopes.has(id);
      const placed = { id, node: model.nodes.get(id)!, x: box.x + next.x, y: box.y + next.y, width: box.width, height: box.height, isOpen, depth: scope.depth };
      placement.nodes.push(placed);
      placement.byId.set(id, placed);
      if (isOpen) {
        todo.push({ scope: id, x: placed.x + padding, y: placed.y + header });
      }
    }

    for (const edge of scope.edges) {
      const route = layout.routes.get(edge.id);
      if (route) {
        const points = route.points.map((value, at) => value + (at % 2 === 0 ? next!.x : next!.y));
        touch(placement.byId.get(edge.source), points, 0);
        touch(placement.byId.get(edge.target), points, points.length - 2);
        placement.edges.push({ ...edge, points, smooth: route.smooth, bounds: boundsOf(points) });
      }
    }
  }

  return placement;
}

// A layout ends edges at the boxes of nodes; those of gateways and events go on to what is drawn in the box.
function touch(node: PlacedNode | undefined, points: number[], at: number): void {
  if (!node || node.node.kind === 'activity' || node.node.kind === 'subprocess') {
    return;
  }

  const [x, y] = [points[at]!, points[at + 1]!];
  const [centreX, centreY] = [node.x + node.width / 2, node.y + node.height / 2];
  const isLevel = Math.abs(x - centreX) >= node.width / 2 - 0.5;
  const aside = Math.min(Math.abs(isLevel ? y - centreY : x - centreX), node.width / 2);
  const isRound = node.node.kind === 'start' || node.node.kind === 'end';
  const inwards = isRound ? node.width / 2 - Math.sqrt((node.width / 2) ** 2 - aside ** 2) : aside;
  if (isLevel) {
    points[at] = x + Math.sign(centreX - x) * inwards;
  } else {
    points[at + 1] = y + Math.sign(centreY - y) * inwards;
  }
}

function boundsOf(points: readonly number[]): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    left = Math.min(left, points[at]!);
    right = Math.max(right, points[at]!);
    top = Math.min(top, points[at + 1]!);
    bottom = Math.max(bottom, points[at + 1]!);
  }

  return [left, top, right, bottom];
}
