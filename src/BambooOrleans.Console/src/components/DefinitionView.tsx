import { Download, Send } from 'lucide-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Definition } from '../api/types';
import { CopyButton, Time } from './bits';
import { JsonEditor } from './JsonEditor';

/** The tree as it was submitted. */
export default function DefinitionView({ definition }: { definition: Definition }) {
  const text = useMemo(() => JSON.stringify(definition.pipeline, null, 2), [definition]);
  const options = Object.entries(definition.options ?? {});
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${definition.root_id}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="definition" data-testid="definition">
      <div className="filters">
        <span className="faint">Submitted <Time at={definition.created_time} />{definition.operator && <> by {definition.operator}</>}</span>
        {options.map(([name, value]) => <code key={name} className="condition">{name}: {JSON.stringify(value)}</code>)}
        <div className="spacer" />
        <Link href={`/submit?${new URLSearchParams({ from: definition.root_id }).toString()}`} className="button small"><Send size={13} aria-hidden />Submit again</Link>
        <CopyButton text={text} label="Copy the definition">Copy</CopyButton>
        <button type="button" className="button small" onClick={save}><Download size={13} aria-hidden />Save</button>
      </div>
      <JsonEditor value={text} label="Definition of the pipeline" />
    </div>
  );
}
