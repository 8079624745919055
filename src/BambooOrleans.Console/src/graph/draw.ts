import type { Placement, PlacedEdge, PlacedNode } from '../layout/compose';
import type { States } from '../model/states';
import { lookOf } from '../components/state';

export interface View {
  x: number;
  y: number;
  zoom: number;
}

/** The colours of the page's theme, for canvases. */
export interface Palette {
  edge: string;
  edgeDone: string;
  edgeLive: string;
  text: string;
  label: string;
  group: string;
  groupEdge: string;
  accent: string;
  tones: Record<string, { fill: string; ink: string }>;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  const tones: Palette['tones'] = {};
  for (const tone of ['running', 'finished', 'failed', 'suspended', 'ready', 'revoked', 'none']) {
    tones[tone] = { fill: get(`--${tone}-soft`), ink: get(`--${tone}`) };
  }

  return {
    edge: get('--edge'), edgeDone: get('--edge-done'), edgeLive: get('--running'), text: get('--text-2'), label: get('--bg'),
    group: get('--group'), groupEdge: get('--border-strong'), accent: get('--accent'), tones,
  };
}

/** What of the drawing a view shows: left, top, right, bottom. */
export function windowOf(view: View, width: number, height: number, margin = 0): [number, number, number, number] {
  return [
    (-view.x - margin) / view.zoom,
    (-view.y - margin) / view.zoom,
    (width - view.x + margin) / view.zoom,
    (height - view.y + margin) / view.zoom,
  ];
}

export function visibleNodes(placement: Placement, [left, top, right, bottom]: [number, number, number, number]): PlacedNode[] {
  return placement.nodes.filter(node => node.x < right && node.x + node.width > left && node.y < bottom && node.y + node.height > top);
}

/** Whether a flow was taken, is being taken, or neither, as far as the states show. */
export function flowStanding(edge: PlacedEdge, placement: Placement, states: States | null): 'none' | 'done' | 'live' {
  const kind = placement.byId.get(edge.source)?.node.kind;
  const isChoice = kind === 'exclusive' || kind === 'conditional';
  const target = states?.get(edge.target);
  if (states?.get(edge.source)?.state !== 'FINISHED' || (isChoice && !target)) {
    return 'none';
  }

  return target?.state === 'RUNNING' ? 'live' : 'done';
}

/** Draws the flows, and the nodes too where they are too many or too small to be elements of the page. */
export function draw(
  canvas: HTMLCanvasElement, placement: Placement, view: View, states: States | null, palette: Palette, withNodes: boolean, selected: string | null,
): void {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }

  const context = canvas.getContext('2d')!;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.x, ratio * view.y);
  const [left, top, right, bottom] = windowOf(view, width, height, 20);

  // Open sub-processes, the outermost first, lie below their flows.
  const shown = placement.nodes.filter(node => node.x < right && node.x + node.width > left && node.y < bottom && node.y + node.height > top);
  for (const node of shown) {
    if (node.isOpen) {
      context.fillStyle = palette.group;
      context.strokeStyle = palette.groupEdge;
      context.lineWidth = 1 / view.zoom;
      rounded(context, node.x, node.y, node.width, node.height, 10);
      context.fill();
      if (withNodes) {
        context.stroke();
      }
    }
  }

  const edges: Record<'none' | 'done' | 'live', PlacedEdge[]> = { none: [], done: [], live: [] };
  for (const edge of placement.edges) {
    const [l, t, r, b] = edge.bounds;
    if (l < right && r > left && t < bottom && b > top) {
      edges[flowStanding(edge, placement, states)].push(edge);
    }
  }

  const isFar = view.zoom < 0.3;
  for (const [standing, colour] of [['none', palette.edge], ['done', palette.edgeDone], ['live', palette.edgeLive]] as const) {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = Math.max(standing === 'none' ? 1.25 : 1.75, 0.6 / view.zoom);
    context.setLineDash(standing === 'live' ? [7, 4] : []);
    context.beginPath();
    for (const edge of edges[standing]) {
      trace(context, edge, isFar);
    }

    context.stroke();
    context.setLineDash([]);
    if (!isFar) {
      context.beginPath();
      for (const edge of edges[standing]) {
        arrow(context, edge);
      }

      context.fill();
    }
  }

  if (view.zoom > 0.5) {
    context.font = '10.5px system-ui, sans-serif';
    context.textBaseline = 'middle';
    for (const edge of [...edges.none, ...edges.done, ...edges.live]) {
      if (edge.label) {
        label(context, edge, edge.label, palette);
      }
    }
  }

  if (withNodes) {
    drawNodes(context, shown, view, states, palette, selected);
  }
}

