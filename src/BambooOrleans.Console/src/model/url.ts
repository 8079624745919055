import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/** One parameter of the address's query. To set it keeps the others; an empty text removes it. */
export function useParameter(name: string): [string, (value: string) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const set = useCallback((value: string) => {
    // The address as it is now, not as it was drawn: several parameters may be set at once.
    const parameters = new URLSearchParams(window.location.search);
    if (value === '') {
      parameters.delete(name);
    } else {
      parameters.set(name, value);
    }

    const query = parameters.toString();
    navigate(`${window.location.pathname}${query ? `?${query}` : ''}`, { replace: true });
  }, [name, navigate]);
  return [new URLSearchParams(search).get(name) ?? '', set];
}

/** The address of a view of a pipeline. */
export function pipelinePath(rootId: string, view = '', node = ''): string {
  return `/pipelines/${encodeURIComponent(rootId)}${view ? `/${view}` : ''}${node ? `?${new URLSearchParams({ node }).toString()}` : ''}`;
}
