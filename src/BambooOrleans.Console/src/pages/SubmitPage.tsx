import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX, FileUp, Fingerprint, Play, TriangleAlert } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type DragEvent } from 'react';
import { useLocation } from 'wouter';
import { call, EngineError, messageOf, request, RequestError } from '../api/client';
import { useSession } from '../api/session';
import type { Definition, Envelope, Json, TreePipeline, Validation } from '../api/types';
import { CopyButton, Failure } from '../components/bits';
import { JsonEditor, type EditorHandle, type Mark } from '../components/JsonEditor';
import { Graph } from '../graph/Graph';
import { curlCommand } from '../model/commands';
import { withFreshIds } from '../model/freshIds';
import { lineOf, placeOfPath, syntaxProblems } from '../model/jsonPath';
import { modelOf, type Model } from '../model/tree';
import { pipelinePath, useParameter } from '../model/url';
import { allows } from '../model/verbs';
import { sampleTree } from './sample';

const draftName = 'bamboo-draft';
const none: ReadonlySet<string> = new Set();
const unreached = new Map<string, never>();

interface Finding extends Mark {
  code: string | null;
  line: number;
  column: number;
}

interface Options {
  root_pipeline_data: string;
  root_pipeline_context: string;
  start_node_id: string;
  cycle_tolerate: boolean;
}

