import type { Json } from '../api/types';

/** A word of a shell command: quoted where the shell would take it apart. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The `bamboo` command that does what a call of a verb does. Null for a verb that the command line does not have.
 */
export function bambooCommand(verb: string, args: Record<string, Json>): string | null {
  const words = wordsOf(verb, args);
  if (words === null) {
    return null;
  }

  for (const [name, option] of [['reason', '--reason'], ['expected_version', '--expect-version']] as const) {
    const value = args[name];
    if (typeof value === 'string' && value !== '') {
      words.push(option, value);
    }
  }

  return ['bamboo', ...words].map(quote).join(' ');
}

/** The same call with curl. The key is left to a variable of the shell, so that no copied command holds one. */
export function curlCommand(origin: string, path: string, args: Record<string, Json>): string {
  return [
    'curl -H "Authorization: Bearer $BAMBOO_KEY" -H \'Content-Type: application/json\'',
    `-d ${quote(JSON.stringify(args))}`,
    quote(`${origin}/api/v1/${path}`),
  ].join(' \\\n  ');
}

function wordsOf(verb: string, args: Record<string, Json>): string[] | null {
  const pipeline = String(args['pipeline_id'] ?? '');
  const node = String(args['node_id'] ?? '');
  const json = (name: string) => JSON.stringify(args[name] ?? null);
  const at = typeof args['at'] === 'string' ? ['--at', args['at']] : [];
  switch (verb) {
    case 'pause_pipeline':
      return ['pause', pipeline];
    case 'resume_pipeline':
      return ['resume', pipeline, ...at];
    case 'revoke_pipeline':
      return ['revoke', pipeline];
    case 'cancel_scheduled_resume':
      return ['node', 'resume', String(args['id'] ?? ''), '--cancel'];
    case 'pause_node_appoint':
      return ['node', 'pause', node];
    case 'resume_node_appoint':
      return ['node', 'resume', node, ...at];
    case 'retry_node':
      return ['node', 'retry', node, ...(args['data'] === undefined ? [] : ['--data', json('data')]), ...(args['loop_retry'] ? ['--loop'] : [])];
    case 'retry_subprocess':
      return ['subprocess', 'retry', node];
    case 'skip_node':
      return ['node', 'skip', node, ...(args['loop_skip'] ? ['--loop'] : [])];
    case 'skip_exclusive_gateway':
      return ['node', 'skip', node, '--flow', String(args['flow_id'] ?? '')];
    case 'skip_conditional_parallel_gateway':
      return ['node', 'skip', node, ...((args['flow_ids'] as string[] | undefined) ?? []).flatMap(flow => ['--flow', flow])];
    case 'forced_fail_activity':
      return ['node', 'fail', node, String(args['ex_data'] ?? '')];
    case 'callback':
      return ['node', 'callback', node, String(args['version'] ?? ''), json('data')];
    case 'update_node_outputs':
      return ['node', 'outputs', node, json('outputs')];
    case 'update_context_values':
      return [
        'context', 'set', pipeline,
        ...((args['context_values'] as { key: string; value: Json }[] | undefined) ?? []).map(entry => `${entry.key.replace(/^\$\{(.*)\}$/, '$1')}=${JSON.stringify(entry.value)}`),
      ];
    default:
      return null;
  }
}
