import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/** One parameter of the address's query. To set it keeps the others; an empty text removes it. */
export function useParameter(name: string): [string, (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback((value: string) => {
    setParameters(() => {
      // The address as it is now: two parameters may be set before the page is drawn again.
      const after = new URLSearchParams(window.location.search);
      if (value === '') {
        after.delete(name);
      } else {
        after.set(name, value);
      }

      return after;
    }, { replace: true });
  }, [name, setParameters]);
  return [parameters.get(name) ?? '', set];
}

/** The address of a view of a pipeline. */
export function pipelinePath(rootId: string, view = '', node = ''): string {
  return `/pipelines/${encodeURIComponent(rootId)}${view ? `/${view}` : ''}${node ? `?${new URLSearchParams({ node }).toString()}` : ''}`;
}