/** A page to write a tree, see what is wrong with it where it is wrong, and run it. */
export default function SubmitPage() {
  const [, navigate] = useLocation();
  const { role } = useSession();
  const [from] = useParameter('from');
  const [text, setText] = useState(() => sessionStorage.getItem(draftName) ?? JSON.stringify(sampleTree, null, 2));
  const [options, setOptions] = useState<Options>({ root_pipeline_data: '', root_pipeline_context: '', start_node_id: '', cycle_tolerate: false });
  const [findings, setFindings] = useState<Finding[]>([]);
  const [standing, setStanding] = useState<'checking' | 'good' | 'bad' | 'unknown'>('checking');
  const [problem, setProblem] = useState<string | null>(null);
  const [model, setModel] = useState<Model | null>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(none);
  const [selected, setSelected] = useState<string | null>(null);
  const editor = useRef<EditorHandle>(null);
  const file = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = 'Submit · Bamboo';
  }, []);
  useEffect(() => {
    if (from) {
      call<Definition>('get_pipeline_definition', { root_id: from }).then(
        definition => {
          setText(JSON.stringify(definition.pipeline, null, 2));
          setOptions(optionsOf(definition.options));
        },
        (failure: unknown) => setProblem(messageOf(failure)));
    }
  }, [from]);

  const parsed = useMemo(() => parseOptions(options), [options]);
  useEffect(() => {
    setStanding('checking');
    const stop = new AbortController();
    const timer = setTimeout(() => void check(stop.signal), 350);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };

    async function check(signal: AbortSignal): Promise<void> {
      if (text.length < 2_000_000) {
        sessionStorage.setItem(draftName, text);
      }

      const syntax = syntaxProblems(text);
      if (syntax.length > 0) {
        setFindings(syntax.map(error => ({ ...error, severity: 'error', code: null, ...lineOf(text, error.from) })));
        setStanding('bad');
        return;
      }

      const tree = JSON.parse(text) as TreePipeline;
      try {
        setModel(tree && typeof tree === 'object' && tree.id ? modelOf(tree.id, tree) : null);
      } catch {
        setModel(null);
      }

      if (!('values' in parsed)) {
        setFindings([]);
        setStanding('bad');
        return;
      }

      try {
        const answer = await request<Envelope<Validation>>('POST', 'validate_pipeline', { pipeline: tree as unknown as Json, ...validationOptions(parsed.values) }, signal);
        if (!answer.result) {
          throw new EngineError(answer.code ?? '', answer.message, answer.details?.path ?? null);
        }

        setFindings(answer.data.problems.map(found => {
          const place = placeOfPath(text, found.path ?? '');
          return { ...place, severity: found.severity, message: found.message, code: found.code, ...lineOf(text, place.from) };
        }));
        setStanding(answer.data.valid ? 'good' : 'bad');
        setProblem(null);
      } catch (failure) {
        if (signal.aborted) {
          return;
        }

        if (failure instanceof EngineError) {
          const place = placeOfPath(text, failure.path ?? '');
          setFindings([{ ...place, severity: 'error', message: failure.message, code: failure.code, ...lineOf(text, place.from) }]);
          setStanding('bad');
        } else {
          setFindings([]);
          setStanding('unknown');
          setProblem(failure instanceof RequestError && failure.status === 403 ? 'Your role may not validate; it may be tried by running it.' : messageOf(failure));
        }
      }
    }
  }, [text, parsed]);

  const run = useMutation({
    mutationFn: async () => {
      const tree = JSON.parse(text) as TreePipeline;
      await call<unknown>('run_pipeline', { pipeline: tree as unknown as Json, ...('values' in parsed ? parsed.values : {}) });
      return tree.id;
    },
    onSuccess: id => navigate(pipelinePath(id)),
    onError: failure => {
      if (failure instanceof EngineError && failure.path) {
        const place = placeOfPath(text, failure.path);
        setFindings([{ ...place, severity: 'error', message: failure.message, code: failure.code, ...lineOf(text, place.from) }]);
      }
    },
  });
  const take = async (chosen: File | undefined) => {
    if (chosen) {
      setText(await chosen.text());
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  };
  const rename = () => {
    try {
      const suffix = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36);
      setText(JSON.stringify(withFreshIds(JSON.parse(text) as TreePipeline, suffix), null, 2));
    } catch {
      setProblem('New ids need a text that is JSON.');
    }
  };
  const errors = findings.filter(finding => finding.severity === 'error').length;
  const optionProblems = 'problems' in parsed ? parsed.problems : {};
  const set = (name: keyof Options, value: string | boolean) => setOptions({ ...options, [name]: value });

  return (
    <div className="submit-page" onDragOver={event => event.preventDefault()} onDrop={drop}>
      <div className="filters">
        <h1 className="page-title">Submit a pipeline</h1>
        <span className={`validity is-${standing}`} role="status" data-testid="validity" data-state={standing}>
          {standing === 'good' ? <><CircleCheck size={14} aria-hidden />Valid</> : standing === 'bad' ? <><CircleX size={14} aria-hidden />{errors === 1 ? '1 error' : errors > 0 ? `${errors} errors` : 'Not valid'}</> : standing === 'unknown' ? 'Not checked' : 'Checking…'}
        </span>
        <div className="spacer" />
        <input ref={file} type="file" accept=".json,application/json" hidden onChange={event => void take(event.target.files?.[0])} />
        <button type="button" className="button" onClick={() => file.current?.click()}><FileUp size={14} aria-hidden />Open file</button>
        <button type="button" className="button" onClick={rename} title="Gives the pipeline, its nodes and flows new ids, so that it can be run again"><Fingerprint size={14} aria-hidden />New ids</button>
        <CopyButton text={() => curlCommand(window.location.origin, 'run_pipeline', { pipeline: JSON.parse(text) as Json, ...('values' in parsed ? parsed.values : {}) })} label="Copy as a curl command">curl</CopyButton>
        <button type="button" className="button primary" disabled={standing === 'bad' || run.isPending || !allows(role, 'operator')} onClick={() => run.mutate()}><Play size={14} aria-hidden />{run.isPending ? 'Submitting…' : 'Run'}</button>
      </div>
      {run.error && <Failure>{messageOf(run.error)}{run.error instanceof EngineError && run.error.code === 'already-exists' && <> <button type="button" className="link-button" onClick={rename}>Give it new ids</button></>}</Failure>}
      {problem && <Failure>{problem}</Failure>}
      <div className="submit-body">
        <div className="submit-editor">
          <JsonEditor value={text} onChange={setText} marks={findings} label="Pipeline tree" handle={editor} />
          {findings.length > 0 && (
            <ul className="findings scrolls" aria-label="What is wrong" data-testid="findings">
              {findings.map((finding, at) => (
                <li key={at}>
                  <button type="button" className={`finding is-${finding.severity}`} onClick={() => editor.current?.goTo(finding.from, finding.to)}>
                    {finding.severity === 'error' ? <CircleX size={14} aria-label="error" /> : <TriangleAlert size={14} aria-label="warning" />}
                    <span className="faint number">{finding.line}:{finding.column}</span><span>{finding.message}</span>{finding.code && <code className="code-name">{finding.code}</code>}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
        <div className="submit-side">
          <div className="submit-graph">{model && model.nodes.size > 0 ? <Graph model={model} states={unreached} waits={[]} selected={selected} onSelect={id => {
            setSelected(id);
            if (id) {
              const at = text.indexOf(`"${id}"`);
              editor.current?.goTo(at, at + id.length + 2);
            }
          }} open={open} onOpen={setOpen} /> : <p className="empty">The graph is drawn once there is a tree.</p>}</div>
          <details className="submit-options">
            <summary>Options</summary>
            {([['root_pipeline_context', 'Context', 'A JSON object: values of the context of the root pipeline.'], ['root_pipeline_data', 'Data', 'A JSON object that components see.']] as const).map(([name, label, help]) => (
              <label key={name} className="field"><span>{label}</span><textarea className="input code" rows={2} spellCheck={false} value={options[name]} onChange={event => set(name, event.target.value)} placeholder="{ }" />
                {optionProblems[name] ? <span className="field-problem" role="alert">{optionProblems[name]}</span> : <span className="hint">{help}</span>}</label>
            ))}
            <label className="field"><span>Start node</span><input className="input" value={options.start_node_id} onChange={event => set('start_node_id', event.target.value)} placeholder="the start event" /></label>
            <label className="check"><input type="checkbox" checked={options.cycle_tolerate} onChange={event => set('cycle_tolerate', event.target.checked)} />Allow flows that lead back</label>
          </details>
        </div>
      </div>
    </div>
  );
}

// Which of the options matter to whether a tree is good.
function validationOptions(values: Record<string, Json>): Record<string, Json> {
  const { cycle_tolerate: cycles, start_node_id: start, root_pipeline_context: context } = values;
  return { ...(cycles === undefined ? {} : { cycle_tolerate: cycles }), ...(start === undefined ? {} : { start_node_id: start }), ...(context === undefined ? {} : { root_pipeline_context: context }) };
}

// The fields as they would have been filled in for a submission.
function optionsOf(given: Record<string, Json>): Options {
  const text = (name: string) => (given[name] === undefined || given[name] === null ? '' : JSON.stringify(given[name]));
  return {
    root_pipeline_data: text('root_pipeline_data'),
    root_pipeline_context: text('root_pipeline_context'),
    start_node_id: typeof given['start_node_id'] === 'string' ? given['start_node_id'] : '',
    cycle_tolerate: given['cycle_tolerate'] === true,
  };
}

function parseOptions(options: Options): { values: Record<string, Json> } | { problems: Record<string, string> } {
  const values: Record<string, Json> = {};
  const problems: Record<string, string> = {};
  for (const name of ['root_pipeline_context', 'root_pipeline_data'] as const) {
    if (options[name].trim()) {
      try {
        const value = JSON.parse(options[name]) as Json;
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          problems[name] = 'this must be a JSON object';
        } else {
          values[name] = name === 'root_pipeline_context' ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key.startsWith('${') ? key : `\${${key}}`, item])) : value;
        }
      } catch (failure) {
        problems[name] = `this is not JSON: ${(failure as Error).message}`;
      }
    }
  }

  if (options.start_node_id.trim()) {
    values['start_node_id'] = options.start_node_id.trim();
  }

  if (options.cycle_tolerate) {
    values['cycle_tolerate'] = true;
  }

  return Object.keys(problems).length > 0 ? { problems } : { values };
}
