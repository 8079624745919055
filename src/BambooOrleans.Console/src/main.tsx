import './styles.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { EngineError, RequestError } from './api/client';
import { App } from './App';
import { ThemeProvider } from './components/theme';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: true,
      staleTime: 1000,

      // What was refused stays refused; a server that is away comes back.
      retry: (count, failure) => !(failure instanceof EngineError) && !(failure instanceof RequestError && failure.status > 0 && failure.status < 500) && count < 3,
    },
  },
});

// The server's policy allows no style elements of a page's own: the components are to make none.
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <ThemeProvider><App /></ThemeProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
