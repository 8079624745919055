import { layeredLayout, type Direction, type LayoutEdge, type LayoutNode } from './layered';

self.onmessage = (message: MessageEvent<{ id: number; nodes: LayoutNode[]; edges: LayoutEdge[]; direction: Direction }>) => {
  const { id, nodes, edges, direction } = message.data;
  self.postMessage({ id, layout: layeredLayout(nodes, edges, direction) });
};
