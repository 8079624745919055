import type { NodeProps, Node as FlowNode } from '@xyflow/react';
import { ChevronDown, ChevronRight, Layers } from 'lucide-react';
import { memo } from 'react';
import type { NodeState, Wait } from '../api/types';
import { StateIcon, lookOf } from '../components/state';
import { kindNames, type ModelNode } from '../model/tree';

export interface NodeData extends Record<string, unknown> {
  node: ModelNode;
  state: NodeState | undefined;
  wait: Wait | undefined;
  isOpen: boolean;
  isSelected: boolean;
  isMatch: boolean;
  /** Of a closed sub-process: how many of the nodes in it are finished, and how many there are. */
  progress: [number, number] | null;
  /** Whether something in a closed sub-process failed. */
  hidesFailure: boolean;
  onToggle: (id: string) => void;
}

export type BambooNode = FlowNode<NodeData, 'bamboo'>;

/** What a screen reader is told of a node. */
export function nodeLabel({ node, state, wait }: NodeData): string {
  const counts = state ? [state.loop > 1 ? `round ${state.loop}` : '', state.retry > 0 ? `retried ${state.retry} times` : '', state.skip ? 'skipped' : '', state.error_ignored ? 'error ignored' : ''] : [];
  return [node.label, kindNames[node.kind], lookOf(state?.state).label, ...counts, wait ? waitWord(wait) : ''].filter(Boolean).join(', ');
}

/** What a node waits for, in a word or two. */
export function waitWord(wait: Wait): string {
  switch (wait.kind) {
    case 'Callback':
      return 'callback';
    case 'Timer':
      return 'timer';
    case 'Operator':
      return 'operator';
    case 'Pause':
      return 'paused';
    case 'Children':
      return 'branches';
    case 'ComputingVariables':
      return 'variables';
    case 'Stuck':
      return 'stuck';
    default:
      return '';
  }
}

/** A node of the graph, as an element of the page. */
export const GraphNode = memo(function GraphNode({ data }: NodeProps<BambooNode>) {
  const { node, state, wait, isOpen, isSelected, isMatch } = data;
  const { tone } = lookOf(state?.state);
  const classes = ['node', `node-${node.kind}`, `tone-${tone}`, isSelected ? 'is-selected' : '', isMatch ? 'is-match' : '', isOpen ? 'is-open' : ''].join(' ');
  const toggle = node.kind === 'subprocess' && (
    <button
      type="button" className="node-toggle nodrag nopan" aria-expanded={isOpen} aria-label={`${isOpen ? 'Close' : 'Open'} ${node.label}`} tabIndex={-1}
      onClick={event => { event.stopPropagation(); data.onToggle(node.id); }}
    >
      {isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
    </button>
  );
  const attributes = { 'data-testid': `node-${node.id}`, 'data-state': state?.state ?? 'NONE', className: classes, title: isOpen ? undefined : nodeLabel(data) };
  if (isOpen) {
    return (
      <div {...attributes}>
        <div className="node-header">{toggle}<StateIcon state={state?.state} /><span className="node-name">{node.label}</span><Badges data={data} /></div>
      </div>
    );
  }

  if (node.kind === 'activity' || node.kind === 'subprocess') {
    return (
      <div {...attributes}>
        <StateIcon state={state?.state} size={20} />
        <div className="node-text">
          <span className="node-name">{node.label}</span>
          <span className="node-detail">
            {node.kind === 'subprocess' ? <><Layers size={11} aria-hidden /> {data.progress?.[0] ?? 0} of {data.progress?.[1] ?? 0}{data.hidesFailure && <b className="tone-failed-text"> failed inside</b>}</> : node.component}
            {wait && waitWord(wait) && <span className="node-wait">{waitWord(wait)}</span>}
          </span>
        </div>
        <Badges data={data} />
        {toggle}
      </div>
    );
  }

  return (
    <div {...attributes}>
      <span className="node-shape" aria-hidden>{symbols[node.kind]}</span>
      {state && <span className="node-corner"><StateIcon state={state.state} size={14} /></span>}
      <Badges data={data} />
      {node.kind !== 'start' && node.kind !== 'end' && node.label !== node.id && <span className="node-caption">{node.label}</span>}
    </div>
  );
});

const symbols: Record<string, string> = { start: '▸', end: '■', exclusive: '✕', parallel: '+', conditional: '✳', converge: '⋈' };

function Badges({ data: { state } }: { data: NodeData }) {
  if (!state || (state.loop <= 1 && state.retry === 0 && !state.skip && !state.error_ignored)) {
    return null;
  }

  return (
    <span className="node-badges">
      {state.loop > 1 && <span className="badge" title={`Entered ${state.loop} times`}>↻{state.loop}</span>}
      {state.retry > 0 && <span className="badge" title={`Retried ${state.retry} times`}>⟲{state.retry}</span>}
      {state.skip && <span className="badge" title="Skipped by an operator">skipped</span>}
      {state.error_ignored && <span className="badge" title="It failed, and the failure is passed over">ignored</span>}
    </span>
  );
}
