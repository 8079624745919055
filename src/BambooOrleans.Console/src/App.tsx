import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleHelp, List, LogOut, Moon, Send, Sun } from 'lucide-react';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { messageOf, request, RequestError, storedKey } from './api/client';
import { SessionContext } from './api/session';
import type { Envelope, Session } from './api/types';
import { Failure } from './components/bits';
import { Help } from './components/Help';
import { useShortcuts } from './components/shortcuts';
import { useTheme } from './components/theme';
import { ListPage } from './pages/ListPage';

const PipelinePage = lazy(() => import('./pages/PipelinePage'));
const SubmitPage = lazy(() => import('./pages/SubmitPage'));

export function App() {
  const session = useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => (await request<Envelope<Session>>('GET', 'session', undefined, signal)).data,
    staleTime: 60_000,
    refetchInterval: 120_000,
  });
  if (session.error instanceof RequestError && session.error.status === 401) {
    return <KeyPage problem={storedKey.get() ? session.error.message : null} />;
  }

  return (
    <SessionContext value={session.data ?? null}>
      <Shell session={session.data ?? null} problem={session.error && !session.data ? messageOf(session.error) : null} />
    </SessionContext>
  );
}

function Shell({ session, problem }: { session: Session | null; problem: string | null }) {
  const [location, navigate] = useLocation();
  const { isDark, choose } = useTheme();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const queries = useQueryClient();
  useShortcuts({
    '?': () => setHelpOpen(true),
    'g l': () => navigate('/'),
    'g s': () => navigate('/submit'),
    t: () => choose(isDark ? 'light' : 'dark'),
  });
  const leave = () => {
    storedKey.clear();
    queries.clear();
    void queries.invalidateQueries();
    location === '/' ? window.location.reload() : window.location.assign('/');
  };
  return (
    <div className="shell">
      <a className="skip-link" href="#main">To the content</a>
      <header className="top">
        <Link href="/" className="brand" aria-label="Bamboo, list of pipelines"><img src="/icon.svg" alt="" width={22} height={22} />Bamboo</Link>
        <nav aria-label="Pages">
          <Link href="/" className="nav-link" aria-current={location === '/' ? 'page' : undefined}><List size={15} aria-hidden />Pipelines</Link>
          <Link href="/submit" className="nav-link" aria-current={location === '/submit' ? 'page' : undefined}><Send size={14} aria-hidden />Submit</Link>
        </nav>
        <div className="spacer" />
        {session && <span className="who" title={`You may do what a ${session.role} may. Server ${session.version}.`}>{session.operator ?? 'anyone'} <span className="faint">{session.role}</span></span>}
        <button type="button" className="icon-button" aria-label={isDark ? 'Light colours' : 'Dark colours'} title={`${isDark ? 'Light' : 'Dark'} colours (t)`} onClick={() => choose(isDark ? 'light' : 'dark')}>{isDark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}</button>
        <button type="button" className="icon-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => setHelpOpen(true)}><CircleHelp size={16} aria-hidden /></button>
        {storedKey.get() && <button type="button" className="icon-button" aria-label="Forget the key" title="Forget the key" onClick={leave}><LogOut size={16} aria-hidden /></button>}
      </header>
      <main id="main" className="main">
        {problem && <Failure>{problem}</Failure>}
        <Suspense fallback={<p className="loading" role="status">Loading…</p>}>
          <Switch>
            <Route path="/"><ListPage /></Route>
            <Route path="/submit"><SubmitPage /></Route>
            <Route path="/pipelines/:id/:view?">{parameters => <PipelinePage key={parameters.id} rootId={decode(parameters.id)} view={parameters.view ?? 'graph'} />}</Route>
            <Route><div className="page"><h1>There is no such page</h1><p><Link href="/">To the list of pipelines</Link></p></div></Route>
          </Switch>
        </Suspense>
      </main>
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function KeyPage({ problem }: { problem: string | null }) {
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const use = (event: FormEvent) => {
    event.preventDefault();
    storedKey.set(key.trim());
    void queries.resetQueries();
  };
  return (
    <main className="key-page">
      <form className="card" onSubmit={use}>
        <h1><img src="/icon.svg" alt="" width={28} height={28} />Bamboo</h1>
        <p>This server wants to know who asks. Paste an API key or a token; this tab keeps it until it is closed.</p>
        {problem && <Failure>{problem}</Failure>}
        <label className="field"><span>API key</span><input className="input" type="password" autoComplete="off" autoFocus value={key} onChange={event => setKey(event.target.value)} /></label>
        <button type="submit" className="button primary" disabled={key.trim() === ''}>Go on</button>
        <p className="hint"><code>bamboo key add NAME --role operator</code> makes a key; <code>bamboo dev</code> prints one, and a link that needs none.</p>
      </form>
    </main>
  );
}
