import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { groupNames, type FactGroup, type JournalLine } from '../model/facts';
import { quote } from '../model/commands';
import type { Model } from '../model/tree';
import { useParameter } from '../model/url';
import { CopyButton, Empty, Failure, JsonView, Time } from './bits';
import type { JournalStore } from './journalStore';

const groups = Object.keys(groupNames) as FactGroup[];
const shownFirst: FactGroup[] = ['states', 'verbs', 'data'];

/** Everything that happened, a line for each fact. */
export function JournalView({ model, journal, onSelect }: { model: Model; journal: JournalStore; onSelect: (id: string) => void }) {
  const now = useSyncExternalStore(journal.subscribe, journal.get);
  const [shownText, setShownText] = useParameter('facts');
  const [subject, setSubject] = useParameter('of');
  const [text, setText] = useParameter('find');
  const [expanded, setExpanded] = useState<string | null>(null);
  useEffect(() => journal.load(), [journal]);
  const shown = useMemo(() => new Set(shownText ? shownText.split(',') : shownFirst), [shownText]);
  const lines = useMemo(() => {
    const wanted = text.toLowerCase();
    return now.lines.filter(line => shown.has(line.group)
      && (subject === '' || line.subject === subject)
      && (wanted === '' || line.text.toLowerCase().includes(wanted) || line.event.includes(wanted) || line.subject.toLowerCase().includes(wanted)));
  }, [now.lines, shown, subject, text]);
  const counts = useMemo(() => {
    const result: Partial<Record<FactGroup, number>> = {};
    for (const line of now.lines) {
      result[line.group] = (result[line.group] ?? 0) + 1;
    }

    return result;
  }, [now.lines]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 30, overscan: 20, getItemKey: at => lines[at]!.key });

  // Whoever is at the end stays at the end.
  const atEnd = useRef(true);
  useEffect(() => {
    if (atEnd.current && lines.length > 0 && now.isWhole) {
      virtual.scrollToIndex(lines.length - 1);
    }
  }, [lines.length, now.isWhole]); // eslint-disable-line react-hooks/exhaustive-deps
  const toggle = (group: FactGroup) => {
    const next = new Set(shown);
    if (!next.delete(group)) {
      next.add(group);
    }

    setShownText(groups.filter(candidate => next.has(candidate)).join(',') || 'none');
  };

  return (
    <div className="journal" data-testid="journal">
      <div className="filters">
        <div className="chips" role="group" aria-label="Kinds of facts">{groups.map(group => <button key={group} type="button" className="chip" aria-pressed={shown.has(group)} onClick={() => toggle(group)}>{groupNames[group]}<span className="count">{counts[group] ?? 0}</span></button>)}</div>
        <input className="input" type="search" placeholder="Find in the journal" aria-label="Find in the journal" value={text} onChange={event => setText(event.target.value)} />
        {subject && <button type="button" className="chip" aria-pressed="true" onClick={() => setSubject('')}>only {model.nodes.get(subject)?.label ?? subject} ×</button>}
        <div className="spacer" />
        <span className="faint" role="status">{now.isLoading ? `Reading… ${now.lines.length.toLocaleString()}` : `${lines.length.toLocaleString()} of ${now.lines.length.toLocaleString()}`}</span>
        <CopyButton text={`bamboo journal ${quote(model.rootId)}`} label={`Copy: bamboo journal ${model.rootId}`} />
      </div>
      {now.failure && <Failure>{now.failure} <button type="button" className="link-button" onClick={() => journal.load()}>Try again</button></Failure>}
      {now.isWhole && lines.length === 0 && <Empty>No line matches.</Empty>}
      <div className="journal-lines scrolls" ref={scroller} tabIndex={0} aria-label="Journal" onScroll={event => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="list">
          {virtual.getVirtualItems().map(item => {
            const line = lines[item.index]!;
            return (
              <div key={line.key} data-index={item.index} ref={virtual.measureElement} role="listitem" className={`journal-line group-${line.group} ${toneOf(line)}`} style={{ transform: `translateY(${item.start}px)` }}>
                <button type="button" className="journal-row" aria-expanded={expanded === line.key} onClick={() => setExpanded(expanded === line.key ? null : line.key)}>
                  <span className="journal-position">{line.position}</span>
                  <span className="journal-time"><Time at={line.time} precise /></span>
                  <span className="journal-subject ellipsis">{model.nodes.get(line.subject)?.label ?? line.subject}</span>
                  <span className="journal-text ellipsis">{line.text}</span>
                </button>
                {expanded === line.key && (
                  <div className="journal-more">
                    <button type="button" className="link-button" onClick={() => onSelect(line.subject)}>Show {line.subject}</button>
                    <button type="button" className="link-button" onClick={() => setSubject(line.subject)}>Only its lines</button>
                    <JsonView value={line.fact} label="fact" />
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function toneOf(line: JournalLine): string {
  return /failed|forced/.test(line.event) ? 'is-bad' : line.group === 'verbs' ? 'is-verb' : '';
}
