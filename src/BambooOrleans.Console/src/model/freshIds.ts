import type { Json, TreePipeline } from '../api/types';
import { modelOf } from './tree';

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
    if (typeof value === 'string') {
      return key === 'name' || key === 'type' || key === 'evaluate' || key === 'source_key' ? value : rename(value);
    }

    if (Array.isArray(value)) {
      return value.map(item => copy(item, key));
    }

    return value === null || typeof value !== 'object' || key === 'component' || key === 'value' ? value
      : Object.fromEntries(Object.entries(value).map(([member, item]) => [rename(member), copy(item, member)]));
  };
  return copy(tree as unknown as Json, null) as unknown as TreePipeline;
}
