import '@xyflow/react/dist/base.css';
import { ReactFlow, ReactFlowProvider, useReactFlow, type Viewport } from '@xyflow/react';
import { ArrowDown, ArrowRight, Maximize, Minus, Plus, Search, TriangleAlert } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent as ReactMouseEvent } from 'react';
import type { Wait } from '../api/types';
import { Failure } from '../components/bits';
import { lookOf, StateIcon } from '../components/state';
import { useShortcuts } from '../components/shortcuts';
import { useTheme } from '../components/theme';
import { compose, type Placement } from '../layout/compose';
import { place } from '../layout/engine';
import type { Direction, Layout } from '../layout/layered';
import type { States } from '../model/states';
import { kindNames, stackOf, type Model } from '../model/tree';
import { draw, drawOverview, overviewScale, readPalette, visibleNodes, windowOf, type View } from './draw';
import { GraphNode, nodeLabel, type BambooNode, type NodeData } from './Node';

const nodeTypes = { bamboo: GraphNode };
const elementsMax = 260;
const elementZoomMin = 0.32;
const readableZoom = 0.55;
const directionName = 'bamboo-direction';

export interface GraphProps {
  model: Model;
  states: States | null;
  waits: readonly Wait[];
  selected: string | null;
  onSelect: (id: string | null) => void;
  /** The sub-processes that show what is in them. */
  open: ReadonlySet<string>;
  onOpen: (open: ReadonlySet<string>) => void;
}

/** A pipeline as a graph. */
export function Graph(props: GraphProps) {
  return <ReactFlowProvider><GraphView {...props} /></ReactFlowProvider>;
}

