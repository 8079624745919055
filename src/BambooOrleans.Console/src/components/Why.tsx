import { Bell, Clock, GitMerge, Hand, LoaderCircle, Pause, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useMemo } from 'react';
import type { NodeState, Wait, WaitKind } from '../api/types';
import type { Model } from '../model/tree';
import { verbs, type Verb } from '../model/verbs';
import { Actions } from './Actions';
import { CopyButton, Empty, Time } from './bits';
import { quote } from '../model/commands';

const icons: Record<WaitKind, LucideIcon> = {
  RunningComponent: LoaderCircle, ComputingVariables: LoaderCircle, RunningEndEvent: LoaderCircle, Timer: Clock, Callback: Bell, Operator: Hand, Pause, Children: GitMerge, Stuck: TriangleAlert,
};

const waitsMax = 60;

// What somebody has to do comes first; what waits for something else that is told comes last.
const urgency: WaitKind[] = ['Stuck', 'Operator', 'Callback', 'Pause', 'Timer', 'RunningComponent', 'ComputingVariables', 'RunningEndEvent', 'Children'];

interface WhyProps {
  model: Model;
  waits: readonly Wait[];
  root: NodeState | undefined;
  onSelect: (id: string) => void;
  onVerb: (verb: Verb, id: string) => void;
}

/** What each token of a pipeline waits for, and what would move it. */
export function Why({ model, waits: given, root, onSelect, onVerb }: WhyProps) {
  const waits = useMemo(() => [...given].sort((a, b) => urgency.indexOf(a.kind) - urgency.indexOf(b.kind)), [given]);
  return (
    <section className="why" data-testid="why" aria-label="Why it stands where it stands">
      <div className="section-head"><h2>Why</h2><CopyButton text={`bamboo why ${quote(model.rootId)}`} label={`Copy: bamboo why ${model.rootId}`} /></div>
      {waits.length === 0 && (
        <Empty>{root?.state === 'FINISHED' ? 'It is finished: nothing waits.' : root?.state === 'REVOKED' ? 'It was revoked: nothing goes on.' : 'Nothing waits at this moment.'}</Empty>
      )}
      <ul className="waits">
        {waits.slice(0, waitsMax).map(wait => <WaitItem key={`${wait.token} ${wait.node_id} ${wait.kind}`} wait={wait} model={model} onSelect={onSelect} onVerb={onVerb} />)}
      </ul>
      {waits.length > waitsMax && <p className="hint">and {waits.length - waitsMax} more</p>}
    </section>
  );
}

/** One token's reason. */
export function WaitItem({ wait, model, onSelect, onVerb }: { wait: Wait; model: Model } & Pick<WhyProps, 'onVerb'> & { onSelect?: (id: string) => void }) {
  const Icon = icons[wait.kind] ?? Clock;
  const label = model.nodes.get(wait.node_id)?.label ?? wait.node_name ?? wait.node_id;
  const offered = wait.verbs.map(name => verbs[name]).filter(verb => verb !== undefined);
  const targetOf = (verb: Verb) => (verb.target === 'pipeline_id' ? (wait.paused_by ?? wait.scope_id) : wait.paused_by && verb.name === 'resume_node_appoint' ? wait.paused_by : wait.node_id);
  return (
    <li className={`wait wait-${wait.kind}`}>
      <Icon size={15} aria-hidden className="wait-icon" />
      <div className="wait-body">
        {onSelect && <button type="button" className="link-button strong" onClick={() => onSelect(wait.node_id)}>{label}</button>}
        <p>{wait.error ?? sentence(wait)}</p>
        <p className="hint">
          {wait.since && <>since <Time at={wait.since} /></>}{wait.due && <> · goes on at <Time at={wait.due} /></>}{wait.token !== 't' && <> · token {wait.token}</>}
        </p>
        {offered.length > 0 && <Actions verbs={offered} buttons={3} label={label} onChoose={verb => onVerb(verb, targetOf(verb))} />}
      </div>
    </li>
  );
}

// The server's sentence, without the version that nobody reads and the times that are told beside it.
function sentence(wait: Wait): string {
  return wait.text.replace(/ under version v?[0-9a-f]{20,}/, '').replace(/ (at|since) \d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
}
