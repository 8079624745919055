import type { TreePipeline } from '../api/types';

const pipeline = (id: string, activity: TreePipeline['activities'][string]): TreePipeline => ({
  id,
  start_event: { id: `${id}_start`, type: 'EmptyStartEvent', name: '', incoming: '', outgoing: `${id}_f1` },
  end_event: { id: `${id}_end`, type: 'EmptyEndEvent', name: '', incoming: [`${id}_f2`], outgoing: '' },
  activities: { [activity.id]: { ...activity, incoming: [`${id}_f1`], outgoing: `${id}_f2` } },
  gateways: {},
  flows: {
    [`${id}_f1`]: { id: `${id}_f1`, source: `${id}_start`, target: activity.id },
    [`${id}_f2`]: { id: `${id}_f2`, source: activity.id, target: `${id}_end` },
  },
  data: { inputs: { '${answer}': { type: 'plain', value: 'work', source_act: 'work', source_key: 'answer' } }, outputs: [] },
});

/** A pipeline with a sub-process in a sub-process. For tests. */
export const nestedTree: TreePipeline = pipeline('outer', {
  id: 'box', type: 'SubProcess', name: 'Box',
  pipeline: pipeline('box', {
    id: 'inner', type: 'SubProcess', name: 'Inner',
    pipeline: pipeline('inner', { id: 'work', type: 'ServiceActivity', name: 'Work', component: { code: 'log', inputs: { message: { type: 'splice', value: 'work' } } } }),
  }),
});

/** A choice between two ways, one of which leads back. For tests. */
export const loopTree: TreePipeline = {
  ...pipeline('loop', { id: 'work', type: 'ServiceActivity', name: 'Work' }),
  gateways: {
    again: {
      id: 'again', type: 'ExclusiveGateway', name: 'Again?', incoming: ['loop_f2'], outgoing: ['loop_back', 'loop_out'],
      conditions: { loop_back: { evaluate: '${n} < 3' } }, default_condition: { flow_id: 'loop_out' },
    },
  },
  flows: {
    loop_f1: { id: 'loop_f1', source: 'loop_start', target: 'work' },
    loop_f2: { id: 'loop_f2', source: 'work', target: 'again' },
    loop_back: { id: 'loop_back', source: 'again', target: 'work' },
    loop_out: { id: 'loop_out', source: 'again', target: 'loop_end' },
  },
};

/** Branches of a conditional gateway, with a parallel gateway in one of them. For tests. */
export const branchTree: TreePipeline = {
  ...pipeline('branch', { id: 'a', type: 'ServiceActivity', name: 'A' }),
  activities: { a: { id: 'a', type: 'ServiceActivity' }, b: { id: 'b', type: 'ServiceActivity' }, c: { id: 'c', type: 'ServiceActivity' } },
  gateways: {
    some: { id: 'some', type: 'ConditionalParallelGateway', outgoing: ['f2', 'f3'], conditions: { f2: { evaluate: '1 == 1' }, f3: { evaluate: '1 == 2' } } },
    fork: { id: 'fork', type: 'ParallelGateway' },
    join: { id: 'join', type: 'ConvergeGateway' },
    met: { id: 'met', type: 'ConvergeGateway' },
  },
  flows: Object.fromEntries([
    ['f1', 'branch_start', 'some'], ['f2', 'some', 'fork'], ['f3', 'some', 'c'], ['f4', 'fork', 'a'], ['f5', 'fork', 'b'], ['f6', 'a', 'join'], ['f7', 'b', 'join'],
    ['f8', 'join', 'met'], ['f9', 'c', 'met'], ['f10', 'met', 'branch_end'],
  ].map(([id, source, target]) => [id!, { id: id!, source: source!, target: target! }])),
};
