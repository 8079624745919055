import { useQuery } from '@tanstack/react-query';
import { messageOf, pathOf, read } from '../api/client';
import type { ContextValue, Wait } from '../api/types';
import type { States } from '../model/states';
import type { Model } from '../model/tree';
import { useParameter } from '../model/url';
import { verbsFor, type Verb } from '../model/verbs';
import { Actions } from './Actions';
import { CopyButton, Empty, Failure } from './bits';

/** The context of the pipeline, or of a sub-process in it. */
export function ContextView({ model, states, waits, revision, onVerb }: { model: Model; states: States | null; waits: readonly Wait[]; revision: number; onVerb: (verb: Verb, id: string) => void }) {
  const [chosen, setChosen] = useParameter('scope');
  const scope = model.scopes.has(chosen) ? chosen : model.rootId;
  const context = useQuery({
    queryKey: ['context', scope, revision],
    queryFn: ({ signal }) => read<ContextValue[]>(pathOf('pipelines', scope, 'context'), signal),
    placeholderData: (before, query) => (query?.queryKey[1] === scope ? before : undefined),
  });
  const offered = verbsFor(model, scope, states ?? new Map(), waits).filter(verb => verb.name === 'update_context_values');
  return (
    <div className="page scrolls" data-testid="context">
      <div className="section-head">
        <h2>Context</h2>
        {model.scopes.size > 1 && (
          <select className="input" aria-label="Pipeline or sub-process" value={scope} onChange={event => setChosen(event.target.value === model.rootId ? '' : event.target.value)}>
            {[...model.scopes.values()].map(({ id, depth }) => <option key={id} value={id}>{'\u2003'.repeat(depth)}{model.nodes.get(id)?.label ?? model.name ?? id}</option>)}
          </select>
        )}
        <div className="spacer" />
        <Actions verbs={offered} buttons={1} label="context" onChoose={verb => onVerb(verb, scope)} />
      </div>
      {context.error && <Failure>{messageOf(context.error)}</Failure>}
      {context.data && context.data.length === 0 && <Empty>The context is empty.</Empty>}
      {context.data && context.data.length > 0 && (
        <table className="plain">
          <thead><tr><th>Key</th><th>Type</th><th>Value</th></tr></thead>
          <tbody>
            {context.data.map(entry => {
              const text = JSON.stringify(entry.value, null, 2);
              return <tr key={entry.key}><td className="mono">{entry.key}</td><td className="faint">{entry.type.toLowerCase()}{entry.code && ` ${entry.code}`}</td><td><div className="cell-value"><pre>{text}</pre><CopyButton text={text} label={`Copy the value of ${entry.key}`} /></div></td></tr>;
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}
