// A layered layout in O((nodes + edges) log) for graphs that are too large for ELK: longest-path layers, barycentric order, and
// coordinates that are, layer by layer, the least-squares fit to the neighbours that keeps the order and the distances.

export interface LayoutNode {
  id: string;
  width: number;
  height: number;
}

export interface LayoutEdge {
  id: string;
  source: string;
  target: string;
  label?: string | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The course of an edge: x, y, x, y, …; smooth where it is to be drawn as a curve through its points. */
export interface Route {
  points: number[];
  smooth: boolean;
}

export interface Layout {
  width: number;
  height: number;
  boxes: Map<string, Box>;
  routes: Map<string, Route>;
}

export type Direction = 'RIGHT' | 'DOWN';

export const layerGap = 64;
export const nodeGap = 28;
const dummyGap = 14;
const sweeps = 8;
const dummiesMax = 60_000;
const aspect = 1.7;

/** Places nodes in layers along the direction; with wrap, a very long drawing is broken into rows. */
export function layeredLayout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], direction: Direction = 'RIGHT', wrap = true): Layout {
  const flip = direction === 'DOWN';
  const count = nodes.length;
  const index = new Map(nodes.map((node, at) => [node.id, at]));

  // Along: the extent in the direction of the flow. Across: the other one.
  const along: number[] = nodes.map(node => (flip ? node.height : node.width));
  const across: number[] = nodes.map(node => (flip ? node.width : node.height));
  const from: number[] = [];
  const to: number[] = [];
  const ids: string[] = [];
  for (const edge of edges) {
    const source = index.get(edge.source);
    const target = index.get(edge.target);
    if (source !== undefined && target !== undefined && source !== target) {
      from.push(source);
      to.push(target);
      ids.push(edge.id);
    }
  }

  const isBack = backEdges(count, from, to);
  const layer = layersOf(count, from, to, isBack);

  // Edges over several layers go through places that are kept free for them.
  const segments: [number, number][] = [];
  const chains = new Map<number, number[]>();
  for (let edge = 0; edge < ids.length; edge++) {
    if (isBack[edge]) {
      continue;
    }

    let before = from[edge]!;
    const chain = [before];
    if (along.length - count < dummiesMax) {
      for (let at = layer[before]! + 1; at < layer[to[edge]!]!; at++) {
        const dummy = along.length;
        along.push(0);
        across.push(0);
        layer.push(at);
        segments.push([before, dummy]);
        chain.push(dummy);
        before = dummy;
      }
    }

    segments.push([before, to[edge]!]);
    chain.push(to[edge]!);
    chains.set(edge, chain);
  }

  const total = along.length;
  const ins: number[][] = Array.from({ length: total }, () => []);
  const outs: number[][] = Array.from({ length: total }, () => []);
  for (const [a, b] of segments) {
    outs[a]!.push(b);
    ins[b]!.push(a);
  }

  const layers = order(total, layer, ins, outs);
  const centre = coordinates(layers, across, count, ins, outs);

  // Layers follow each other with room for their widest node; a long row of them is broken into rows, like a text.
  const layerExtent = layers.map(members => members.reduce((most, member) => Math.max(most, along[member]!), 0));
  const low = layers.map(members => members.reduce((least, member) => Math.min(least, centre[member]! - across[member]! / 2), Infinity));
  const high = layers.map(members => members.reduce((most, member) => Math.max(most, centre[member]! + across[member]! / 2), -Infinity));
  const rows = rowsOf(layerExtent, low, high, crossings(layers.length, segments, layer), wrap);
  const rowOf: number[] = [];
  const layerStart: number[] = [];
  rows.forEach((row, at) => {
    let position = 0;
    for (let member = row.first; member <= row.last; member++) {
      rowOf.push(at);
      layerStart.push(position);
      position += layerExtent[member]! + layerGap;
    }

    row.length = Math.max(position - layerGap, 0);
  });

  // Edges that lead back run below their row, and what goes to the next row runs between the rows.
  const backsIn = rows.map(() => 0);
  for (let edge = 0; edge < ids.length; edge++) {
    if (isBack[edge]) {
      backsIn[rowOf[layer[from[edge]!]!]!]!++;
    }
  }

  let top = 0;
  rows.forEach((row, at) => {
    row.shift = top - row.low;
    row.channel = row.high + row.shift + nodeGap + Math.min(backsIn[at]!, 6) * 8;
    top = row.channel + (rows.length > 1 ? Math.min(row.crossings, 12) * 6 + 2 * nodeGap : 0);
  });

  const place = (a: number, b: number) => (flip ? [b, a] : [a, b]);
  const shift = (node: number) => rows[rowOf[layer[node]!]!]!.shift;
  const boxes = new Map<string, Box>();
  const startOf: number[] = [];
  const middleOf: number[] = [];
  for (let node = 0; node < total; node++) {
    startOf.push(layerStart[layer[node]!]! + (layerExtent[layer[node]!]! - along[node]!) / 2);
    middleOf.push(centre[node]! + shift(node));
    if (node < count) {
      const [x, y] = place(startOf[node]!, middleOf[node]! - across[node]! / 2);
      boxes.set(nodes[node]!.id, { x: x!, y: y!, width: nodes[node]!.width, height: nodes[node]!.height });
    }
  }

  const routes = new Map<string, Route>();
  const backsDrawn = rows.map(() => 0);
  const turnsDrawn = rows.map(() => 0);
  let bottom = 0;
  for (let edge = 0; edge < ids.length; edge++) {
    const source = from[edge]!;
    const target = to[edge]!;
    const course: [number, number][] = [];
    const sourceRow = rowOf[layer[source]!]!;
    const targetRow = rowOf[layer[target]!]!;
    const chain = chains.get(edge);

    // To another row: out at the right, along below the row, and in again at the left.
    const turn = (fromRow: number, toRow: number, y: number) => {
      const lane = turnsDrawn[fromRow]!++ % 12;
      const out = course.at(-1)!;
      const right = rows[fromRow]!.length + 18 + lane * 6;
      const level = rows[toRow - 1]!.channel + nodeGap / 2 + lane * 6;
      const left = -18 - lane * 6;
      course.push([right, out[1]], [right, level], [left, level], [left, y]);
      bottom = Math.max(bottom, level);
    };
    if (chain) {
      course.push([startOf[source]! + along[source]!, middleOf[source]!]);
      for (let at = 1; at < chain.length; at++) {
        const node = chain[at]!;
        const [before, here] = [rowOf[layer[chain[at - 1]!]!]!, rowOf[layer[node]!]!];
        if (here > before) {
          turn(before, here, middleOf[node]!);
        } else if (sourceRow !== targetRow && course.at(-1)![1] !== middleOf[node]!) {
          const middle = layerStart[layer[node]!]! - layerGap / 2;
          course.push([middle, course.at(-1)![1]], [middle, middleOf[node]!]);
        }

        course.push([startOf[node]!, middleOf[node]!]);
        if (node !== target) {
          course.push([layerStart[layer[node]!]! + layerExtent[layer[node]!]!, middleOf[node]!]);
        }
      }

      routes.set(ids[edge]!, { points: course.flatMap(([a, b]) => place(a, b)), smooth: sourceRow === targetRow });
    } else {
      const leave = startOf[source]! + along[source]!;
      const below = rows[sourceRow]!.high + rows[sourceRow]!.shift + nodeGap / 2 + (backsDrawn[sourceRow]!++ % 6) * 8;
      const enter = startOf[target]! - 16;
      course.push([leave, middleOf[source]!], [leave + 16, middleOf[source]!], [leave + 16, below]);
      if (targetRow !== sourceRow) {
        const lane = -30 - (backsDrawn[sourceRow]! % 6) * 8;
        const above = rows[targetRow]!.high + rows[targetRow]!.shift + nodeGap / 2;
        course.push([lane, below], [lane, above], [enter, above]);
      } else {
        course.push([enter, below]);
      }

      course.push([enter, middleOf[target]!], [startOf[target]!, middleOf[target]!]);
      bottom = Math.max(bottom, below);
      routes.set(ids[edge]!, { points: course.flatMap(([a, b]) => place(a, b)), smooth: false });
    }
  }

  const last = rows.at(-1);
  const [width, height] = place(Math.max(0, ...rows.map(row => row.length)), last ? Math.max(last.high + last.shift, bottom) : 0);
  return { width: width!, height: height!, boxes, routes };
}