/** Draws the whole pipeline small, with what the view shows of it. */
export function drawOverview(canvas: HTMLCanvasElement, placement: Placement, view: View, viewWidth: number, viewHeight: number, states: States | null, palette: Palette): void {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d')!;
  const { scale, x, y } = overviewScale(placement, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const byTone = groupByTone(placement.nodes, states);

  // Failures last, so that none is hidden.
  for (const tone of ['none', 'finished', 'ready', 'suspended', 'revoked', 'running', 'failed']) {
    context.fillStyle = palette.tones[tone]!.ink;
    context.globalAlpha = tone === 'none' ? 0.35 : 0.85;
    const least = tone === 'failed' || tone === 'running' ? 3 : 1;
    context.beginPath();
    for (const node of byTone.get(tone) ?? []) {
      context.rect(x + node.x * scale, y + node.y * scale, Math.max(node.width * scale, least), Math.max(node.height * scale, least));
    }

    context.fill();
  }

  context.globalAlpha = 1;
  const [left, top, right, bottom] = windowOf(view, viewWidth, viewHeight);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.strokeRect(x + left * scale, y + top * scale, (right - left) * scale, (bottom - top) * scale);
}

/** How the whole pipeline fits into a small canvas. */
export function overviewScale(placement: Placement, width: number, height: number): { scale: number; x: number; y: number } {
  const scale = Math.min((width - 12) / Math.max(placement.width, 1), (height - 12) / Math.max(placement.height, 1));
  return { scale, x: (width - placement.width * scale) / 2, y: (height - placement.height * scale) / 2 };
}

function groupByTone(nodes: readonly PlacedNode[], states: States | null): Map<string, PlacedNode[]> {
  const groups = new Map<string, PlacedNode[]>();
  for (const node of nodes) {
    if (!node.isOpen) {
      const { tone } = lookOf(states?.get(node.id)?.state);
      const same = groups.get(tone);
      if (same) {
        same.push(node);
      } else {
        groups.set(tone, [node]);
      }
    }
  }

  return groups;
}

function drawNodes(context: CanvasRenderingContext2D, nodes: readonly PlacedNode[], view: View, states: States | null, palette: Palette, selected: string | null): void {
  const withGlyphs = view.zoom * 48 > 9;
  const needy: { node: PlacedNode; tone: string }[] = [];
  if (!withGlyphs) {
    // Thousands of small nodes are one shape for each state: to draw each by itself would take ten times as long.
    for (const [tone, same] of groupByTone(nodes, states)) {
      context.fillStyle = tone === 'none' ? palette.edge : palette.tones[tone]!.ink;
      context.beginPath();
      for (const node of same) {
        context.rect(node.x, node.y, node.width, node.height);
        if (tone === 'failed' || tone === 'running' || tone === 'suspended') {
          needy.push({ node, tone });
        }
      }

      context.fill();
    }

    const chosen = nodes.find(node => node.id === selected);
    if (chosen) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 3 / view.zoom;
      context.strokeRect(chosen.x, chosen.y, chosen.width, chosen.height);
    }
  }

  for (const node of withGlyphs ? nodes : []) {
    if (node.isOpen) {
      continue;
    }

    const { tone } = lookOf(states?.get(node.id)?.state);
    const { fill, ink } = palette.tones[tone]!;
    context.fillStyle = fill;
    context.strokeStyle = node.id === selected ? palette.accent : ink;
    context.lineWidth = (node.id === selected ? 3 : 1) / view.zoom;
    rounded(context, node.x, node.y, node.width, node.height, node.node.kind === 'activity' || node.node.kind === 'subprocess' ? 6 : node.height / 2);
    context.fill();
    context.stroke();
    if (tone !== 'none') {
      glyph(context, tone, node.x + node.width / 2, node.y + node.height / 2, Math.min(node.height, 40) * 0.26, ink, 2.2 / Math.max(view.zoom, 0.3));
    }
  }

  // However small the nodes are, those that somebody looks for are seen: a sign on a ground of its own.
  const radius = 7 / view.zoom;
  for (const { node, tone } of needy.sort((a, b) => Number(a.tone === 'failed') - Number(b.tone === 'failed'))) {
    const [x, y] = [node.x + node.width / 2, node.y + node.height / 2];
    context.fillStyle = palette.tones[tone]!.fill;
    context.strokeStyle = palette.tones[tone]!.ink;
    context.lineWidth = 1.5 / view.zoom;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
    context.stroke();
    glyph(context, tone, x, y, radius * 0.45, palette.tones[tone]!.ink, 1.8 / view.zoom);
  }
}