function GraphView({ model, states, waits, selected, onSelect, open, onOpen }: GraphProps) {
  const flow = useReactFlow();
  const { isDark } = useTheme();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overview = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>({ x: 0, y: 0, zoom: 1 });
  const cache = useRef(new Map<string, Promise<Layout>>());
  const [direction, setDirection] = useState<Direction>(() => (localStorage.getItem(directionName) === 'DOWN' ? 'DOWN' : 'RIGHT'));
  const [placement, setPlacement] = useState<Placement | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [shown, setShown] = useState<{ ids: string[]; asElements: boolean }>({ ids: [], asElements: true });
  const [search, setSearch] = useState<string | null>(null);
  const anchor = useRef<{ id: string; x: number; y: number } | null>(null);
  const isFramed = useRef(false);

  useEffect(() => {
    cache.current.clear();
    isFramed.current = false;
  }, [model, direction]);

  useEffect(() => {
    let isCurrent = true;
    compose(model, open, direction, place, cache.current).then(
      placed => isCurrent && setPlacement(placed),
      (problem: unknown) => isCurrent && setFailure(`The layout failed: ${String(problem)}`),
    );
    return () => {
      isCurrent = false;
    };
  }, [model, open, direction]);

  useLayoutEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Frames are drawn once, however much changed before them.
  const latest = useRef({ placement, states, selected, size, asElements: shown.asElements });
  latest.current = { placement, states, selected, size, asElements: shown.asElements };
  const palette = useMemo(readPalette, [isDark]); // eslint-disable-line react-hooks/exhaustive-deps
  const paletteNow = useRef(palette);
  paletteNow.current = palette;
  const pending = useRef(0);
  const redraw = useCallback(() => {
    pending.current ||= requestAnimationFrame(() => {
      pending.current = 0;
      const now = latest.current;
      if (now.placement && now.size && canvas.current) {
        draw(canvas.current, now.placement, view.current, now.states, paletteNow.current, !now.asElements, now.selected);
        if (overview.current) {
          const [left, top, right, bottom] = windowOf(view.current, now.size.width, now.size.height);
          overview.current.hidden = left <= 0 && top <= 0 && right >= now.placement.width && bottom >= now.placement.height;
        }

        if (overview.current && !overview.current.hidden) {
          drawOverview(overview.current, now.placement, view.current, now.size.width, now.size.height, now.states, paletteNow.current);
        }
      }
    });
  }, []);
  useEffect(() => () => cancelAnimationFrame(pending.current), []);

  const reveal = useCallback(() => {
    const { placement: placed, size: extent } = latest.current;
    if (!placed || !extent) {
      return;
    }

    const nodes = visibleNodes(placed, windowOf(view.current, extent.width, extent.height, 150));
    const asElements = view.current.zoom >= elementZoomMin && nodes.length <= elementsMax;
    const ids = asElements ? nodes.map(node => node.id) : [];
    setShown(before => (before.asElements === asElements && before.ids.length === ids.length && before.ids.every((id, at) => id === ids[at]) ? before : { ids, asElements }));
    redraw();
  }, [redraw]);

  const move = useCallback((to: View, milliseconds = 0) => {
    void flow.setViewport(to, { duration: milliseconds });
    if (milliseconds === 0) {
      view.current = to;
      reveal();
    }
  }, [flow, reveal]);

  const centre = useCallback((id: string, milliseconds = 250) => {
    const { placement: placed, size: extent } = latest.current;
    const node = placed?.byId.get(id);
    if (node && extent) {
      const zoom = Math.max(view.current.zoom, 0.8);
      const nodeHeight = node.isOpen ? Math.min(node.height, extent.height / zoom) : node.height;
      const nodeWidth = node.isOpen ? Math.min(node.width, extent.width / zoom) : node.width;
      move({ zoom, x: extent.width / 2 - (node.x + nodeWidth / 2) * zoom, y: extent.height / 2 - (node.y + nodeHeight / 2) * zoom }, milliseconds);
    }
  }, [move]);

  const fit = useCallback((milliseconds = 250) => {
    const { placement: placed, size: extent } = latest.current;
    if (placed && extent) {
      const zoom = Math.min((extent.width - 64) / Math.max(placed.width, 1), (extent.height - 96) / Math.max(placed.height, 1), 1);
      move({ zoom, x: (extent.width - placed.width * zoom) / 2, y: (extent.height - placed.height * zoom) / 2 }, milliseconds);
    }
  }, [move]);

  // Before the states are known, nobody knows where something is going on.
  const isKnown = states !== null;

  // The first view: all of it where that can be read (or at least told apart, where nothing is going on), otherwise the place where something is going on.
  useLayoutEffect(() => {
    if (!placement || !size || size.width === 0 || !isKnown) {
      return;
    }

    if (!isFramed.current) {
      isFramed.current = true;
      const whole = Math.min((size.width - 64) / Math.max(placement.width, 1), (size.height - 96) / Math.max(placement.height, 1), 1);
      const at = selected && placement.byId.has(selected) ? selected : whole >= (states.size === 0 ? elementZoomMin : readableZoom) ? null : interesting(placement, states);
      view.current = { x: 0, y: 0, zoom: 0.8 };
      const first = at === null ? undefined : placement.byId.get(at);
      if (first?.node.kind === 'start' && first.id !== selected) {
        const { zoom } = view.current;
        move(direction === 'RIGHT'
          ? { zoom, x: 70 - first.x * zoom, y: size.height / 2 - (first.y + first.height / 2) * zoom }
          : { zoom, x: size.width / 2 - (first.x + first.width / 2) * zoom, y: 40 - first.y * zoom });
      } else if (at) {
        centre(at, 0);
      } else {
        fit(0);
      }
    } else if (anchor.current) {
      // What was opened or closed stays where it was.
      const node = placement.byId.get(anchor.current.id);
      if (node) {
        const { zoom } = view.current;
        move({ zoom, x: anchor.current.x - node.x * zoom, y: anchor.current.y - node.y * zoom });
      }

      anchor.current = null;
    }

    reveal();
  }, [placement, size, isKnown]); // eslint-disable-line react-hooks/exhaustive-deps

  useEffect(redraw, [states, selected, palette, shown, redraw]);

  const toggle = useCallback((id: string) => {
    const node = latest.current.placement?.byId.get(id);
    if (node) {
      anchor.current = { id, x: node.x * view.current.zoom + view.current.x, y: node.y * view.current.zoom + view.current.y };
    }

    const next = new Set(open);
    if (!next.delete(id)) {
      next.add(id);
    }

    onOpen(next);
  }, [open, onOpen]);

  /** Selects a node and shows it, opening the sub-processes around it. */
  const go = useCallback((id: string) => {
    const around = stackOf(model, id).filter(scope => !open.has(scope));
    onSelect(id);
    if (around.length > 0) {
      onOpen(new Set([...open, ...around]));
      wanted.current = id;
    } else {
      centre(id);
    }
  }, [model, open, onOpen, onSelect, centre]);
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current && placement?.byId.has(wanted.current)) {
      centre(wanted.current);
      wanted.current = null;
    }
  }, [placement, centre]);

  const waitOf = useMemo(() => new Map(waits.map(wait => [wait.node_id, wait])), [waits]);
  const matches = useMemo(() => {
    const wantedText = search?.trim().toLowerCase();
    return wantedText
      ? [...model.nodes.values()].filter(node => node.id.toLowerCase().includes(wantedText) || node.label.toLowerCase().includes(wantedText) || node.component?.toLowerCase().includes(wantedText))
      : [];
  }, [model, search]);
  const matching = useMemo(() => new Set(matches.map(node => node.id)), [matches]);

  const elements = useMemo<BambooNode[]>(() => {
    if (!placement) {
      return [];
    }

    return shown.ids.flatMap(id => {
      const placed = placement.byId.get(id);
      if (!placed) {
        return [];
      }

      const inside = placed.node.kind === 'subprocess' && !placed.isOpen ? within(model, id) : null;
      const data: NodeData = {
        node: placed.node,
        state: states?.get(id),
        wait: waitOf.get(id),
        isOpen: placed.isOpen,
        isSelected: id === selected,
        isMatch: matching.has(id),
        progress: inside && [inside.filter(child => states?.get(child)?.state === 'FINISHED').length, inside.length],
        hidesFailure: inside?.some(child => states?.get(child)?.state === 'FAILED') ?? false,
        onToggle: toggle,
      };
      return [{
        id, type: 'bamboo' as const, position: { x: placed.x, y: placed.y }, width: placed.width, height: placed.height, data,
        draggable: false, selectable: false, connectable: false, focusable: true, ariaLabel: nodeLabel(data), ariaRole: 'button' as const,
        zIndex: placed.isOpen ? placed.depth : placed.depth + 100,
      }];
    });
  }, [placement, shown, states, waitOf, selected, matching, model, toggle]);

  const step = (dx: number, dy: number) => {
    if (!placement) {
      return;
    }

    const current = selected === null ? undefined : placement.byId.get(selected);
    if (!current) {
      const first = interesting(placement, states);
      if (first) {
        go(first);
      }

      return;
    }

    // The nearest node in the wanted direction; what lies aside counts double.
    let best: { id: string; far: number } | null = null;
    for (const node of placement.nodes) {
      const ahead = (node.x + node.width / 2 - current.x - current.width / 2) * dx + (node.y + node.height / 2 - current.y - current.height / 2) * dy;
      const aside = Math.abs((node.x + node.width / 2 - current.x - current.width / 2) * dy) + Math.abs((node.y + node.height / 2 - current.y - current.height / 2) * dx);
      if (node.id !== current.id && !node.isOpen && ahead > 4 && (best === null || ahead + 2 * aside < best.far)) {
        best = { id: node.id, far: ahead + 2 * aside };
      }
    }

    if (best) {
      go(best.id);
    }
  };

  const nextWith = (wantedStates: string[]) => {
    const ids = [...model.nodes.keys()].filter(id => wantedStates.includes(states?.get(id)?.state ?? '') && !(model.scopes.has(id) && within(model, id).some(child => wantedStates.includes(states?.get(child)?.state ?? ''))));
    if (ids.length > 0) {
      go(ids[(ids.indexOf(selected ?? '') + 1) % ids.length]!);
    }
  };

  const zoomBy = (factor: number) => {
    if (size) {
      const { x, y, zoom } = view.current;
      const next = Math.min(Math.max(zoom * factor, 0.01), 2);
      move({ zoom: next, x: size.width / 2 - ((size.width / 2 - x) / zoom) * next, y: size.height / 2 - ((size.height / 2 - y) / zoom) * next }, 120);
    }
  };

  useShortcuts({
    ArrowRight: () => step(1, 0),
    ArrowLeft: () => step(-1, 0),
    ArrowDown: () => step(0, 1),
    ArrowUp: () => step(0, -1),
    '+': () => zoomBy(1.4),
    '-': () => zoomBy(1 / 1.4),
    0: () => fit(),
    c: () => selected && centre(selected),
    f: () => nextWith(['FAILED']),
    n: () => nextWith(['RUNNING', 'SUSPENDED', 'READY']),
    o: () => selected && model.scopes.has(selected) && toggle(selected),
    '/': () => setSearch(before => before ?? ''),
  });

  // Where nodes are drawn, not elements, a click finds them by its place.
  const clickPane = (event: ReactMouseEvent) => {
    const box = frame.current!.getBoundingClientRect();
    const x = (event.clientX - box.left - view.current.x) / view.current.zoom;
    const y = (event.clientY - box.top - view.current.y) / view.current.zoom;
    const hit = shown.asElements ? undefined : placement?.nodes.findLast(node => !node.isOpen && x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height);
    onSelect(hit?.id ?? null);
  };

  const press = (event: KeyboardEvent) => {
    const element = (event.target as HTMLElement).closest<HTMLElement>('.react-flow__node');
    if (element && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      onSelect(element.dataset['id'] ?? null);
    }
  };

  const pointOverview = (event: ReactMouseEvent<HTMLCanvasElement>) => {
    if (placement && size && (event.buttons & 1) === 1) {
      const box = event.currentTarget.getBoundingClientRect();
      const { scale, x, y } = overviewScale(placement, box.width, box.height);
      const { zoom } = view.current;
      move({ zoom, x: size.width / 2 - ((event.clientX - box.left - x) / scale) * zoom, y: size.height / 2 - ((event.clientY - box.top - y) / scale) * zoom });
    }
  };

  const turn = () => {
    const next = direction === 'RIGHT' ? 'DOWN' : 'RIGHT';
    localStorage.setItem(directionName, next);
    setDirection(next);
  };
  const isLarge = placement !== null && size !== null && (placement.width * readableZoom > size.width || placement.height * readableZoom > size.height);
  const failed = useMemo(() => [...model.nodes.keys()].filter(id => states?.get(id)?.state === 'FAILED').length, [model, states]);

  return (
    <div className="graph" ref={frame} data-testid="graph" data-placed={placement ? placement.nodes.length : undefined} onKeyDown={press}>
      <canvas ref={canvas} className="graph-canvas" aria-hidden />
      <ReactFlow
        nodes={elements} edges={[]} nodeTypes={nodeTypes} minZoom={0.01} maxZoom={2} nodesDraggable={false} nodesConnectable={false} elementsSelectable={false}
        panOnScroll={false} zoomOnDoubleClick={false} deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null} zoomActivationKeyCode={null} disableKeyboardA11y
        onMove={(_event: unknown, to: Viewport) => { view.current = to; reveal(); }}
        onNodeClick={(_event, node) => onSelect(node.id)} onNodeDoubleClick={(_event, node) => model.scopes.has(node.id) && toggle(node.id)} onPaneClick={clickPane}
        aria-label="Graph of the pipeline"
      />
      {!placement && !failure && <p className="graph-note" role="status">Laying out {model.nodes.size} nodes…</p>}
      {failure && <div className="graph-note"><Failure>{failure}</Failure></div>}
      {placement && !shown.asElements && <p className="graph-hint">Zoom in to see names, or press / to find a node.</p>}
      <div className="graph-tools" role="toolbar" aria-label="Graph">
        <button type="button" className="icon-button" aria-label="Find a node" title="Find a node (/)" onClick={() => setSearch(before => (before === null ? '' : null))}><Search size={15} aria-hidden /></button>
        {failed > 0 && <button type="button" className="icon-button tone-failed-text" aria-label={`Next of ${failed} failed nodes`} title={`Next of ${failed} failed nodes (f)`} onClick={() => nextWith(['FAILED'])}><TriangleAlert size={15} aria-hidden /></button>}
        <button type="button" className="icon-button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(1.4)}><Plus size={15} aria-hidden /></button>
        <button type="button" className="icon-button" aria-label="Zoom out" title="Zoom out (-)" onClick={() => zoomBy(1 / 1.4)}><Minus size={15} aria-hidden /></button>
        <button type="button" className="icon-button" aria-label="Show the whole pipeline" title="Show the whole pipeline (0)" onClick={() => fit()}><Maximize size={15} aria-hidden /></button>
        <button type="button" className="icon-button" aria-label={direction === 'RIGHT' ? 'Draw downwards' : 'Draw to the right'} title={direction === 'RIGHT' ? 'Draw downwards' : 'Draw to the right'} onClick={turn}>{direction === 'RIGHT' ? <ArrowDown size={15} aria-hidden /> : <ArrowRight size={15} aria-hidden />}</button>
      </div>
      {search !== null && (
        <div className="graph-search" role="search">
          <input
            type="search" className="input" autoFocus placeholder="Id, name or component" aria-label="Find a node" value={search}
            onChange={event => setSearch(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                event.stopPropagation();
                setSearch(null);
              } else if (event.key === 'Enter' && matches.length > 0) {
                go(matches[(matches.findIndex(node => node.id === selected) + 1) % matches.length]!.id);
              }
            }}
          />
          {search.trim() && (
            <ul className="graph-matches" aria-label="Nodes that were found">
              {matches.slice(0, 50).map(node => (
                <li key={node.id}><button type="button" className="match" onClick={() => go(node.id)}><StateIcon state={states?.get(node.id)?.state} /><span className="ellipsis">{node.label}</span><span className="faint">{kindNames[node.kind]}</span></button></li>
              ))}
              {matches.length > 50 && <li className="hint">and {matches.length - 50} more</li>}
              {matches.length === 0 && <li className="hint">No node is called so.</li>}
            </ul>
          )}
        </div>
      )}
      {isLarge && <canvas ref={overview} className="graph-overview" aria-hidden onMouseDown={pointOverview} onMouseMove={pointOverview} />}
    </div>
  );
}

const insides = new WeakMap<Model, Map<string, string[]>>();

// All nodes in a sub-process, however deep, that are no sub-processes themselves.
function within(model: Model, scopeId: string): string[] {
  const known = insides.get(model) ?? new Map<string, string[]>();
  insides.set(model, known);
  let result = known.get(scopeId);
  if (!result) {
    result = [];
    const todo = [scopeId];
    for (let scope = todo.pop(); scope !== undefined; scope = todo.pop()) {
      for (const id of model.scopes.get(scope)?.nodes ?? []) {
        if (model.scopes.has(id)) {
          todo.push(id);
        } else {
          result.push(id);
        }
      }
    }

    known.set(scopeId, result);
  }

  return result;
}

function interesting(placement: Placement, states: States | null): string | null {
  for (const tone of ['failed', 'running', 'suspended', 'ready']) {
    const node = placement.nodes.find(({ id, isOpen }) => !isOpen && states?.has(id) && lookOf(states.get(id)?.state).tone === tone);
    if (node) {
      return node.id;
    }
  }

  return placement.nodes.find(({ node }) => node.kind === 'start')?.id ?? null;
}
