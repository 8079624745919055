import type { TreeActivity, TreeGateway, TreeNode, TreePipeline } from '../api/types';

export type NodeKind = 'start' | 'end' | 'activity' | 'subprocess' | 'exclusive' | 'parallel' | 'conditional' | 'converge';

/** A node of the tree, wherever in it. */
export interface ModelNode {
  id: string;
  kind: NodeKind;
  type: string;
  /** What is shown: the name, or the id where there is none. */
  label: string;
  /** The pipeline or sub-process that it stands in. */
  scope: string;
  component: string | null;
  source: TreeNode | TreeActivity | TreeGateway;
}

export interface ModelEdge {
  id: string;
  source: string;
  target: string;
  /** The condition under which it is taken; null where there is none. */
  label: string | null;
}

/** The root pipeline, or a sub-process in it. */
export interface Scope {
  id: string;
  parent: string | null;
  depth: number;
  nodes: string[];
  edges: ModelEdge[];
}

/** A submitted tree, flattened. */
export interface Model {
  rootId: string;
  name: string | null;
  nodes: Map<string, ModelNode>;
  scopes: Map<string, Scope>;
}

const kinds: Record<string, NodeKind> = {
  EmptyStartEvent: 'start',
  EmptyEndEvent: 'end',
  ExecutableEndEvent: 'end',
  ServiceActivity: 'activity',
  SubProcess: 'subprocess',
  ExclusiveGateway: 'exclusive',
  ParallelGateway: 'parallel',
  ConditionalParallelGateway: 'conditional',
  ConvergeGateway: 'converge',
};

/** The kind of a node of the tree; one that the console does not know is shown as an activity. */
export function kindOf(type: string): NodeKind {
  return kinds[type] ?? 'activity';
}

/** What people call a type of node. */
export const kindNames: Record<NodeKind, string> = {
  start: 'Start event',
  end: 'End event',
  activity: 'Activity',
  subprocess: 'Sub-process',
  exclusive: 'Exclusive gateway',
  parallel: 'Parallel gateway',
  conditional: 'Conditional parallel gateway',
  converge: 'Converge gateway',
};

/** Flattens a tree. Flows that name no node of their pipeline are left out: the server takes no such tree. */
export function modelOf(rootId: string, tree: TreePipeline): Model {
  const nodes = new Map<string, ModelNode>();
  const scopes = new Map<string, Scope>();

  // Not recursive: the depth of a tree is somebody else's choice.
  const open: { id: string; parent: string | null; depth: number; tree: TreePipeline }[] = [{ id: rootId, parent: null, depth: 0, tree }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const scope: Scope = { id: next.id, parent: next.parent, depth: next.depth, nodes: [], edges: [] };
    scopes.set(scope.id, scope);
    const { start_event, end_event, activities, gateways, flows } = next.tree;
    const own: TreeNode[] = [start_event, ...Object.values(activities ?? {}), ...Object.values(gateways ?? {}), end_event].filter(Boolean);
    for (const source of own) {
      const kind = kindOf(source.type);
      const activity = source as TreeActivity;
      scope.nodes.push(source.id);
      nodes.set(source.id, {
        id: source.id,
        kind,
        type: source.type,
        label: source.name || (kind === 'start' ? 'Start' : kind === 'end' ? 'End' : source.id),
        scope: scope.id,
        component: activity.component?.code ?? null,
        source,
      });
      if (kind === 'subprocess' && activity.pipeline) {
        open.push({ id: source.id, parent: scope.id, depth: scope.depth + 1, tree: activity.pipeline });
      }
    }

    const here = new Set(scope.nodes);
    for (const flow of Object.values(flows ?? {})) {
      if (here.has(flow.source) && here.has(flow.target)) {
        scope.edges.push({ id: flow.id, source: flow.source, target: flow.target, label: conditionOf(nodes.get(flow.source)!, flow.id) });
      }
    }
  }

  return { rootId, name: tree.name ?? null, nodes, scopes };
}

/** The flows that leave a node, with the conditions under which they are taken. */
export function flowsFrom(model: Model, nodeId: string): ModelEdge[] {
  const node = model.nodes.get(nodeId);
  return node ? (model.scopes.get(node.scope)?.edges.filter(edge => edge.source === nodeId) ?? []) : [];
}

/** The sub-processes around a node, the outermost first. */
export function stackOf(model: Model, nodeId: string): string[] {
  const stack: string[] = [];
  for (let scope = model.nodes.get(nodeId)?.scope; scope !== undefined && scope !== model.rootId; scope = model.nodes.get(scope)?.scope) {
    stack.unshift(scope);
  }

  return stack;
}

/** Whether a node is a pipeline: the root, or a sub-process. */
export function isPipeline(model: Model, id: string): boolean {
  return model.scopes.has(id);
}

/** The converge gateway at which the branches of a parallel gateway meet; null where none can be told. */
export function convergeOf(model: Model, gatewayId: string): string | null {
  const gateway = model.nodes.get(gatewayId);
  const scope = gateway && model.scopes.get(gateway.scope);
  if (!scope) {
    return null;
  }

  const declared = (gateway.source as TreeGateway).converge_gateway_id;
  if (declared) {
    return declared;
  }

  // The nearest converge gateway that as many splits as joins lie before, counted along one branch.
  const next = new Map<string, string>();
  for (const edge of scope.edges) {
    if (!next.has(edge.source)) {
      next.set(edge.source, edge.target);
    }
  }

  const seen = new Set<string>();
  let depth = 0;
  for (let at = next.get(gatewayId); at !== undefined && !seen.has(at); at = next.get(at)) {
    seen.add(at);
    const kind = model.nodes.get(at)?.kind;
    if (kind === 'parallel' || kind === 'conditional') {
      depth++;
    } else if (kind === 'converge') {
      if (depth === 0) {
        return at;
      }

      depth--;
    }
  }

  return null;
}

function conditionOf(source: ModelNode, flow: string): string | null {
  const gateway = source.source as TreeGateway;
  const condition = gateway.conditions?.[flow];
  if (condition) {
    return condition.name || condition.evaluate || null;
  }

  return gateway.default_condition?.flow_id === flow ? 'otherwise' : null;
}
