import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

const name = 'bamboo-theme';

export type ThemeChoice = 'system' | 'light' | 'dark';

interface Theme {
  choice: ThemeChoice;
  isDark: boolean;
  choose: (choice: ThemeChoice) => void;
}

const ThemeContext = createContext<Theme>({ choice: 'system', isDark: false, choose: () => undefined });

/** Dark or light, as the browser wants it or as was chosen. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(() => (localStorage.getItem(name) as ThemeChoice | null) ?? 'system');
  const [systemDark, setSystemDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const listen = () => setSystemDark(media.matches);
    media.addEventListener('change', listen);
    return () => media.removeEventListener('change', listen);
  }, []);
  const isDark = choice === 'dark' || (choice === 'system' && systemDark);

  // Before anything is drawn in it.
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  const choose = useCallback((next: ThemeChoice) => {
    localStorage.setItem(name, next);
    setChoice(next);
  }, []);
  const theme = useMemo(() => ({ choice, isDark, choose }), [choice, isDark, choose]);
  return <ThemeContext.Provider value={theme}>{children}</ThemeContext.Provider>;
}

export function useTheme(): Theme {
  return useContext(ThemeContext);
}