// A sign of its own for each state, so that no state is told by its colour alone.
function glyph(context: CanvasRenderingContext2D, tone: string, x: number, y: number, r: number, ink: string, width: number): void {
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = width;
  context.beginPath();
  switch (tone) {
    case 'finished':
      context.moveTo(x - r, y);
      context.lineTo(x - r * 0.2, y + r * 0.7);
      context.lineTo(x + r, y - r * 0.7);
      context.stroke();
      break;
    case 'failed':
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
      context.stroke();
      break;
    case 'running':
      context.moveTo(x - r * 0.7, y - r);
      context.lineTo(x + r, y);
      context.lineTo(x - r * 0.7, y + r);
      context.fill();
      break;
    case 'suspended':
      context.fillRect(x - r * 0.8, y - r, r * 0.6, 2 * r);
      context.fillRect(x + r * 0.2, y - r, r * 0.6, 2 * r);
      break;
    default:
      context.arc(x, y, r * 0.8, 0, 7);
      context.stroke();
      break;
  }
}

function trace(context: CanvasRenderingContext2D, { points, smooth }: PlacedEdge, isFar: boolean): void {
  context.moveTo(points[0]!, points[1]!);
  const last = points.length - 2;
  if (isFar) {
    for (let at = 2; at <= last; at += 2) {
      context.lineTo(points[at]!, points[at + 1]!);
    }
  } else if (smooth) {
    for (let at = 2; at <= last; at += 2) {
      const [x0, y0, x1, y1] = [points[at - 2]!, points[at - 1]!, points[at]!, points[at + 1]!];
      if (Math.abs(x1 - x0) >= Math.abs(y1 - y0) / 8) {
        const middle = (x0 + x1) / 2;
        context.bezierCurveTo(middle, y0, middle, y1, x1, y1);
      } else {
        const middle = (y0 + y1) / 2;
        context.bezierCurveTo(x0, middle, x1, middle, x1, y1);
      }
    }
  } else {
    for (let at = 2; at < last; at += 2) {
      context.arcTo(points[at]!, points[at + 1]!, points[at + 2]!, points[at + 3]!, 6);
    }

    context.lineTo(points[last]!, points[last + 1]!);
  }
}

function arrow(context: CanvasRenderingContext2D, { points, smooth }: PlacedEdge): void {
  const last = points.length - 2;
  const [x, y] = [points[last]!, points[last + 1]!];
  let [dx, dy] = [x - points[last - 2]!, y - points[last - 1]!];
  if (smooth) {
    [dx, dy] = Math.abs(dx) >= Math.abs(dy) / 8 ? [Math.sign(dx), 0] : [0, Math.sign(dy)];
  }

  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  context.moveTo(x, y);
  context.lineTo(x - ux * 8 - uy * 4, y - uy * 8 + ux * 4);
  context.lineTo(x - ux * 8 + uy * 4, y - uy * 8 - ux * 4);
  context.closePath();
}

function label(context: CanvasRenderingContext2D, { points }: PlacedEdge, text: string, palette: Palette): void {
  const shown = text.length > 26 ? `${text.slice(0, 25)}…` : text;
  const width = context.measureText(shown).width + 8;

  // On the longest level stretch, where it hides least.
  let [x, y, longest] = [(points[0]! + points[2]!) / 2, (points[1]! + points[3]!) / 2, 0];
  for (let at = 2; at < points.length; at += 2) {
    const length = Math.abs(points[at]! - points[at - 2]!);
    if (points[at + 1] === points[at - 1] && length > longest) {
      longest = length;
      x = (points[at]! + points[at - 2]!) / 2;
      y = points[at + 1]!;
    }
  }

  context.fillStyle = palette.label;
  context.globalAlpha = 0.92;
  rounded(context, x - width / 2, y - 8, width, 16, 4);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = palette.text;
  context.fillText(shown, x - width / 2 + 4, y + 0.5);
}

function rounded(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, radius: number): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
}
