import type { Json, TreePipeline } from '../api/types';
import { modelOf } from './tree';

const notReferences = new Set(['name', 'type', 'evaluate', 'source_key', 'component', 'value']);

/**
 * Gives the pipeline, its nodes and its flows new ids, so that a tree that ran can be submitted again. Inputs of components are left
 * alone: what they hold is no reference.
 */
export function withFreshIds(tree: TreePipeline, suffix: string): TreePipeline {
  const model = modelOf(tree.id, tree);
  const ids = new Set<string>([tree.id, ...model.nodes.keys()]);
  for (const scope of model.scopes.values()) {
    scope.edges.forEach(edge => ids.add(edge.id));
  }

  const rename = (text: string) => (ids.has(text) ? `${text}_${suffix}` : text);
  const copy = (value: Json, key: string | null): Json => {
    // What stands under these is no reference, unless a node is called so.
    if (key !== null && notReferences.has(key) && !ids.has(key)) {
      return value;
    }

    if (typeof value === 'string') {
      return rename(value);
    }

    if (Array.isArray(value)) {
      return value.map(item => copy(item, null));
    }

    return value === null || typeof value !== 'object' ? value : Object.fromEntries(Object.entries(value).map(([member, item]) => [rename(member), copy(item, member)]));
  };
  return copy(tree as unknown as Json, null) as unknown as TreePipeline;
}
