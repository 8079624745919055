import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';

/** What is wrong at a place of the text. */
export interface Mark {
  from: number;
  to: number;
  severity: 'error' | 'warning';
  message: string;
}

export interface EditorHandle {
  /** Shows a place and puts the cursor there. */
  goTo(from: number, to: number): void;
}

interface JsonEditorProps {
  value: string;
  onChange?: (value: string) => void;
  marks?: readonly Mark[];
  label: string;
  handle?: Ref<EditorHandle>;
}

// Colours are variables of the page, which reach into the editor.
const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', backgroundColor: 'var(--bg)', color: 'var(--text)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--text-3)', border: 'none' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'var(--accent-soft) !important' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--border)' },
  '.cm-panels input, .cm-panels button': { background: 'var(--bg)', color: 'var(--text)', border: '1px solid var(--border)', borderRadius: '4px', backgroundImage: 'none' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft) !important', color: 'inherit' },
  '.cm-foldPlaceholder': { background: 'var(--hover)', border: 'none', color: 'var(--text-2)' },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--code-key)' },
  { tag: tags.string, color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-value)' },
]);

/** An editor of JSON; without onChange it only shows. */
export function JsonEditor({ value, onChange, marks, label, handle }: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const attributes = useRef(new Compartment());

  useEffect(() => {
    // In a shadow root the editor's styles are sheets that scripts may make; in the document they would be style elements, which the
    // server's policy forbids.
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' });
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
          highlightSelectionMatches(), search({ top: true }), json(), syntaxHighlighting(colours), theme, lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...(onChange ? [indentWithTab] : [])]),
          EditorState.readOnly.of(!onChange),
          attributes.current.of(EditorView.contentAttributes.of({ 'aria-label': label })),
          EditorView.updateListener.of(update => update.docChanged && change.current?.(update.state.doc.toString())),
        ],
      }),
    });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, []); // eslint-disable-line react-hooks/exhaustive-deps

  useEffect(() => {
    const view = editor.current;
    if (view && view.state.doc.toString() !== value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    const view = editor.current;
    if (view) {
      const length = view.state.doc.length;
      const diagnostics: Diagnostic[] = (marks ?? []).map(mark => ({ ...mark, from: Math.min(mark.from, length), to: Math.min(Math.max(mark.to, mark.from), length) }));
      view.dispatch(setDiagnostics(view.state, diagnostics));
    }
  }, [marks, value]);
  useImperativeHandle(handle, () => ({
    goTo(from, to) {
      const view = editor.current;
      if (view) {
        const length = view.state.doc.length;
        view.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) }, effects: EditorView.scrollIntoView(Math.min(from, length), { y: 'center' }) });
        view.focus();
      }
    },
  }), []);
  return <div className="editor" ref={host} />;
}