interface Row {
  first: number;
  last: number;
  low: number;
  high: number;
  /** How many edges go on to the next row. */
  crossings: number;
  length: number;
  shift: number;
  /** Where the room between this row and the next begins. */
  channel: number;
}

// How many edges go from each layer to the next.
function crossings(count: number, segments: readonly [number, number][], layer: readonly number[]): number[] {
  const result = new Array<number>(count).fill(0);
  for (const [a, b] of segments) {
    for (let at = layer[a]!; at < layer[b]!; at++) {
      result[at]!++;
    }
  }

  return result;
}

// Breaks the layers into rows so that the whole is about as wide as a screen, where few edges go on.
function rowsOf(extent: readonly number[], low: readonly number[], high: readonly number[], crossing: readonly number[], wrap: boolean): Row[] {
  const length = extent.reduce((sum, value) => sum + value + layerGap, 0);
  const tallest = high.reduce((most, value, at) => Math.max(most, value - low[at]!), 0) + 3 * nodeGap;
  const wanted = wrap && length > 8 * tallest ? Math.max(Math.sqrt(length * tallest * aspect), 2400) : Infinity;
  const rows: Row[] = [];
  let first = 0;
  while (first < extent.length) {
    let last = first;
    let reached = 0;
    let best = -1;
    for (; last < extent.length; last++) {
      reached += extent[last]! + layerGap;
      if (reached > wanted * 0.75 && (best < 0 || crossing[last]! < crossing[best]!)) {
        best = last;
      }

      if (reached > wanted * 1.15) {
        break;
      }
    }

    const end = last >= extent.length ? extent.length - 1 : best;
    const row: Row = { first, last: end, low: Infinity, high: -Infinity, crossings: crossing[end] ?? 0, length: 0, shift: 0, channel: 0 };
    for (let at = first; at <= end; at++) {
      row.low = Math.min(row.low, low[at]!);
      row.high = Math.max(row.high, high[at]!);
    }

    rows.push(row);
    first = end + 1;
  }

  return rows;
}

