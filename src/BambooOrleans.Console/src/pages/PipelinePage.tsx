import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronRight, Unplug } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { messageOf, pathOf, read } from '../api/client';
import { Live } from '../api/live';
import type { Definition, NodeState, RawData, Wait } from '../api/types';
import { Actions } from '../components/Actions';
import { CopyButton, Duration, Failure, Time } from '../components/bits';
import { ContextView } from '../components/ContextView';
import { Drawer } from '../components/Drawer';
import { JournalStore } from '../components/journalStore';
import { JournalView } from '../components/JournalView';
import { useShortcuts } from '../components/shortcuts';
import { lookOf, StateBadge } from '../components/state';
import { TimelineView } from '../components/TimelineView';
import { VerbDialog, type VerbTarget } from '../components/VerbDialog';
import { Why } from '../components/Why';
import { Graph } from '../graph/Graph';
import { warmUp } from '../layout/engine';
import type { States } from '../model/states';
import { modelOf, stackOf, type Model } from '../model/tree';
import { pipelinePath, useParameter } from '../model/url';
import { verbsFor, type Verb } from '../model/verbs';

warmUp();

const DefinitionView = lazy(() => import('../components/DefinitionView'));

const views = [['graph', 'Graph'], ['timeline', 'Timeline'], ['journal', 'Journal'], ['context', 'Context'], ['definition', 'Definition']] as const;

/** One pipeline: its definition is read once, then it is followed. */
export default function PipelinePage({ rootId, view }: { rootId: string; view: string }) {
  const definition = useQuery({
    queryKey: ['definition', rootId],
    queryFn: ({ signal }) => read<Definition>(pathOf('pipelines', rootId, 'definition'), signal),
    staleTime: Infinity,
  });
  const model = useMemo(() => definition.data && modelOf(rootId, definition.data.pipeline), [definition.data, rootId]);

  // The states are read while the tree is.
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const followed = new Live(rootId);
    setLive(followed);
    followed.start();
    return () => followed.stop();
  }, [rootId]);
  useEffect(() => {
    if (live && model) {
      live.parentOf = id => model.nodes.get(id)?.scope ?? null;
    }
  }, [live, model]);
  useEffect(() => {
    document.title = `${model?.name ?? rootId} · Bamboo`;
  }, [model, rootId]);
  if (definition.error) {
    return <div className="page"><h1 className="mono">{rootId}</h1><Failure>{messageOf(definition.error)}</Failure><p><Link href="/">To the list of pipelines</Link></p></div>;
  }

  return model && live && definition.data ? <Followed model={model} live={live} definition={definition.data} view={view} /> : <p className="loading" role="status">Loading…</p>;
}

