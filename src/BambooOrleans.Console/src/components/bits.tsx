import { Check, Copy } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { duration } from '../model/time';

/** Copies a text. */
export function CopyButton({ text, label, children }: { text: string | (() => string); label: string; children?: ReactNode }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (isCopied) {
      const timer = setTimeout(() => setCopied(false), 1500);
      return () => clearTimeout(timer);
    }

    return undefined;
  }, [isCopied]);
  const copy = async () => {
    await copyText(typeof text === 'string' ? text : text());
    setCopied(true);
  };
  return (
    <button type="button" className={children ? 'button small' : 'icon-button'} title={label} aria-label={children ? undefined : label} onClick={() => void copy()}>
      {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}{children}
      <span className="visually-hidden" role="status">{isCopied ? 'copied' : ''}</span>
    </button>
  );
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS, other hosts than localhost have no clipboard.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const date = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** A point in time: only the clock where it was today. The whole of it is in its title. */
export function Time({ at, precise = false }: { at: string | null | undefined; precise?: boolean }) {
  if (!at) {
    return <span className="faint">–</span>;
  }

  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  const text = (isToday ? clock : date).format(time);
  return <time dateTime={at} title={at}>{precise ? `${text}.${String(time.getMilliseconds()).padStart(3, '0')}` : text}</time>;
}

/** The time, in milliseconds; it goes on by the second while something is open. */
export function useNow(isOpen: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (isOpen) {
      const timer = setInterval(() => setNow(Date.now()), 1000);
      return () => clearInterval(timer);
    }

    return undefined;
  }, [isOpen]);
  return now;
}

/** How long something took, or goes on. */
export function Duration({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(!!from && !to);
  return from ? <span className="number">{duration((to ? Date.parse(to) : Math.max(now, Date.parse(from))) - Date.parse(from))}</span> : <span className="faint">–</span>;
}

/** A value as JSON, laid out. What was masked is said to be. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return (
    <div className="json-view">
      <pre aria-label={label} tabIndex={0}>{text}</pre>
      <CopyButton text={text} label={`Copy ${label}`} />
      {text.includes('"******"') && <p className="hint">Secrets are masked as ******.</p>}
    </div>
  );
}

/** That there is nothing, and why. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** That something failed. */
export function Failure({ children }: { children: ReactNode }) {
  return <p className="failure" role="alert">{children}</p>;
}
