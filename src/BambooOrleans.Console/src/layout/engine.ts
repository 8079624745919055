import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import elkWorker from 'elkjs/lib/elk-worker.min.js?url';
import { inFlowOrder, layerGap, nodeGap, type Direction, type Layout, type LayoutEdge, type LayoutNode } from './layered';

/**
 * Scopes with more nodes than this are placed by our own layered layout, which is quicker and breaks long pipelines into rows. ELK
 * routes more neatly, but takes more than a second for 2,000 nodes and five for 10,000; ours took 1.5 s for 10,000 with its checks, on a busy machine.
 */
export const elkNodesMax = 300;

/** How wide a label is drawn; it is cut to as many letters. */
const labelWidth = (label: string) => Math.min(label.length, 26) * 6 + 10;

let elk: InstanceType<typeof ELK> | null = null;
let layered: Worker | null = null;
let asked = 0;
const waiting = new Map<number, (layout: Layout) => void>();

/** Starts what lays out most graphs, which takes longer than most layouts, while the pipeline is still being read. */
export function warmUp(): void {
  elk ??= new ELK({ workerFactory: () => new Worker(elkWorker) });
}

/** Places the nodes of one scope, in a worker. */
export function place(nodes: LayoutNode[], edges: LayoutEdge[], direction: Direction): Promise<Layout> {
  return nodes.length > elkNodesMax ? placeLayered(nodes, edges, direction) : placeElk(nodes, edges, direction);
}

function placeLayered(nodes: LayoutNode[], edges: LayoutEdge[], direction: Direction): Promise<Layout> {
  if (layered === null) {
    layered = new Worker(new URL('./layered.worker.ts', import.meta.url), { type: 'module' });
    layered.onmessage = (message: MessageEvent<{ id: number; layout: Layout }>) => {
      waiting.get(message.data.id)?.(message.data.layout);
      waiting.delete(message.data.id);
    };
  }

  const id = ++asked;
  return new Promise(resolve => {
    waiting.set(id, resolve);
    layered!.postMessage({ id, nodes, edges, direction });
  });
}

async function placeElk(given: LayoutNode[], edges: LayoutEdge[], direction: Direction): Promise<Layout> {
  // A tree lists its activities before its gateways; ELK is to see them as the flow meets them.
  const nodes = inFlowOrder(given, edges);
  warmUp();
  const isCheap = nodes.length > 120;
  const graph: ElkNode = {
    id: ' ',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction,
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.spacing.nodeNode': String(nodeGap),
      'elk.spacing.edgeNode': '18',
      'elk.spacing.edgeEdge': '12',
      'elk.layered.spacing.nodeNodeBetweenLayers': String(layerGap - 8),
      'elk.layered.spacing.edgeNodeBetweenLayers': '20',
      'elk.layered.nodePlacement.strategy': isCheap ? 'BRANDES_KOEPF' : 'NETWORK_SIMPLEX',
      'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
      'elk.layered.feedbackEdges': 'true',
      'elk.layered.thoroughness': isCheap ? '2' : '7',
      'elk.edgeLabels.inline': 'true',
      'elk.spacing.edgeLabel': '0',
      'elk.padding': '[top=0,left=0,bottom=0,right=0]',
    },
    // ELK reads ids as text that must be unique among nodes and edges; theirs may be anything.
    children: nodes.map((node, at) => ({ id: `n${at}`, width: node.width, height: node.height })),
    edges: [],
  };
  const index = new Map(nodes.map((node, at) => [node.id, `n${at}`]));
  graph.edges = edges.map((edge, at): ElkExtendedEdge => ({ id: `e${at}`, sources: [index.get(edge.source)!], targets: [index.get(edge.target)!], ...(edge.label ? { labels: [{ text: 'l', width: labelWidth(edge.label), height: 16 }] } : {}) }));
  const placed = await elk!.layout(graph);
  const layout: Layout = { width: placed.width ?? 0, height: placed.height ?? 0, boxes: new Map(), routes: new Map() };
  placed.children?.forEach((child, at) => {
    layout.boxes.set(nodes[at]!.id, { x: child.x ?? 0, y: child.y ?? 0, width: child.width ?? 0, height: child.height ?? 0 });
  });
  placed.edges?.forEach((edge, at) => {
    const points: number[] = [];
    for (const section of (edge as ElkExtendedEdge).sections ?? []) {
      for (const point of [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]) {
        points.push(point.x, point.y);
      }
    }

    layout.routes.set(edges[at]!.id, { points, smooth: false });
  });
  return layout;
}
