import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { AttemptFold, attemptsOfStates, type Attempt } from '../model/attempts';
import type { States } from '../model/states';
import { duration, ticks, timeScale, type Gap, type Stretch, type TimeScale } from '../model/time';
import { stackOf, type Model } from '../model/tree';
import { useParameter } from '../model/url';
import { Empty, Failure, useNow } from './bits';
import type { JournalStore } from './journalStore';
import { lookOf, StateIcon } from './state';

const journalNodesMax = 3000;

interface TimelineProps {
  model: Model;
  states: States | null;
  journal: JournalStore;
  selected: string | null;
  onSelect: (id: string) => void;
}

/** When each node ran: a row for each, a bar for each attempt. Idle time is drawn short. */
export function TimelineView({ model, states, journal, selected, onSelect }: TimelineProps) {
  const read = useSyncExternalStore(journal.subscribe, journal.get);
  const [mode, setMode] = useParameter('idle');
  const isCompressed = mode !== 'full';
  const isSmall = model.nodes.size <= journalNodesMax;
  useEffect(() => {
    if (isSmall) {
      journal.load();
    }
  }, [journal, isSmall]);
  const now = useNow(states !== null && [...states.values()].some(state => state.started_time && !state.archived_time));

  // The journal knows every attempt; until it is read, and for very large pipelines, the states know the last ones.
  const attempts = useMemo(() => {
    if (!read.isWhole) {
      return attemptsOfStates(states?.values() ?? []);
    }

    const fold = new AttemptFold();
    fold.add(read.turns);
    return fold.attempts;
  }, [read, states]);
  const { rows, scale } = useMemo(() => {
    const byNode = new Map<string, Attempt[]>();
    for (const attempt of attempts) {
      byNode.set(attempt.node, [...(byNode.get(attempt.node) ?? []), attempt]);
    }

    const first = attempts.reduce((least, attempt) => Math.min(least, attempt.start), Infinity);
    const last = attempts.reduce((most, attempt) => Math.max(most, attempt.end ?? now), -Infinity);
    const busy: Stretch[] = [];
    for (const attempt of attempts) {
      if (!model.scopes.has(attempt.node)) {
        let at = attempt.start;
        for (const wait of attempt.waits) {
          busy.push({ from: at, to: wait.from });
          at = wait.to ?? attempt.end ?? now;
        }

        busy.push({ from: at, to: attempt.end ?? now });
      }
    }

    return {
      rows: nested([...byNode.keys()], model).map(id => ({ id, attempts: byNode.get(id)!, depth: id === model.rootId ? 0 : 1 + stackOf(model, id).length })),
      scale: Number.isFinite(first) ? timeScale(isCompressed ? busy : [{ from: first, to: last }], first, Math.max(last, first + 1)) : null,
    };
  }, [attempts, now, isCompressed, model]);

  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 28, overscan: 12 });
  if (!scale) {
    return <Empty>{states === null ? 'Loading…' : 'Nothing has run yet.'}</Empty>;
  }

  const percent = (time: number) => (scale.place(time) / scale.length) * 100;
  const marks = ticks(scale.length, 7).filter(mark => !scale.gaps.some(gap => mark > gap.at - scale.length * 0.01 && mark < gap.at + gap.width));
  return (
    <div className="timeline" data-testid="timeline">
      <div className="filters">
        <label className="check"><input type="checkbox" checked={isCompressed} onChange={event => setMode(event.target.checked ? '' : 'full')} />Compress idle time</label>
        <div className="spacer" />
        {!read.isWhole && (isSmall ? <span className="faint" role="status">{read.isLoading ? 'Reading the journal…' : ''}</span> : <button type="button" className="button small" disabled={read.isLoading} onClick={() => journal.load()}>{read.isLoading ? `Reading… ${read.turns.length.toLocaleString()}` : 'Show all attempts'}</button>)}
        <span className="faint">{duration(scale.end - scale.start)} in all</span>
      </div>
      {read.failure && <Failure>{read.failure}</Failure>}
      <div className="timeline-axis" aria-hidden>
        {roomy(scale).map(gap => <span key={`gap ${gap.at}`} className="gap-label" style={{ left: `${((gap.at + gap.width / 2) / scale.length) * 100}%` }}>{duration(gap.to - gap.from)}</span>)}
        {marks.map(mark => <span key={mark} className="tick" data-first={mark === 0 || undefined} style={{ left: `${(mark / scale.length) * 100}%` }}>{duration(scale.time(mark) - scale.start)}</span>)}
      </div>
      <div className="timeline-rows scrolls" ref={scroller}>
        <div className="timeline-grid" aria-hidden style={{ height: Math.max(virtual.getTotalSize(), 1) }}>
          {marks.map(mark => <span key={mark} className="grid-line" style={{ left: `${(mark / scale.length) * 100}%` }} />)}
          {scale.gaps.map(gap => <span key={gap.at} className="gap" title={`idle for ${duration(gap.to - gap.from)}`} style={{ left: `${(gap.at / scale.length) * 100}%`, width: `${(gap.width / scale.length) * 100}%` }} />)}
        </div>
        <ul className="timeline-list" style={{ height: virtual.getTotalSize() }} aria-label="Nodes by when they started">
          {virtual.getVirtualItems().map(item => {
            const row = rows[item.index]!;
            const label = model.nodes.get(row.id)?.label ?? model.name ?? row.id;
            const kind = row.id === model.rootId || model.scopes.has(row.id) ? 'is-scope' : '';
            return (
              <li key={row.id} className={`timeline-row ${kind} ${row.id === selected ? 'is-current' : ''}`} style={{ transform: `translateY(${item.start}px)` }} data-testid={`timeline-${row.id}`}>
                <button type="button" className={`timeline-label depth-${Math.min(row.depth, 6)}`} onClick={() => onSelect(row.id)}>
                  <StateIcon state={states?.get(row.id)?.state} /><span className="ellipsis">{label}</span>{row.attempts.length > 1 && <span className="badge">×{row.attempts.length}</span>}
                </button>
                <div className="timeline-track">
                  {row.attempts.map(attempt => {
                    const left = percent(attempt.start);
                    const width = percent(attempt.end ?? now) - left;
                    const { label: stateLabel, tone } = lookOf(attempt.state);
                    const took = duration((attempt.end ?? now) - attempt.start);
                    return (
                      <button
                        key={`${attempt.version} ${attempt.start}`} type="button" tabIndex={-1} onClick={() => onSelect(row.id)}
                        className={`bar tone-${tone}`} style={{ left: `${left}%`, width: `max(${width}%, 3px)` }}
                        title={`${label}${row.attempts.length > 1 ? `, attempt ${attempt.number}` : ''}: ${stateLabel.toLowerCase()}${attempt.skipped ? ', then skipped' : ''}, ${took}`}
                        aria-label={`${label}, attempt ${attempt.number}, ${stateLabel}, ${took}`}
                      >
                        {attempt.waits.map(wait => {
                          const from = percent(wait.from);
                          const to = percent(wait.to ?? attempt.end ?? now);
                          return width > 0 && <span key={wait.from} className="bar-wait" style={{ left: `${((from - left) / width) * 100}%`, width: `${((to - from) / width) * 100}%` }} />;
                        })}
                        {width > 7 && <span className="bar-text">{took}</span>}
                      </button>
                    );
                  })}
                </div>
              </li>
            );
          })}
        </ul>
      </div>
      <p className="hint timeline-legend"><span className="legend-run" />ran <span className="legend-wait" />waited for a callback or the next poll {scale.gaps.length > 0 && <><span className="legend-gap" />idle time, drawn short</>}</p>
    </div>
  );
}

// What is in a sub-process comes behind it, by when it started, and not where something else was started meanwhile.
function nested(ids: readonly string[], model: Model): string[] {
  const known = new Set(ids);
  const inside = new Map<string | null, string[]>();
  for (const id of ids) {
    const scope = model.nodes.get(id)?.scope;
    const parent = scope !== undefined && known.has(scope) ? scope : null;
    const siblings = inside.get(parent);
    if (siblings) {
      siblings.push(id);
    } else {
      inside.set(parent, [id]);
    }
  }

  const result: string[] = [];
  const open: string[] = [];
  const enter = (parent: string | null) => inside.get(parent)?.toReversed().forEach(id => open.push(id));
  enter(null);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    result.push(id);
    enter(id);
  }

  return result;
}

// The idle times whose lengths can be written without touching each other.
function roomy(scale: TimeScale): Gap[] {
  const result: Gap[] = [];
  for (const gap of scale.gaps) {
    const last = result.at(-1);
    if (!last || gap.at - last.at > scale.length * 0.09) {
      result.push(gap);
    }
  }

  return result;
}
