import { describe, expect, it } from 'vitest';
import type { NodeState, Turn, Wait } from '../api/types';
import { AttemptFold, attemptsOfStates } from './attempts';
import { bambooCommand, curlCommand, quote } from './commands';
import { factText, linesOf } from './facts';
import { branchTree, loopTree, nestedTree } from './fixtures';
import { withFreshIds } from './freshIds';
import { lineOf, placeOfPath, syntaxProblems } from './jsonPath';
import { applyTurn, flatten, isAppointed, type States } from './states';
import { duration, ticks, timeScale } from './time';
import { convergeOf, flowsFrom, modelOf, stackOf } from './tree';
import { allows, argumentsOf, verbs, verbsFor } from './verbs';
import { EventParser } from '../api/sse';

const state = (id: string, change: Partial<NodeState> = {}): NodeState => ({
  id, state: 'RUNNING', root_id: 'loop', parent_id: 'loop', version: 'v1', loop: 1, inner_loop: 1, retry: 0, skip: false, error_ignored: false,
  created_time: null, started_time: '2026-01-01T00:00:00Z', archived_time: null, children: {}, ...change,
});
const statesOf = (...list: NodeState[]): States => new Map(list.map(entry => [entry.id, entry]));
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
let position = 0;
const turn = (machine: string, ...events: Turn['events']): Turn => ({ position: ++position, root_id: 'loop', machine, events });

describe('modelOf', () => {
  it('flattens sub-processes and knows what is around a node', () => {
    const model = modelOf('outer', nestedTree);
    expect(model.nodes.size).toBe(9);
    expect([...model.scopes.values()].map(({ id, parent, depth }) => [id, parent, depth])).toEqual([['outer', null, 0], ['box', 'outer', 1], ['inner', 'box', 2]]);
    expect(stackOf(model, 'work')).toEqual(['box', 'inner']);
    expect(stackOf(model, 'outer_start')).toEqual([]);
    expect(model.nodes.get('outer_start')!.label).toBe('Start');
  });

  it('knows conditions and where branches meet', () => {
    expect(flowsFrom(modelOf('loop', loopTree), 'again').map(({ target, label }) => [target, label])).toEqual([['work', '${n} < 3'], ['loop_end', 'otherwise']]);
    const branches = modelOf('branch', branchTree);
    expect(convergeOf(branches, 'some')).toBe('met');
    expect(convergeOf(branches, 'fork')).toBe('join');
  });

  it('leaves out flows that name no node', () => {
    const broken = { ...loopTree, flows: { ...loopTree.flows, bad: { id: 'bad', source: 'work', target: 'nobody' } } };
    expect(modelOf('loop', broken).scopes.get('loop')!.edges).toHaveLength(4);
  });
});