function Followed({ model, live, definition, view }: { model: Model; live: Live; definition: Definition; view: string }) {
  const { rootId } = model;
  const [journal] = useState(() => new JournalStore(rootId));
  const now = useSyncExternalStore(live.subscribe, live.get);
  const [selected, setSelected] = useParameter('node');
  const [openText, setOpenText] = useParameter('open');
  const [target, setTarget] = useState<VerbTarget | null>(null);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [notice, setNotice] = useState('');
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const search = useSearch();

  useEffect(() => live.onTurns(turns => journal.append(turns)), [live, journal]);
  useEffect(() => () => journal.stop(), [journal]);
  useEffect(() => {
    const timer = setTimeout(() => setNotice(''), 5000);
    return () => clearTimeout(timer);
  }, [notice]);

  // Whether a key is still good is asked at once, so that somebody whose key is not is asked for another.
  useEffect(() => {
    if (now.connection === 'refused') {
      void queries.invalidateQueries({ queryKey: ['session'] });
    }
  }, [now.connection, queries]);

  // A link to a node opens what is around it.
  const [first] = useState(selected);
  const open = useMemo(() => {
    const ids = openText.split(',').filter(Boolean).map(id => decodeURIComponent(id)).filter(id => model.scopes.has(id));
    return new Set(first && !openText && first === selected ? stackOf(model, first) : ids);
  }, [openText, model, first, selected]);
  const setOpen = useCallback((ids: ReadonlySet<string>) => setOpenText([...ids].map(id => encodeURIComponent(id)).join(',')), [setOpenText]);
  const select = useCallback((id: string | null) => setSelected(id ?? ''), [setSelected]);

  const learn = useCallback((state: NodeState) => live.learn(state), [live]);
  const root = now.states?.get(rootId);
  const known = selected && (model.nodes.has(selected) || selected === rootId) ? selected : null;
  const subject = known ?? rootId;
  const waits = useMemo(() => current(now.waits, now.states, rootId), [now.waits, now.states, rootId]);
  const rootVerbs = verbsFor(model, rootId, now.states ?? new Map(), waits);
  const choose = useCallback((verb: Verb, id: string) => setTarget({ verb, id }), []);
  const raw = useQuery({
    queryKey: ['raw', target?.id],
    queryFn: ({ signal }) => read<RawData>(pathOf('nodes', target!.id, 'data'), signal),
    enabled: target?.verb.name === 'retry_node',
  });
  const counts = useMemo(() => {
    const result = new Map<string, number>();
    for (const node of model.nodes.values()) {
      const { tone } = lookOf(now.states?.get(node.id)?.state);
      result.set(tone, (result.get(tone) ?? 0) + 1);
    }

    return result;
  }, [model, now.states]);
  const show = (name: string) => navigate(`${pipelinePath(rootId, name === 'graph' ? '' : name)}${search ? `?${search}` : ''}`);
  useShortcuts({
    ...Object.fromEntries(views.map(([name], at) => [String(at + 1), () => show(name)])),
    a: () => {
      if (known) {
        document.querySelector<HTMLElement>('[data-testid="drawer"] .actions button')?.focus();
      } else {
        setMenuOpen(true);
      }
    },
    y: () => {
      void navigator.clipboard?.writeText(subject);
      setNotice(`Copied ${subject}`);
    },
    w: () => select(null),
    Escape: () => select(null),
  });

  const graph = <Graph model={model} states={now.states} waits={waits} selected={known} onSelect={select} open={open} onOpen={setOpen} />;
  return (
    <div className="pipeline-page">
      <div className="pipeline-head">
        <nav aria-label="Where this is" className="crumbs"><Link href="/">Pipelines</Link><ChevronRight size={13} aria-hidden /></nav>
        <h1 className="pipeline-title"><span className="ellipsis">{model.name || rootId}</span>{model.name && model.name !== rootId && <span className="faint mono ellipsis">{rootId}</span>}<CopyButton text={rootId} label="Copy the id" /></h1>
        <span data-testid="pipeline-state" data-state={root?.state ?? 'NONE'}><StateBadge state={root?.state} /></span>
        <span className="faint pipeline-times">
          <Time at={root?.started_time ?? definition.created_time} /> · <Duration from={root?.started_time} to={root?.archived_time ?? null} />{definition.operator && <> · by {definition.operator}</>}
        </span>
        <div className="spacer" />
        <Connection state={now.connection} problem={now.problem} />
        <Actions verbs={rootVerbs} buttons={1} label={model.name || rootId} onChoose={verb => choose(verb, rootId)} isOpen={isMenuOpen} onOpen={setMenuOpen} />
      </div>
      <div className="tabs">
        <nav aria-label="Views of the pipeline" className="tab-list">
          {views.map(([name, label]) => <Link key={name} href={`${pipelinePath(rootId, name === 'graph' ? '' : name)}${search ? `?${search}` : ''}`} className="tab" aria-current={view === name ? 'page' : undefined}>{label}</Link>)}
        </nav>
        <div className="spacer" />
        <div className="tallies" aria-label="Nodes by state">
          {['finished', 'running', 'failed', 'suspended', 'ready', 'none'].map(tone => (counts.get(tone) ?? 0) > 0 && <Tally key={tone} tone={tone} count={counts.get(tone)!} />)}
        </div>
      </div>
      {now.failure && <Failure>{now.failure}</Failure>}
      <div className="pipeline-body">
        <div className="pipeline-view">
          <Suspense fallback={<p className="loading" role="status">Loading…</p>}>
            {view === 'timeline' ? <TimelineView model={model} states={now.states} journal={journal} selected={known} onSelect={select} />
              : view === 'journal' ? <JournalView model={model} journal={journal} onSelect={select} />
              : view === 'context' ? <ContextView model={model} states={now.states} revision={now.revision} onVerb={choose} waits={waits} />
              : view === 'definition' ? <DefinitionView definition={definition} />
              : graph}
          </Suspense>
        </div>
        <aside className={`side${known ? ' has-node' : ''}`}>
          {known
            ? <Drawer key={known} model={model} id={known} states={now.states} waits={waits} journal={journal} onClose={() => select(null)} onSelect={select} onVerb={choose} onLearn={learn} />
            : <Why model={model} waits={waits} root={root} onSelect={select} onVerb={choose} />}
        </aside>
      </div>
      <VerbDialog
        target={target} model={model} state={target ? now.states?.get(target.id) : undefined} raw={raw.data} onClose={() => setTarget(null)}
        onDone={() => { setNotice(`${target?.verb.label}: done`); live.refresh(); }}
      />
      <div className="notice" role="status" hidden={notice === ''}>{notice}</div>
    </div>
  );
}

// Waits are read a little later than states: those that the states have overtaken are left out.
function current(waits: readonly Wait[], states: States | null, rootId: string): readonly Wait[] {
  const root = states?.get(rootId)?.state;
  return root === 'FINISHED' || root === 'REVOKED' ? []
    : waits.filter(wait => wait.kind === 'Children' || wait.kind === 'Pause' || states?.get(wait.node_id)?.state !== 'FINISHED');
}

function Tally({ tone, count }: { tone: string; count: number }) {
  const state = ({ finished: 'FINISHED', running: 'RUNNING', failed: 'FAILED', suspended: 'SUSPENDED', ready: 'READY' } as const)[tone as 'finished'];
  const { icon: Icon, label } = lookOf(state);
  return <span className={`tally tone-${tone}-text`} title={`${count} ${label.toLowerCase()}`}><Icon size={12} strokeWidth={2.75} aria-hidden />{count}<span className="visually-hidden"> {label}</span></span>;
}

function Connection({ state, problem }: { state: string; problem: string | null }) {
  return (
    <span className={`connection connection-${state}`} role="status" data-testid="connection" data-state={state} title={problem ?? undefined}>
      {state === 'live' ? <><span className="dot" aria-hidden />Live</> : state === 'connecting' ? <><span className="dot" aria-hidden />Connecting</> : <><Unplug size={13} aria-hidden />{state === 'refused' ? 'Not followed' : 'Disconnected'}</>}
    </span>
  );
}
