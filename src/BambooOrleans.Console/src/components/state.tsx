import { Ban, Check, Circle, CircleDashed, Hourglass, Pause, Play, X, type LucideIcon } from 'lucide-react';
import type { StateName } from '../api/types';

interface StateLook {
  label: string;
  icon: LucideIcon;
  tone: string;
}

const looks: Record<string, StateLook> = {
  RUNNING: { label: 'Running', icon: Play, tone: 'running' },
  FINISHED: { label: 'Finished', icon: Check, tone: 'finished' },
  FAILED: { label: 'Failed', icon: X, tone: 'failed' },
  SUSPENDED: { label: 'Suspended', icon: Pause, tone: 'suspended' },
  READY: { label: 'Ready', icon: Hourglass, tone: 'ready' },
  LOOP_READY: { label: 'Ready for a round', icon: Hourglass, tone: 'ready' },
  REVOKED: { label: 'Revoked', icon: Ban, tone: 'revoked' },
};

/** How a state looks; undefined is a node that was not reached. */
export function lookOf(state: StateName | undefined): StateLook {
  return state === undefined ? { label: 'Not reached', icon: CircleDashed, tone: 'none' } : looks[state] ?? { label: state, icon: Circle, tone: 'none' };
}

/** A state as an icon in its colour. */
export function StateIcon({ state, size = 14 }: { state: StateName | undefined; size?: number }) {
  const { icon: Icon, tone, label } = lookOf(state);
  return <span className={`state-icon tone-${tone}`} role="img" aria-label={label}><Icon size={size - 4} strokeWidth={3} aria-hidden /></span>;
}

/** A state as an icon and a word. */
export function StateBadge({ state }: { state: StateName | undefined }) {
  const { icon: Icon, tone, label } = lookOf(state);
  return <span className={`state-badge tone-${tone}`}><Icon size={12} strokeWidth={2.75} aria-hidden />{label}</span>;
}
