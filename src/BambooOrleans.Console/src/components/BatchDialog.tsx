import { Dialog } from '@base-ui/react/dialog';
import { useMutation, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { messageOf, request } from '../api/client';
import type { BatchAnswer, Json } from '../api/types';
import { curlCommand } from '../model/commands';
import { argumentsOf, batchVerbs, verbs, type FormValues } from '../model/verbs';
import { CopyButton, Failure } from './bits';

/** What a batch acts on: pipelines by their ids, or all that match a filter. */
export type BatchTargets = { ids: string[] } | { filter: Record<string, string>; count: number };

interface BatchDialogProps {
  targets: BatchTargets | null;
  onClose: () => void;
  onDone: () => void;
}

/** One verb on many pipelines, or on the nodes in them that it would move. */
export function BatchDialog(props: BatchDialogProps) {
  return (
    <Dialog.Root open={props.targets !== null} onOpenChange={open => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" data-testid="batch-dialog">{props.targets && <BatchForm {...props} targets={props.targets} />}</Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function BatchForm({ targets, onClose, onDone }: BatchDialogProps & { targets: BatchTargets }) {
  const byIds = 'ids' in targets;
  const offered = batchVerbs.map(name => verbs[name]!).filter(verb => !byIds || verb.target === 'pipeline_id');
  const [name, setName] = useState(offered[0]!.name);
  const [form, setForm] = useState<FormValues>({ ex_data: 'forced to fail by an operator' });
  const [reason, setReason] = useState('');
  const verb = verbs[name]!;
  const fields = verb.fields.filter(field => field.kind === 'json' || field.kind === 'text');
  const parsed = useMemo(() => argumentsOf({ ...verb, fields }, '', form, undefined), [verb, form]); // eslint-disable-line react-hooks/exhaustive-deps
  const problems = 'problems' in parsed ? parsed.problems : {};
  const args = useMemo(() => {
    if (!('arguments' in parsed)) {
      return null;
    }

    const { [verb.target]: _target, ...rest } = parsed.arguments;
    return { ...rest, ...(reason.trim() ? { reason: reason.trim() } : {}) } as Record<string, Json>;
  }, [parsed, verb, reason]);
  const body = useMemo<Record<string, Json> | null>(() => args && { ...(byIds ? { ids: targets.ids } : { filter: targets.filter }), arguments: args }, [args, byIds, targets]);
  const preview = useQuery({
    queryKey: ['batch-preview', name, 'ids' in targets ? targets.ids : targets.filter, args && { ...args, reason: null }],
    queryFn: ({ signal }) => request<BatchAnswer>('POST', `batch/${name}`, { ...body!, preview: true }, signal),
    enabled: body !== null,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const carriedOut = useMutation({
    mutationFn: () => request<BatchAnswer>('POST', `batch/${name}`, { ...body!, expected_count: preview.data!.count }),
    onSuccess: onDone,
    onError: () => void preview.refetch(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body && preview.data && !carriedOut.isPending) {
      carriedOut.mutate();
    }
  };
  const noun = (count: number) => `${count} ${verb.target === 'pipeline_id' ? (count === 1 ? 'pipeline' : 'pipelines') : count === 1 ? 'node' : 'nodes'}`;

  if (carriedOut.data) {
    return (
      <>
        <div className="dialog-head"><Dialog.Title className="dialog-title">{verb.label}: {noun(carriedOut.data.accepted)} done</Dialog.Title><Dialog.Close className="icon-button" aria-label="Close"><X size={16} aria-hidden /></Dialog.Close></div>
        <div className="dialog-body"><Refusals answer={carriedOut.data} /></div>
        <div className="dialog-foot"><div className="spacer" /><button type="button" className="button primary" onClick={onClose}>Close</button></div>
      </>
    );
  }

  return (
    <form onSubmit={submit}>
      <div className="dialog-head">
        <Dialog.Title className="dialog-title">Act on {byIds ? noun0(targets.ids.length) : `the ${noun0(targets.count)} that match`}</Dialog.Title>
        <Dialog.Close className="icon-button" aria-label="Close"><X size={16} aria-hidden /></Dialog.Close>
      </div>
      <div className="dialog-body">
        <label className="field"><span>Action</span>
          <select className="input" value={name} onChange={event => setName(event.target.value)}>{offered.map(candidate => <option key={candidate.name} value={candidate.name}>{candidate.label}{candidate.target === 'node_id' ? ': nodes in them' : ''}</option>)}</select>
          <span className="hint">{verb.about}</span>
        </label>
        {fields.map(field => (
          <label key={field.name} className="field"><span>{field.label}</span>
            {field.kind === 'json'
              ? <textarea className="input code" rows={3} spellCheck={false} value={String(form[field.name] ?? '')} onChange={event => setForm({ ...form, [field.name]: event.target.value })} />
              : <input className="input" value={String(form[field.name] ?? '')} onChange={event => setForm({ ...form, [field.name]: event.target.value })} />}
            {problems[field.name] ? <span className="field-problem" role="alert">{problems[field.name]}</span> : <span className="hint">{field.help}</span>}
          </label>
        ))}
        <label className="field"><span>Reason</span><input className="input" value={reason} placeholder="Why, for the journal" onChange={event => setReason(event.target.value)} /></label>
        <section className="preview" aria-label="What it would do" aria-live="polite">
          <h3>What it would do</h3>
          {preview.isFetching ? <p className="hint">Trying each…</p> : preview.error ? <Failure>{messageOf(preview.error)}</Failure> : preview.data ? <><p><strong data-testid="batch-accepted">{noun(preview.data.accepted)}</strong> of {preview.data.count} would be taken.</p><Refusals answer={preview.data} /></> : <p className="hint">Fill in what is needed to see it.</p>}
        </section>
        {carriedOut.error && <Failure>{messageOf(carriedOut.error)}</Failure>}
      </div>
      <div className="dialog-foot">
        {body && preview.data && <CopyButton text={() => curlCommand(window.location.origin, `batch/${name}`, { ...body, expected_count: preview.data.count })} label="Copy as a curl command">curl</CopyButton>}
        <div className="spacer" />
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className={`button primary${verb.isFinal ? ' danger' : ''}`} disabled={!preview.data || preview.isFetching || preview.data.accepted === 0 || carriedOut.isPending}>{carriedOut.isPending ? 'Working…' : `${verb.label} ${preview.data ? noun(preview.data.accepted) : ''}`}</button>
      </div>
    </form>
  );
}

function noun0(count: number): string {
  return `${count} ${count === 1 ? 'pipeline' : 'pipelines'}`;
}

function Refusals({ answer }: { answer: BatchAnswer }) {
  const refused = answer.results.filter(result => !result.result);
  return refused.length === 0 ? <p className="hint">None is refused.</p> : (
    <details open={refused.length <= 5}>
      <summary>{refused.length} refused</summary>
      <ul className="effects">{refused.slice(0, 100).map(result => <li key={result.id}><code>{result.id}</code> {result.message}</li>)}{refused.length > 100 && <li className="faint">and {refused.length - 100} more</li>}</ul>
    </details>
  );
}
