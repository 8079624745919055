import { createContext, useContext } from 'react';
import type { Session } from './types';

export const SessionContext = createContext<Session | null>(null);

/** Who uses the console. */
export function useSession(): Session {
  return useContext(SessionContext) ?? { operator: null, role: 'viewer', version: '', callback_tokens: false };
}
