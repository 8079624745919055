import { Tabs } from '@base-ui/react/tabs';
import { useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { messageOf, pathOf, read, request } from '../api/client';
import { useSession } from '../api/session';
import type { ExecutionData, NodeHistory, NodeState, RawData, Wait } from '../api/types';
import type { States } from '../model/states';
import { flowsFrom, kindNames, type Model } from '../model/tree';
import { useParameter } from '../model/url';
import { allows, verbsFor, type Verb } from '../model/verbs';
import { Actions } from './Actions';
import { CopyButton, Duration, Empty, Failure, JsonView, Time } from './bits';
import type { JournalStore } from './journalStore';
import { StateBadge } from './state';
import { WaitItem } from './Why';

const loadedByItselfMax = 2000;

interface DrawerProps {
  model: Model;
  id: string;
  states: States | null;
  waits: readonly Wait[];
  journal: JournalStore;
  onClose: () => void;
  onSelect: (id: string) => void;
  onVerb: (verb: Verb, id: string) => void;
  /** Told of a state that the state tree does not have. */
  onLearn: (state: NodeState) => void;
}

/** All that is known of one node. */
export function Drawer({ model, id, states, waits, journal, onClose, onSelect, onVerb, onLearn }: DrawerProps) {
  const [pane, setPane] = useParameter('pane');
  const session = useSession();
  const node = model.nodes.get(id);
  const state = states?.get(id);
  const isPipeline = model.scopes.has(id);
  const own = waits.filter(wait => wait.node_id === id);

  // What is read of the node is read again when it changes.
  const stamp = `${state?.state} ${state?.version} ${state?.loop} ${state?.archived_time}`;
  const raw = useQuery({ queryKey: ['node-data', id, stamp], queryFn: ({ signal }) => read<RawData>(pathOf('nodes', id, 'data'), signal), enabled: !isPipeline, placeholderData: before => before });
  const executed = useQuery({ queryKey: ['node-executed', id, stamp], queryFn: ({ signal }) => read<ExecutionData>(pathOf('nodes', id, 'execution_data'), signal), enabled: state !== undefined && !isPipeline, placeholderData: before => before });

  // A node that was paused before a token came to it has a state of its own, which the state tree does not show.
  const alone = useQuery({
    queryKey: ['node-alone', id],
    queryFn: async ({ signal }) => (await read<Record<string, NodeState>>(pathOf('nodes', id, 'states'), signal))[id] ?? null,
    enabled: state === undefined && states !== null && !isPipeline,
    retry: false,
  });
  useEffect(() => {
    if (alone.data) {
      onLearn(alone.data);
    }
  }, [alone.data, onLearn]);
  const error = executed.data?.outputs?.['ex_data'];
  const flows = node ? flowsFrom(model, id) : [];
  const into = useMemo(() => (node ? (model.scopes.get(node.scope)?.edges.filter(edge => edge.target === id) ?? []) : []), [model, node, id]);

  return (
    <section className="drawer" data-testid="drawer" aria-label={`Node ${node?.label ?? id}`} data-node={id}>
      <header className="drawer-head">
        <div className="drawer-title"><h2>{node?.label ?? model.name ?? id}</h2><button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}><X size={16} aria-hidden /></button></div>
        <p className="drawer-sub"><span className="mono ellipsis">{id}</span><CopyButton text={id} label="Copy the id" /><span className="faint">{node ? kindNames[node.kind] : 'Pipeline'}{node?.component && <> · <code>{node.component}</code></>}</span></p>
        <div className="drawer-state"><StateBadge state={state?.state} />
          {state && state.loop > 1 && <span className="badge">round {state.loop}</span>}
          {state && state.retry > 0 && <span className="badge">retried {state.retry}×</span>}
          {state?.skip && <span className="badge">skipped</span>}
          {state?.error_ignored && <span className="badge">error ignored</span>}
          <span className="faint"><Duration from={state?.started_time} to={state?.archived_time} /></span>
        </div>
        <Actions verbs={verbsFor(model, id, states ?? new Map(), waits)} buttons={3} label={node?.label ?? id} onChoose={verb => onVerb(verb, id)} />
      </header>
      <Tabs.Root value={pane || 'overview'} onValueChange={value => setPane(value === 'overview' ? '' : String(value))} className="drawer-tabs">
        <Tabs.List className="tab-list small" aria-label="Parts of the node">
          {[['overview', 'Overview'], ...(isPipeline ? [] : [['inputs', 'Inputs'], ['outputs', 'Outputs']]), ['attempts', 'Attempts'], ['journal', 'Journal'], ['definition', 'JSON']].map(([value, label]) => <Tabs.Tab key={value} value={value!} className="tab">{label}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="overview" className="drawer-panel scrolls">
          {typeof error === 'string' && error !== '' && state?.state === 'FAILED' && <section><h3>Error</h3><pre className="error-text" data-testid="node-error">{error}</pre></section>}
          {own.length > 0 && <section><h3>Why</h3><ul className="waits">{own.map(wait => <WaitItem key={`${wait.token} ${wait.kind}`} wait={wait.error === error ? { ...wait, error: null, text: 'It failed and waits for an operator.', verbs: [] } : { ...wait, verbs: [] }} model={model} onVerb={onVerb} />)}</ul></section>}
          {session.callback_tokens && allows(session.role, 'operator') && state && own.some(wait => wait.kind === 'Callback') && <CallbackLink key={state.version} id={id} version={state.version} />}
          {state === undefined && <Empty>No token has come here yet.</Empty>}
          <dl className="facts">
            {state && <><dt>Started</dt><dd><Time at={state.started_time} precise /></dd><dt>Ended</dt><dd><Time at={state.archived_time} precise /></dd><dt>Version</dt><dd className="mono break">{state.version}</dd><dt>Round</dt><dd>{state.loop}{state.inner_loop !== state.loop && ` (${state.inner_loop} in this run of the sub-process)`}</dd></>}
            {node && node.scope !== model.rootId && <><dt>In</dt><dd><button type="button" className="link-button" onClick={() => onSelect(node.scope)}>{model.nodes.get(node.scope)?.label}</button></dd></>}
            {into.length > 0 && <><dt>From</dt><dd>{into.slice(0, 8).map(edge => <button key={edge.id} type="button" className="link-button" onClick={() => onSelect(edge.source)}>{model.nodes.get(edge.source)?.label}</button>)}{into.length > 8 && <span className="faint">and {into.length - 8} more</span>}</dd></>}
            {flows.length > 0 && <><dt>To</dt><dd>{flows.slice(0, 8).map(edge => <span key={edge.id}><button type="button" className="link-button" onClick={() => onSelect(edge.target)}>{model.nodes.get(edge.target)?.label}</button>{edge.label && <code className="condition">{edge.label}</code>}</span>)}{flows.length > 8 && <span className="faint">and {flows.length - 8} more</span>}</dd></>}
          </dl>
        </Tabs.Panel>
        <Tabs.Panel value="inputs" className="drawer-panel scrolls">
          <section><h3>As written</h3>{raw.error ? <Failure>{messageOf(raw.error)}</Failure> : raw.data && (Object.keys(raw.data.inputs).length === 0 ? <Empty>It takes no inputs.</Empty> : <JsonView value={Object.fromEntries(Object.entries(raw.data.inputs).map(([key, input]) => [key, input.value]))} label="inputs as written" />)}</section>
          <section><h3>As executed</h3>{state === undefined ? <Empty>It was not executed.</Empty> : executed.error ? <Failure>{messageOf(executed.error)}</Failure> : executed.data && <JsonView value={executed.data.inputs} label="inputs as executed" />}</section>
        </Tabs.Panel>
        <Tabs.Panel value="outputs" className="drawer-panel scrolls">
          {raw.data && Object.keys(raw.data.outputs).length > 0 && <section><h3>To the context</h3><dl className="facts">{Object.entries(raw.data.outputs).map(([key, to]) => <div key={key} className="pair"><dt className="mono">{key}</dt><dd className="mono">{String(to)}</dd></div>)}</dl></section>}
          <section><h3>Outputs</h3>{state === undefined ? <Empty>It was not executed.</Empty> : executed.error ? <Failure>{messageOf(executed.error)}</Failure> : executed.data && <JsonView value={executed.data.outputs} label="outputs" />}</section>
        </Tabs.Panel>
        <Tabs.Panel value="attempts" className="drawer-panel scrolls"><Attempts id={id} stamp={stamp} hasState={state !== undefined} /></Tabs.Panel>
        <Tabs.Panel value="journal" className="drawer-panel scrolls"><NodeJournal id={id} journal={journal} isSmall={model.nodes.size <= loadedByItselfMax} /></Tabs.Panel>
        <Tabs.Panel value="definition" className="drawer-panel scrolls">{node ? <JsonView value={'pipeline' in node.source ? { ...node.source, pipeline: `(${model.scopes.get(id)?.nodes.length ?? 0} nodes)` } : node.source} label="definition of the node" /> : <Empty>See the view Definition.</Empty>}</Tabs.Panel>
      </Tabs.Root>
    </section>
  );
}

/** An address to which an outside system can post its answer without a key. */
function CallbackLink({ id, version }: { id: string; version: string }) {
  const link = useMutation({ mutationFn: () => request<{ token: string; path: string }>('POST', 'callback_tokens', { node_id: id, version }) });
  const address = link.data && `${window.location.origin}${link.data.path}`;
  return (
    <section>
      <h3>Callback from outside</h3>
      {address
        ? <div className="callback-link"><code className="break">{address}</code><CopyButton text={address} label="Copy the address" /></div>
        : <p className="hint">Let another system answer without a key. <button type="button" className="link-button" onClick={() => link.mutate()}>Make an address for this attempt</button></p>}
      {link.error && <Failure>{messageOf(link.error)}</Failure>}
    </section>
  );
}

function Attempts({ id, stamp, hasState }: { id: string; stamp: string; hasState: boolean }) {
  const histories = useQuery({ queryKey: ['histories', id, stamp], queryFn: ({ signal }) => read<NodeHistory[]>(pathOf('nodes', id, 'histories'), signal), enabled: hasState, placeholderData: before => before });
  if (histories.error) {
    return <Failure>{messageOf(histories.error)}</Failure>;
  }

  const list = [...(histories.data ?? [])].reverse();
  return list.length === 0 ? <Empty>There was no attempt before the present one.</Empty> : (
    <ol className="attempts">
      {list.map((entry, at) => (
        <li key={`${entry.version} ${at}`}>
          <details>
            <summary><span>round {entry.loop}{entry.retry ? `, retry ${entry.retry}` : ''}</span>{entry.skip && <span className="badge">skipped</span>}<span className="faint"><Time at={entry.started_time} /> · <Duration from={entry.started_time} to={entry.archived_time ?? entry.started_time} /></span></summary>
            <p className="hint mono break">{entry.version}</p>
            <h3>Inputs</h3><JsonView value={entry.inputs ?? null} label="inputs of the attempt" />
            <h3>Outputs</h3><JsonView value={entry.outputs ?? null} label="outputs of the attempt" />
          </details>
        </li>
      ))}
    </ol>
  );
}

function NodeJournal({ id, journal, isSmall }: { id: string; journal: JournalStore; isSmall: boolean }) {
  const now = useSyncExternalStore(journal.subscribe, journal.get);
  useEffect(() => {
    if (isSmall) {
      journal.load();
    }
  }, [journal, isSmall]);
  const lines = useMemo(() => now.lines.filter(line => line.subject === id), [now.lines, id]);
  if (!isSmall && !now.isWhole && !now.isLoading) {
    return <button type="button" className="button" onClick={() => journal.load()}>Read the journal of the pipeline</button>;
  }

  return (
    <>
      {now.failure && <Failure>{now.failure}</Failure>}
      {lines.length === 0 && <Empty>{now.isLoading ? 'Reading…' : 'The journal has nothing on it.'}</Empty>}
      <ol className="node-journal">{lines.slice(-300).map(line => <li key={line.key}><span className="faint"><Time at={line.time} precise /></span><span className="break">{line.text}</span></li>)}</ol>
    </>
  );
}