/** The nodes in the order of the flow: by layer, and within a layer as a walk along the flows meets them. */
export function inFlowOrder<T extends LayoutNode>(nodes: readonly T[], edges: readonly LayoutEdge[]): T[] {
  const index = new Map(nodes.map((node, at) => [node.id, at]));
  const known = edges.filter(edge => index.has(edge.source) && index.has(edge.target) && edge.source !== edge.target);
  const from = known.map(edge => index.get(edge.source)!);
  const to = known.map(edge => index.get(edge.target)!);
  const layer = layersOf(nodes.length, from, to, backEdges(nodes.length, from, to));
  const met = new Array<number>(nodes.length).fill(nodes.length);
  let count = 0;
  const outs: number[][] = nodes.map(() => []);
  from.forEach((source, edge) => outs[source]!.push(to[edge]!));
  const stack = [...nodes.keys()].filter(node => layer[node] === 0).reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (met[node] === nodes.length) {
      met[node] = count++;
      stack.push(...outs[node]!.toReversed());
    }
  }

  return [...nodes.keys()].sort((a, b) => layer[a]! - layer[b]! || met[a]! - met[b]!).map(node => nodes[node]!);
}

// Edges that close a cycle, found by a depth-first search from the nodes that nothing leads to.
function backEdges(count: number, from: readonly number[], to: readonly number[]): boolean[] {
  const leaving: number[][] = Array.from({ length: count }, () => []);
  const entered = new Array<number>(count).fill(0);
  from.forEach((source, edge) => {
    leaving[source]!.push(edge);
    entered[to[edge]!]!++;
  });
  const isBack = new Array<boolean>(from.length).fill(false);
  const colour = new Uint8Array(count);
  const next = new Int32Array(count);
  const roots = [...Array(count).keys()].sort((a, b) => Number(entered[a]! > 0) - Number(entered[b]! > 0));
  for (const root of roots) {
    if (colour[root] !== 0) {
      continue;
    }

    const stack = [root];
    colour[root] = 1;
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const edge = leaving[node]![next[node]!++];
      if (edge === undefined) {
        colour[node] = 2;
        stack.pop();
      } else if (colour[to[edge]!] === 1) {
        isBack[edge] = true;
      } else if (colour[to[edge]!] === 0) {
        colour[to[edge]!] = 1;
        stack.push(to[edge]!);
      }
    }
  }

  return isBack;
}

