import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ListChecks, RefreshCw, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { messageOf, query, request } from '../api/client';
import { useSession } from '../api/session';
import type { Envelope, PipelineCounts, PipelinePage, StateName } from '../api/types';
import { BatchDialog, type BatchTargets } from '../components/BatchDialog';
import { Duration, Empty, Failure, Time } from '../components/bits';
import { useShortcuts } from '../components/shortcuts';
import { lookOf, StateBadge } from '../components/state';
import { pipelinePath, useParameter } from '../model/url';
import { allows } from '../model/verbs';

const states: StateName[] = ['RUNNING', 'SUSPENDED', 'FINISHED', 'REVOKED'];
const refreshMilliseconds = 2000;
const pageSize = 100;
const rowHeight = 40;
const ranges: [string, string][] = [['', 'Any time'], ['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days'], ['dates', 'Between…']];

/** The list of pipelines, with its filters. */
export function ListPage() {
  const [state, setState] = useParameter('state');
  const [text, setText] = useParameter('text');
  const [since, setSince] = useParameter('since');
  const [from, setFrom] = useParameter('from');
  const [before, setBefore] = useParameter('before');
  const [typed, setTyped] = useState(text);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(-1);
  const [batch, setBatch] = useState<BatchTargets | null>(null);
  const [, navigate] = useLocation();
  const { role } = useSession();
  const search = useRef<HTMLInputElement>(null);
  const chosen = useMemo(() => new Set(state.split(',').filter(Boolean)), [state]);

  useEffect(() => {
    document.title = 'Pipelines · Bamboo';
  }, []);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    const timer = setTimeout(() => typed !== text && setText(typed), 250);
    return () => clearTimeout(timer);
  }, [typed]); // eslint-disable-line react-hooks/exhaustive-deps

  // A range such as the last hour is counted from when it was chosen, so that pages fit together.
  const isBetween = since === 'dates' || (since === '' && (from !== '' || before !== ''));
  const createdFrom = useMemo(() => (since && !isBetween ? new Date(Date.now() - span(since)).toISOString() : isoOf(from)), [since, from, isBetween]);
  const createdBefore = isBetween ? isoOf(before) : null;
  const narrowed = { text, created_from: createdFrom, created_before: createdBefore };
  const list = useInfiniteQuery({
    queryKey: ['pipelines', state, narrowed],
    queryFn: ({ pageParam, signal }) => request<PipelinePage>('GET', `pipelines?${query({ ...narrowed, state, limit: pageSize, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: page => page.next_cursor,
    placeholderData: keepPreviousData,
    // Only while the first page is all there is: to read far pages again and again would cost more than it shows.
    refetchInterval: current => ((current.state.data?.pages.length ?? 0) <= 1 ? refreshMilliseconds : false),
  });
  const counts = useQuery({
    queryKey: ['pipeline-counts', narrowed],
    queryFn: async ({ signal }) => (await request<Envelope<PipelineCounts>>('GET', `pipeline_counts?${query(narrowed)}`, undefined, signal)).data,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMilliseconds,
  });
  const rows = useMemo(() => list.data?.pages.flatMap(page => page.pipelines) ?? [], [list.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && rows.length > 0 && lastShown >= rows.length - 10 && lastShown >= pageSize / 2) {
      void fetchNextPage();
    }
  }, [lastShown, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const toggleState = (name: StateName) => {
    const next = new Set(chosen);
    if (!next.delete(name)) {
      next.add(name);
    }

    setState(states.filter(known => next.has(known)).join(','));
    setSelected(new Set());
  };
  const toggle = (id: string) => setSelected(current => {
    const next = new Set(current);
    if (!next.delete(id)) {
      next.add(id);
    }

    return next;
  });
  const walk = (by: number) => {
    const next = Math.min(Math.max(cursor + by, 0), rows.length - 1);
    setCursor(next);
    virtual.scrollToIndex(next);
  };
  useShortcuts({
    '/': () => search.current?.focus(),
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    Enter: () => rows[cursor] && navigate(pipelinePath(rows[cursor].root_id)),
    x: () => rows[cursor] && toggle(rows[cursor].root_id),
    r: () => { void list.refetch(); void counts.refetch(); },
    Escape: () => setSelected(new Set()),
  });

  const total = counts.data ? [...chosen].reduce((sum, name) => sum + (counts.data.counts[name as StateName] ?? 0), chosen.size === 0 ? counts.data.total : 0) : null;
  const isFiltered = state !== '' || text !== '' || since !== '' || from !== '' || before !== '';
  const clear = () => {
    setTyped('');
    navigate('/', { replace: true });
  };
  const filter = { ...(state ? { state } : {}), ...(text ? { text } : {}), ...(createdFrom ? { created_from: createdFrom } : {}), ...(createdBefore ? { created_before: createdBefore } : {}) };

  return (
    <div className="list-page">
      <div className="filters" role="search" aria-label="Filter pipelines">
        <label className="search-box"><Search size={15} aria-hidden /><span className="visually-hidden">Search by id or name</span>
          <input ref={search} type="search" placeholder="Search by id or name" value={typed} onChange={event => setTyped(event.target.value)} onKeyDown={event => event.key === 'Escape' && event.currentTarget.blur()} />
          <kbd>/</kbd>
        </label>
        <div className="chips" role="group" aria-label="States">
          {states.map(name => {
            const { icon: Icon, label, tone } = lookOf(name);
            return (
              <button key={name} type="button" className={`chip tone-${tone}`} aria-pressed={chosen.has(name)} onClick={() => toggleState(name)}>
                <Icon size={12} strokeWidth={2.75} aria-hidden />{label}<span className="count" data-testid={`count-${name}`}>{counts.data?.counts[name] ?? (counts.data ? 0 : '·')}</span>
              </button>
            );
          })}
        </div>
        <label className="inline-field"><span className="visually-hidden">Submitted</span>
          <select className="input" value={isBetween ? 'dates' : since} onChange={event => { setSince(event.target.value); if (event.target.value !== 'dates') { setFrom(''); setBefore(''); } }} aria-label="Submitted">
            {ranges.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </label>
        {isBetween && (
          <>
            <label className="inline-field">from <input className="input" type="datetime-local" value={from} onChange={event => setFrom(event.target.value)} aria-label="Submitted from" /></label>
            <label className="inline-field">to <input className="input" type="datetime-local" value={before} onChange={event => setBefore(event.target.value)} aria-label="Submitted before" /></label>
          </>
        )}
        {isFiltered && <button type="button" className="link-button" onClick={clear}>Clear</button>}
        <div className="spacer" />
        <button type="button" className="icon-button" aria-label="Read again" title="Read again (r)" onClick={() => { void list.refetch(); void counts.refetch(); }}><RefreshCw size={15} aria-hidden /></button>
      </div>
      {(list.error ?? counts.error) && <Failure>{messageOf(list.error ?? counts.error)}</Failure>}
      <div className="list-bar" aria-live="polite">
        {selected.size > 0 ? (
          <>
            <strong>{selected.size} selected</strong>
            <button type="button" className="button small" disabled={!allows(role, 'operator')} onClick={() => setBatch({ ids: [...selected] })}><ListChecks size={14} aria-hidden />Act on them</button>
            <button type="button" className="link-button" onClick={() => setSelected(new Set())}>None</button>
          </>
        ) : (
          <>
            <span className="faint" data-testid="list-total">{total === null ? '' : `${total.toLocaleString()} ${total === 1 ? 'pipeline' : 'pipelines'}${isFiltered ? ' that match' : ''}`}</span>
            {total !== null && total > 0 && isFiltered && <button type="button" className="link-button" disabled={!allows(role, 'operator')} onClick={() => setBatch({ filter, count: total })}>Act on all that match…</button>}
          </>
        )}
      </div>
      <div className="table" role="table" aria-label="Pipelines" aria-rowcount={total ?? -1}>
        <div className="table-head" role="row">
          <span role="columnheader"><input type="checkbox" aria-label="Select all that are loaded" checked={rows.length > 0 && selected.size === rows.length} onChange={event => setSelected(new Set(event.target.checked ? rows.map(row => row.root_id) : []))} /></span>
          <span role="columnheader">State</span><span role="columnheader">Pipeline</span><span role="columnheader">Submitted</span><span role="columnheader">Ended</span><span role="columnheader" className="right">Took</span>
        </div>
        <div className="table-body scrolls" ref={scroller}>
          {list.isPending && <p className="loading" role="status">Loading…</p>}
          {list.data && rows.length === 0 && <Empty>{isFiltered ? 'No pipeline matches.' : <>There are no pipelines yet. <Link href="/submit">Submit one</Link>, or <code>bamboo run FILE</code>.</>}</Empty>}
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="rowgroup">
            {items.map(item => {
              const row = rows[item.index]!;
              return (
                <div
                  key={row.root_id} role="row" data-testid="pipeline-row" data-id={row.root_id} data-state={row.state} aria-rowindex={item.index + 1}
                  className={`table-row${item.index === cursor ? ' is-current' : ''}${selected.has(row.root_id) ? ' is-chosen' : ''}`}
                  style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
                  onClick={event => !(event.target as HTMLElement).closest('a, input, button') && !window.getSelection()?.toString() && navigate(pipelinePath(row.root_id))}
                >
                  <span role="cell"><input type="checkbox" aria-label={`Select ${row.root_id}`} checked={selected.has(row.root_id)} onChange={() => toggle(row.root_id)} /></span>
                  <span role="cell"><StateBadge state={row.state} /></span>
                  <span role="cell" className="ellipsis"><Link href={pipelinePath(row.root_id)}>{row.name || row.root_id}</Link>{row.name && row.name !== row.root_id && <span className="faint mono"> {row.root_id}</span>}</span>
                  <span role="cell"><Time at={row.created_time} /></span>
                  <span role="cell"><Time at={row.archived_time} /></span>
                  <span role="cell" className="right"><Duration from={row.created_time} to={row.archived_time} /></span>
                </div>
              );
            })}
          </div>
          {isFetchingNextPage && <p className="loading" role="status">Loading more…</p>}
        </div>
      </div>
      <BatchDialog targets={batch} onClose={() => setBatch(null)} onDone={() => { setSelected(new Set()); void list.refetch(); void counts.refetch(); }} />
    </div>
  );
}

function span(range: string): number {
  const hours = range.endsWith('d') ? Number.parseInt(range, 10) * 24 : Number.parseInt(range, 10);
  return (Number.isFinite(hours) ? hours : 0) * 3_600_000;
}

function isoOf(local: string): string | null {
  const time = local ? Date.parse(local) : NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