describe('applyTurn', () => {
  const none = () => null;
  it('follows a node through a failure, a retry and a skip', () => {
    const states = statesOf();
    applyTurn(states, turn('work', { event: 'node-started', version: 'v1', loop: 2, innerLoop: 1, time: at(1) }), none);
    expect(states.get('work')).toMatchObject({ state: 'RUNNING', version: 'v1', loop: 2, inner_loop: 1, started_time: at(1), root_id: 'loop' });
    applyTurn(states, turn('work', { event: 'node-failed', time: at(2) }), none);
    expect(states.get('work')).toMatchObject({ state: 'FAILED', archived_time: at(2) });
    applyTurn(states, turn('work', { event: 'node-retried', version: 'v2', wakes: { retry: 'Whole' }, time: at(3) }), none);
    expect(states.get('work')).toMatchObject({ state: 'READY', version: 'v2', retry: 1, archived_time: null });
    applyTurn(states, turn('work', { event: 'node-retried', version: 'v3', wakes: { retry: 'Round' }, time: at(3) }), none);
    expect(states.get('work')).toMatchObject({ state: 'LOOP_READY', retry: 1 });
    applyTurn(states, turn('work', { event: 'node-skipped', version: 'v4', time: at(4) }), none);
    expect(states.get('work')).toMatchObject({ state: 'FINISHED', skip: true });
    applyTurn(states, turn('work', { event: 'node-started', version: 'v5', loop: 3, innerLoop: 2, isReentry: true, resetsRetry: true, time: at(5) }), none);
    expect(states.get('work')).toMatchObject({ state: 'RUNNING', skip: false, retry: 0, archived_time: null });
  });

  it('tells a pause of a node that ran from one before it was reached', () => {
    const states = statesOf(state('ran'));
    applyTurn(states, turn('ran', { event: 'node-paused', time: at(1) }), none);
    applyTurn(states, turn('new', { event: 'node-paused', version: 'v9', time: at(1) }), none);
    expect([...states.values()].map(entry => entry.state)).toEqual(['SUSPENDED', 'SUSPENDED']);
    applyTurn(states, turn('ran', { event: 'node-pause-ended', time: at(2) }), none);
    applyTurn(states, turn('new', { event: 'node-pause-ended', time: at(2) }), none);
    expect([...states.values()].map(entry => entry.state)).toEqual(['RUNNING', 'READY']);
  });

  it('takes what happens to pipelines and sub-processes to their own ids', () => {
    const states = statesOf(state('loop'));
    const changed = applyTurn(states, turn('loop', { event: 'sub-process-entered', scopeId: 'box', version: 'v', loop: 1, innerLoop: 1, time: at(1) }, { event: 'pipeline-paused', scopeId: 'loop' }, { event: 'token-moved', token: {} }), id => (id === 'box' ? 'loop' : null));
    expect(changed).toEqual(['box', 'loop']);
    expect(states.get('box')).toMatchObject({ state: 'RUNNING', parent_id: 'loop' });
    expect(states.get('loop')!.state).toBe('SUSPENDED');
    applyTurn(states, turn('loop', { event: 'pipeline-resumed', scopeId: 'loop' }, { event: 'sub-process-finished', scopeId: 'box', time: at(2) }, { event: 'pipeline-revoked', rootId: 'loop' }), none);
    expect(states.get('loop')!.state).toBe('REVOKED');
    expect(states.get('box')).toMatchObject({ state: 'FINISHED', archived_time: at(2) });
  });

  it('knows a node that was paused before it was reached', () => {
    const states = statesOf();
    applyTurn(states, turn('new', { event: 'node-paused', version: 'v', time: at(1) }), none);
    expect(isAppointed(states.get('new')!)).toBe(true);
    applyTurn(states, turn('new', { event: 'node-pause-ended', time: at(2) }, { event: 'node-started', version: 'v2', loop: 1, innerLoop: 1, time: at(3) }), none);
    expect(isAppointed(states.get('new')!)).toBe(false);
    expect(isAppointed(state('x', { state: 'READY', started_time: null, retry: 1 }))).toBe(false);
  });

  it('flattens what the server gives', () => {
    expect([...flatten({ a: state('a', { children: { b: state('b', { children: { c: state('c') } }) } }) }).keys()].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('AttemptFold', () => {
  it('makes an attempt of each start, with its waits', () => {
    const fold = new AttemptFold();
    fold.add([
      turn('loop', { event: 'pipeline-started', rootId: 'loop', version: 'v', time: at(0) }),
      turn('ask', { event: 'node-started', version: 'v1', loop: 1, time: at(1) }),
      turn('ask', { event: 'node-scheduled', kind: 2, time: at(2) }),
    ]);
    fold.add([
      turn('ask', { event: 'node-callback-accepted', data: {}, time: at(60) }),
      turn('ask', { event: 'node-failed', time: at(61) }),
      turn('ask', { event: 'node-retried', version: 'v2', time: at(70) }, { event: 'node-started', version: 'v2', loop: 1, time: at(71) }),
      turn('ask', { event: 'node-finished', time: at(72) }),
    ]);
    const [root, first, second] = fold.attempts;
    expect(root).toMatchObject({ node: 'loop', end: null, state: 'RUNNING' });
    expect(first).toMatchObject({ node: 'ask', number: 1, state: 'FAILED', start: Date.parse(at(1)), end: Date.parse(at(61)) });
    expect(first!.waits).toEqual([{ from: Date.parse(at(2)), to: Date.parse(at(60)) }]);
    expect(second).toMatchObject({ number: 2, state: 'FINISHED' });
    expect(fold.attempts).toHaveLength(3);
  });

  it('marks what was skipped, and ends a wait with its attempt', () => {
    const fold = new AttemptFold();
    fold.add([turn('x', { event: 'node-started', version: 'v', time: at(0) }), turn('x', { event: 'node-scheduled', time: at(1) }), turn('x', { event: 'node-forced-to-fail', time: at(5) }), turn('x', { event: 'node-skipped', time: at(6) })]);
    expect(fold.attempts).toEqual([expect.objectContaining({ state: 'FAILED', skipped: true, end: Date.parse(at(5)), waits: [{ from: Date.parse(at(1)), to: Date.parse(at(5)) }] })]);
  });

  it('has the last attempts from states alone, in order', () => {
    expect(attemptsOfStates([state('b', { started_time: at(2) }), state('never', { started_time: null }), state('a', { started_time: at(1), archived_time: at(3), retry: 1 })]).map(({ node, number, end }) => [node, number, end]))
      .toEqual([['a', 2, Date.parse(at(3))], ['b', 1, null]]);
  });
});

describe('timeScale', () => {
  it('draws a night of waiting shorter than seconds of work', () => {
    const night = 8 * 3600_000;
    const scale = timeScale([{ from: 0, to: 5000 }, { from: 5000 + night, to: 10_000 + night }], 0, 10_000 + night);
    expect(scale.gaps).toEqual([{ from: 5000, to: 5000 + night, at: 5000, width: 400 }]);
    expect(scale.length).toBe(10_400);
    expect(scale.place(5000)).toBe(5000);
    expect(scale.place(5000 + night)).toBe(5400);
    expect(scale.place(5000 + night / 2)).toBe(5200);
    expect(scale.place(10_000 + night)).toBe(10_400);
  });

  it('leaves short idle times as they are, and merges what overlaps', () => {
    const scale = timeScale([{ from: 50, to: 80 }, { from: 0, to: 60 }, { from: 85, to: 100 }], 0, 100);
    expect(scale.gaps).toEqual([]);
    expect(scale.length).toBe(100);
  });

  it('goes there and back again', () => {
    const scale = timeScale([{ from: 100, to: 200 }, { from: 5000, to: 5100 }, { from: 90_000, to: 90_400 }], 100, 100_000);
    expect(scale.gaps.length).toBe(3);
    for (const time of [100, 150, 200, 2500, 5000, 5050, 40_000, 90_000, 90_200, 95_000]) {
      expect(scale.time(scale.place(time))).toBeCloseTo(time, 6);
    }

    let before = -1;
    for (let time = 100; time <= 100_000; time += 37) {
      const place = scale.place(time);
      expect(place).toBeGreaterThanOrEqual(before);
      before = place;
    }
  });

  it('is there for nothing at all', () => {
    expect(timeScale([], 5, 5).length).toBe(1);
    expect(timeScale([], 0, 60_000).place(60_000)).toBeLessThanOrEqual(4);
  });

  it.each([[0, '0 ms'], [0.4, '<1 ms'], [12, '12 ms'], [1500, '1.5 s'], [59_000, '59 s'], [61_000, '1 min 01 s'], [3_600_000 * 3 + 60_000, '3 h 01 min'], [86_400_000 * 3, '3 d 0 h'], [NaN, '']])('says %d ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('has round ticks', () => {
    expect(ticks(1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(ticks(37, 4)).toEqual([0, 10, 20, 30]);
  });
});

describe('commands', () => {
  it('quotes what a shell would take apart', () => {
    expect(quote('plain-1.2_x')).toBe('plain-1.2_x');
    expect(quote("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(quote('')).toBe("''");
  });

  it.each([
    ['pause_pipeline', { pipeline_id: 'p', reason: 'shop closed' }, "bamboo pause p --reason 'shop closed'"],
    ['resume_pipeline', { pipeline_id: 'p', at: '2030-01-31T08:00:00.000Z' }, 'bamboo resume p --at 2030-01-31T08:00:00.000Z'],
    ['revoke_pipeline', { pipeline_id: 'p', expected_version: 'v1' }, 'bamboo revoke p --expect-version v1'],
    ['retry_node', { node_id: 'n', data: { seconds: 1 }, loop_retry: true }, "bamboo node retry n --data '{\"seconds\":1}' --loop"],
    ['retry_subprocess', { node_id: 's' }, 'bamboo subprocess retry s'],
    ['skip_node', { node_id: 'n' }, 'bamboo node skip n'],
    ['skip_exclusive_gateway', { node_id: 'g', flow_id: 'f' }, 'bamboo node skip g --flow f'],
    ['skip_conditional_parallel_gateway', { node_id: 'g', flow_ids: ['f', 'h'], converge_gateway_id: 'c' }, 'bamboo node skip g --flow f --flow h'],
    ['forced_fail_activity', { node_id: 'n', ex_data: 'nobody answers' }, "bamboo node fail n 'nobody answers'"],
    ['callback', { node_id: 'n', version: 'v', data: { by: 'ada' } }, "bamboo node callback n v '{\"by\":\"ada\"}'"],
    ['pause_node_appoint', { node_id: 'n' }, 'bamboo node pause n'],
    ['resume_node_appoint', { node_id: 'n' }, 'bamboo node resume n'],
    ['cancel_scheduled_resume', { id: 'n' }, 'bamboo node resume n --cancel'],
    ['update_node_outputs', { node_id: 'n', outputs: { a: 1 } }, "bamboo node outputs n '{\"a\":1}'"],
    ['update_context_values', { pipeline_id: 'p', context_values: [{ key: '${a}', type: 'PLAIN', value: 'x y' }] }, "bamboo context set p 'a=\"x y\"'"],
  ])('says %s on the command line', (verb, args, command) => {
    expect(bambooCommand(verb, args)).toBe(command);
    expect(verbs[verb]).toBeDefined();
  });

  it('has a command for every verb, and never a key in a curl command', () => {
    for (const name of Object.keys(verbs)) {
      expect(bambooCommand(name, {})).not.toBeNull();
    }

    expect(bambooCommand('run_pipeline', {})).toBeNull();
    expect(curlCommand('http://127.0.0.1:8420', 'skip_node', { node_id: "it's" })).toBe(
      'curl -H "Authorization: Bearer $BAMBOO_KEY" -H \'Content-Type: application/json\' \\\n  -d \'{"node_id":"it\'\\\'\'s"}\' \\\n  http://127.0.0.1:8420/api/v1/skip_node');
  });
});

describe('verbsFor', () => {
  const loop = modelOf('loop', loopTree);
  const names = (id: string, states: States, waits: Wait[] = []) => verbsFor(loop, id, states, waits).map(verb => verb.name);
  const root = state('loop');

  it('offers what the state of a node allows', () => {
    expect(names('work', statesOf(root, state('work', { state: 'FAILED' })))).toEqual(['retry_node', 'skip_node', 'update_node_outputs']);
    expect(names('work', statesOf(root, state('work')))).toEqual(['forced_fail_activity', 'pause_node_appoint']);
    expect(names('work', statesOf(root))).toEqual(['pause_node_appoint']);
    expect(names('again', statesOf(root, state('again', { state: 'FAILED' })))).toEqual(['retry_node', 'skip_exclusive_gateway', 'update_node_outputs']);
    expect(names('work', statesOf(root, state('work', { state: 'SUSPENDED' })))).toEqual(['resume_node_appoint', 'cancel_scheduled_resume']);
    const wait: Wait = { token: 't', node_id: 'work', node_name: '', scope_id: 'loop', kind: 'Callback', text: '', since: null, due: null, version: 'v1', error: null, paused_by: null, branches_awaited: null, verbs: ['callback'] };
    expect(names('work', statesOf(root, state('work')), [wait])[0]).toBe('callback');
  });

  it('offers what the state of the pipeline allows, and nothing once it is over', () => {
    expect(names('loop', statesOf(root))).toEqual(['pause_pipeline', 'update_context_values', 'revoke_pipeline']);
    expect(names('loop', statesOf(state('loop', { state: 'SUSPENDED' })))[0]).toBe('resume_pipeline');
    for (const over of ['FINISHED', 'REVOKED'] as const) {
      expect(names('loop', statesOf(state('loop', { state: over })))).toEqual([]);
      expect(names('work', statesOf(state('loop', { state: over }), state('work', { state: 'FAILED' })))).toEqual([]);
    }
  });

  it('knows that a tree may forbid a retry or a skip', () => {
    const strict = modelOf('loop', { ...loopTree, activities: { work: { ...loopTree.activities['work']!, retryable: false, skippable: false } } });
    expect(verbsFor(strict, 'work', statesOf(root, state('work', { state: 'FAILED' })), []).map(verb => verb.name)).toEqual(['update_node_outputs']);
  });

  it('ranks roles', () => {
    expect(allows('viewer', 'operator')).toBe(false);
    expect(allows('admin', 'operator')).toBe(true);
    expect(allows('operator', 'operator')).toBe(true);
  });
});

describe('argumentsOf', () => {
  it('makes the arguments of a call', () => {
    expect(argumentsOf(verbs['retry_node']!, 'n', { data: ' {"a": 1} ', loop_retry: true }, undefined)).toEqual({ arguments: { node_id: 'n', data: { a: 1 }, loop_retry: true } });
    expect(argumentsOf(verbs['retry_node']!, 'n', {}, undefined)).toEqual({ arguments: { node_id: 'n' } });
    expect(argumentsOf(verbs['callback']!, 'n', { data: '"yes"' }, state('n', { version: 'v7' }))).toEqual({ arguments: { node_id: 'n', version: 'v7', data: 'yes' } });
    expect(argumentsOf(verbs['update_context_values']!, 'p', { context_values: '{"a": 1, "${b}": [2]}' }, undefined)).toEqual({
      arguments: { pipeline_id: 'p', context_values: [{ key: '${a}', type: 'PLAIN', value: 1 }, { key: '${b}', type: 'PLAIN', value: [2] }] },
    });
    expect(argumentsOf(verbs['resume_pipeline']!, 'p', { at: '2030-01-31T08:00:00Z' }, undefined)).toEqual({ arguments: { pipeline_id: 'p', at: '2030-01-31T08:00:00.000Z' } });
  });

  it('says what is wrong with a form, and where', () => {
    const problems = (verb: string, form: Record<string, string | boolean | string[]>) => {
      const result = argumentsOf(verbs[verb]!, 'n', form, undefined);
      return 'problems' in result ? Object.keys(result.problems) : [];
    };
    expect(problems('retry_node', { data: '{' })).toEqual(['data']);
    expect(problems('retry_node', { data: '[1]' })).toEqual(['data']);
    expect(problems('callback', {})).toEqual(['data']);
    expect(problems('forced_fail_activity', { ex_data: ' ' })).toEqual(['ex_data']);
    expect(problems('skip_exclusive_gateway', {})).toEqual(['flow_id']);
    expect(problems('skip_conditional_parallel_gateway', { flow_ids: [] })).toEqual(['flow_ids', 'converge_gateway_id']);
    expect(problems('resume_pipeline', { at: 'tomorrow' })).toEqual(['at']);
  });
});

describe('linesOf', () => {
  it('gives a line for each fact, with the time of the one before where it has none', () => {
    const lines = linesOf([turn('loop', { event: 'pipeline-started', rootId: 'loop', time: at(1) }, { event: 'token-moved', token: { id: 't', node: 'work' } }), turn('work', { event: 'node-failed', outputs: { ex_data: 'no' }, time: at(2) })]);
    expect(lines.map(({ subject, group, text, time }) => [subject, group, text, time])).toEqual([
      ['loop', 'states', 'started', at(1)], ['loop', 'tokens', 'token t comes to work', at(1)], ['work', 'states', 'failed: no', at(2)],
    ]);
    expect(new Set(lines.map(line => line.key)).size).toBe(3);
  });

  it('says verbs with who and why, and what it does not know by its name', () => {
    expect(factText({ event: 'node-verb-taken', verb: 'skip_node', operator: 'ada', reason: 'late' })).toBe('skip_node by ada: late');
    expect(factText({ event: 'node-was-painted' })).toBe('node was painted');
    expect(factText({ event: 'node-started', loop: 3, attempt: 2 })).toBe('started, round 3, attempt 2');
  });
});

describe('placeOfPath', () => {
  const text = JSON.stringify({ id: 'p', activities: { 'a.b': { outgoing: 'f', incoming: ['x', 'y'] }, a: { outgoing: 'g' } } }, null, 2);
  const found = (path: string) => {
    const { from, to } = placeOfPath(text, path);
    return text.slice(from, to);
  };

  it('finds what a path names, whatever is in a key', () => {
    expect(found('pipeline.activities.a.b.outgoing')).toBe('"f"');
    expect(found('pipeline.activities.a.outgoing')).toBe('"g"');
    expect(found('pipeline.activities.a.b.incoming[1]')).toBe('"y"');
    expect(found('activities.a.b')).toBe('"a.b"');
  });

  it('gives the nearest that there is', () => {
    expect(found('pipeline.activities.a.nothing')).toBe('"a"');
    expect(found('pipeline')).toBe('{');
    expect(found('')).toBe('{');
    expect(placeOfPath('', 'pipeline.x')).toEqual({ from: 0, to: 0 });
  });

  it('says what is wrong with a text, and in which line', () => {
    expect(syntaxProblems('{"a": 1}')).toEqual([]);
    const [problem] = syntaxProblems('{\n  "a": 1,\n  "b" 2\n}');
    expect(lineOf('{\n  "a": 1,\n  "b" 2\n}', problem!.from)).toEqual({ line: 3, column: 7 });
    expect(syntaxProblems('{ // no\n}')).not.toEqual([]);
  });
});

describe('withFreshIds', () => {
  it('renames every id and every reference, and nothing else', () => {
    const fresh = withFreshIds(nestedTree, 'x');
    const model = modelOf(fresh.id, fresh);
    expect(fresh.id).toBe('outer_x');
    expect([...model.nodes.keys()].every(id => id.endsWith('_x'))).toBe(true);
    expect([...model.scopes.values()].map(scope => scope.edges.length)).toEqual([2, 2, 2]);
    const work = fresh.activities['box_x']!.pipeline!.activities['inner_x']!.pipeline!.activities['work_x']!;
    expect(work).toMatchObject({ id: 'work_x', name: 'Work', component: { inputs: { message: { value: 'work' } } } });
    expect(fresh.data).toEqual({ inputs: { '${answer}': { type: 'plain', value: 'work', source_act: 'work_x', source_key: 'answer' } }, outputs: [] });
    expect(withFreshIds(loopTree, 'y').gateways['again_y']).toMatchObject({ outgoing: ['loop_back_y', 'loop_out_y'], conditions: { loop_back_y: { evaluate: '${n} < 3' } }, default_condition: { flow_id: 'loop_out_y' } });
  });
});

describe('EventParser', () => {
  it('takes a stream apart however it is cut', () => {
    const text = ': bamboo\n\nid: 7\nevent: turn\ndata: {"a":\ndata: 1}\n\nid: 8\r\nevent: turn\r\ndata: x\r\n\r\n: still here\n\n';
    for (let size = 1; size < 12; size++) {
      const parser = new EventParser();
      const events = [];
      for (let from = 0; from < text.length; from += size) {
        events.push(...parser.push(text.slice(from, from + size)));
      }

      expect(events).toEqual([{ id: '7', event: 'turn', data: '{"a":\n1}' }, { id: '8', event: 'turn', data: 'x' }]);
    }
  });
});