function layersOf(count: number, from: readonly number[], to: readonly number[], isBack: readonly boolean[]): number[] {
  const leaving: number[][] = Array.from({ length: count }, () => []);
  const missing = new Array<number>(count).fill(0);
  from.forEach((source, edge) => {
    if (!isBack[edge]) {
      leaving[source]!.push(to[edge]!);
      missing[to[edge]!]!++;
    }
  });
  const layer = new Array<number>(count).fill(0);
  const ready = [...Array(count).keys()].filter(node => missing[node] === 0);
  for (let at = 0; at < ready.length; at++) {
    for (const target of leaving[ready[at]!]!) {
      layer[target] = Math.max(layer[target]!, layer[ready[at]!]! + 1);
      if (--missing[target]! === 0) {
        ready.push(target);
      }
    }
  }

  return layer;
}

// The order within each layer: a depth-first order at first, then by the mean place of the neighbours, back and forth.
function order(total: number, layer: readonly number[], ins: readonly number[][], outs: readonly number[][]): number[][] {
  const layers: number[][] = [];
  for (let node = 0; node < total; node++) {
    (layers[layer[node]!] ??= []).push(node);
  }

  const visited = new Uint8Array(total);
  const rank = new Float64Array(total);
  let seen = 0;
  for (const root of layers[0] ?? []) {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (visited[node]) {
        continue;
      }

      visited[node] = 1;
      rank[node] = seen++;
      for (let at = outs[node]!.length - 1; at >= 0; at--) {
        stack.push(outs[node]![at]!);
      }
    }
  }

  const place = new Float64Array(total);
  const settle = (members: number[]) => {
    members.sort((a, b) => rank[a]! - rank[b]! || place[a]! - place[b]!);
    members.forEach((member, at) => (place[member] = at / Math.max(members.length - 1, 1)));
  };
  layers.forEach(settle);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (let step = 1; step < layers.length; step++) {
      const members = layers[forward ? step : layers.length - 1 - step]!;
      for (const member of members) {
        const neighbours = (forward ? ins : outs)[member]!;
        let sum = 0;
        for (const neighbour of neighbours) {
          sum += place[neighbour]!;
        }

        rank[member] = neighbours.length > 0 ? sum / neighbours.length : place[member]!;
      }

      settle(members);
    }
  }

  return layers;
}

function coordinates(layers: readonly number[][], across: readonly number[], real: number, ins: readonly number[][], outs: readonly number[][]): Float64Array {
  const centre = new Float64Array(across.length);
  const apart = (a: number, b: number) => (across[a]! + across[b]!) / 2 + (a < real || b < real ? nodeGap : dummyGap);
  for (const members of layers) {
    let at = 0;
    members.forEach((member, place) => {
      at += place === 0 ? 0 : apart(members[place - 1]!, member);
      centre[member] = at;
    });
    const middle = at / 2;
    for (const member of members) {
      centre[member]! -= middle;
    }
  }

  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (let step = 0; step < layers.length; step++) {
      const members = layers[forward ? step : layers.length - 1 - step]!;
      fit(members, centre, apart, member => {
        const near = (forward ? ins : outs)[member]!;
        const neighbours = near.length > 0 ? near : (forward ? outs : ins)[member]!;
        if (neighbours.length === 0) {
          return centre[member]!;
        }

        let sum = 0;
        for (const neighbour of neighbours) {
          sum += centre[neighbour]!;
        }

        return sum / neighbours.length;
      });
    }
  }

  return centre;
}

// Moves the members as close to where they want to be as their order and distances allow: isotonic regression, by merging
// neighbours that would overlap into blocks.
function fit(members: readonly number[], centre: Float64Array, apart: (a: number, b: number) => number, wanted: (member: number) => number): void {
  const offsets: number[] = [];
  const blocks: { mean: number; size: number }[] = [];
  let offset = 0;
  members.forEach((member, at) => {
    offset += at === 0 ? 0 : apart(members[at - 1]!, member);
    offsets.push(offset);
    let block = { mean: wanted(member) - offset, size: 1 };
    for (let last = blocks.at(-1); last && last.mean > block.mean; last = blocks.at(-1)) {
      block = { mean: (last.mean * last.size + block.mean * block.size) / (last.size + block.size), size: last.size + block.size };
      blocks.pop();
    }

    blocks.push(block);
  });
  let at = 0;
  for (const block of blocks) {
    for (let i = 0; i < block.size; i++, at++) {
      centre[members[at]!] = block.mean + offsets[at]!;
    }
  }
}
