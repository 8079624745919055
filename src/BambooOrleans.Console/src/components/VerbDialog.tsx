import { Dialog } from '@base-ui/react/dialog';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Terminal, X } from 'lucide-react';
import { useEffect, useMemo, useState, type FormEvent, type KeyboardEvent } from 'react';
import { call, EngineError, messageOf } from '../api/client';
import type { DryRun, Json, NodeState, RawData } from '../api/types';
import { bambooCommand, curlCommand } from '../model/commands';
import { groupOf, linesOf } from '../model/facts';
import { convergeOf, flowsFrom, type Model } from '../model/tree';
import { argumentsOf, type FormValues, type Verb, type VerbField } from '../model/verbs';
import { CopyButton, Failure } from './bits';

export interface VerbTarget {
  verb: Verb;
  id: string;
}

interface VerbDialogProps {
  target: VerbTarget | null;
  model: Model;
  state: NodeState | undefined;
  raw: RawData | undefined;
  onClose: () => void;
  onDone: () => void;
}

/** Asks for what a verb needs, shows what it would do, and has it done. */
export function VerbDialog(props: VerbDialogProps) {
  return (
    <Dialog.Root open={props.target !== null} onOpenChange={open => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" data-testid="verb-dialog">
          {props.target && <VerbForm key={`${props.target.verb.name} ${props.target.id}`} {...props} target={props.target} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function VerbForm({ target: { verb, id }, model, state, raw, onClose, onDone }: VerbDialogProps & { target: VerbTarget }) {
  const [form, setForm] = useState<FormValues>(() => initial(verb, id, model));
  const [reason, setReason] = useState('');
  const [isTried, setTried] = useState(false);
  const set = (name: string, value: FormValues[string]) => setForm(before => ({ ...before, [name]: value }));

  // The attempt that was seen when the dialog was opened is the one that is meant.
  const [seen] = useState(state);
  const parsed = useMemo(() => argumentsOf(verb, id, form, seen), [verb, id, form, seen]);
  const problems = 'problems' in parsed ? parsed.problems : {};
  const args = useMemo<Record<string, Json> | null>(() => ('arguments' in parsed
    ? { ...parsed.arguments, ...(reason.trim() ? { reason: reason.trim() } : {}), ...(seen?.version && verb.name !== 'callback' ? { expected_version: seen.version } : {}) }
    : null), [parsed, reason, seen, verb]);
  const settled = useSettled(args, 300);
  const preview = useQuery({
    queryKey: ['dry-run', verb.name, settled],
    queryFn: ({ signal }) => call<DryRun>(verb.name, { ...settled!, dry_run: true }, signal),
    enabled: settled !== null,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const action = useMutation({
    mutationFn: () => call<unknown>(verb.name, args!),
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (args && !action.isPending) {
      action.mutate();
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      submit(event as unknown as FormEvent);
    }
  };
  const command = args && bambooCommand(verb.name, args);
  const label = model.nodes.get(id)?.label ?? model.name ?? id;
  const isStale = state !== undefined && seen !== undefined && state.version !== seen.version;

  return (
    <form onSubmit={submit} onKeyDown={press} noValidate>
      <div className="dialog-head">
        <Dialog.Title className="dialog-title">{verb.label} <span className="dialog-target">{label}</span></Dialog.Title>
        <Dialog.Close className="icon-button" aria-label="Close"><X size={16} aria-hidden /></Dialog.Close>
      </div>
      <Dialog.Description className="dialog-about">{verb.about}</Dialog.Description>
      <div className="dialog-body">
        {verb.fields.map(field => <Field key={field.name} field={field} verb={verb} value={form[field.name]} onChange={value => set(field.name, value)} model={model} id={id} raw={raw} problem={isTried || (field.kind === 'json' && form[field.name]) ? problems[field.name] : undefined} />)}
        <label className="field"><span>Reason</span><input className="input" value={reason} placeholder="Why, for the journal" onChange={event => setReason(event.target.value)} autoFocus={verb.fields.length === 0} /></label>
        <section className="preview" aria-label="What it would do" aria-live="polite">
          <h3>What it would do</h3>
          {settled === null ? <p className="hint">Fill in what is needed to see it.</p>
            : preview.isPending ? <p className="hint">Asking the server…</p>
            : preview.error ? <Failure>{preview.error instanceof EngineError ? `It would be refused: ${preview.error.message}` : messageOf(preview.error)}{preview.error instanceof EngineError && <code className="code-name">{preview.error.code}</code>}</Failure>
            : <Effects run={preview.data} />}
        </section>
        {isStale && <Failure>It has changed since this was opened: close it, look, and open it again.</Failure>}
        {action.error && <Failure>{messageOf(action.error)}{action.error instanceof EngineError && <code className="code-name">{action.error.code}</code>}</Failure>}
      </div>
      <div className="dialog-foot">
        {args && (
          <>
            {command && <CopyButton text={command} label={command}><Terminal size={13} aria-hidden />bamboo</CopyButton>}
            <CopyButton text={() => curlCommand(window.location.origin, verb.name, args)} label="Copy as a curl command">curl</CopyButton>
          </>
        )}
        <div className="spacer" />
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className={`button primary${verb.isFinal ? ' danger' : ''}`} disabled={action.isPending || isStale} title="Ctrl+Enter">{action.isPending ? 'Asking…' : verb.label}</button>
      </div>
    </form>
  );
}

/** What a dry run tells: the facts that would follow, and what would be set going. */
export function Effects({ run }: { run: DryRun }) {
  const lines = linesOf(run.turns);
  const telling = lines.filter(line => groupOf(line.event) !== 'tokens' && !line.event.endsWith('-history-added') && !line.event.endsWith('-verb-taken'));
  return (
    <ul className="effects">
      {telling.slice(0, 12).map(line => <li key={line.key}><code>{line.subject}</code> {line.text}</li>)}
      {telling.length > 12 && <li className="faint">and {telling.length - 12} more facts</li>}
      {run.effects.map(effect => <li key={effect} className="effect">then: {effect}</li>)}
      {telling.length === 0 && run.effects.length === 0 && <li>Nothing but a line in the journal.</li>}
    </ul>
  );
}

function Field({ field, verb, value, onChange, model, id, raw, problem }: {
  field: VerbField; verb: Verb; value: FormValues[string] | undefined; onChange: (value: FormValues[string]) => void; model: Model; id: string; raw: RawData | undefined; problem: string | undefined;
}) {
  const hint = problem ? <span className="field-problem" role="alert">{problem}</span> : field.help && <span className="hint">{field.help}</span>;
  const flows = flowsFrom(model, id);
  switch (field.kind) {
    case 'flag':
      return <label className="check"><input type="checkbox" checked={value === true} onChange={event => onChange(event.target.checked)} />{field.label}</label>;
    case 'flow':
      return (
        <fieldset className="field"><legend>{field.label}</legend>
          {flows.map(flow => <label key={flow.id} className="check"><input type="radio" name={field.name} checked={value === flow.id} onChange={() => onChange(flow.id)} /><span>to {model.nodes.get(flow.target)?.label} {flow.label && <code>{flow.label}</code>}</span></label>)}
          {hint}
        </fieldset>
      );
    case 'flows': {
      const chosen = Array.isArray(value) ? value : [];
      return (
        <fieldset className="field"><legend>{field.label}</legend>
          {flows.map(flow => <label key={flow.id} className="check"><input type="checkbox" checked={chosen.includes(flow.id)} onChange={event => onChange(event.target.checked ? [...chosen, flow.id] : chosen.filter(other => other !== flow.id))} /><span>to {model.nodes.get(flow.target)?.label} {flow.label && <code>{flow.label}</code>}</span></label>)}
          {hint}
        </fieldset>
      );
    }

    case 'converge': {
      const scope = model.nodes.get(id)?.scope;
      const gateways = [...model.nodes.values()].filter(node => node.kind === 'converge' && node.scope === scope);
      return (
        <label className="field"><span>{field.label}</span>
          <select className="input" value={String(value ?? '')} onChange={event => onChange(event.target.value)}>
            <option value="">–</option>
            {gateways.map(gateway => <option key={gateway.id} value={gateway.id}>{gateway.label}</option>)}
          </select>
          {hint}
        </label>
      );
    }

    case 'json':
    case 'entries':
      return (
        <div className="field">
          <span><label htmlFor={`field-${field.name}`}>{field.label}</label>{verb.name === 'retry_node' && raw && (
            <button type="button" className="link-button" onClick={() => onChange(JSON.stringify(Object.fromEntries(Object.entries(raw.inputs).map(([key, input]) => [key, input.value])), null, 2))}>start from the present inputs</button>
          )}</span>
          <textarea id={`field-${field.name}`} className="input code" rows={Math.min(10, Math.max(3, String(value ?? '').split('\n').length))} spellCheck={false} value={String(value ?? '')} onChange={event => onChange(event.target.value)} placeholder={verb.name === 'callback' ? '{"result": true}' : '{ }'} aria-invalid={problem !== undefined} autoFocus />
          {hint}
        </div>
      );
    default:
      return (
        <label className="field"><span>{field.label}</span>
          <input className="input" type={field.kind === 'time' ? 'datetime-local' : 'text'} step={field.kind === 'time' ? 1 : undefined} value={String(value ?? '')} onChange={event => onChange(event.target.value)} aria-invalid={problem !== undefined} />
          {hint}
        </label>
      );
  }
}

function initial(verb: Verb, id: string, model: Model): FormValues {
  const form: FormValues = {};
  for (const field of verb.fields) {
    if (field.kind === 'converge') {
      form[field.name] = convergeOf(model, id) ?? '';
    } else if (field.name === 'ex_data') {
      form[field.name] = 'forced to fail by an operator';
    }
  }

  return form;
}

// What is typed, once it rests.
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
