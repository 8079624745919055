import { useEffect, useRef } from 'react';

/** Keys and what they do, for the page that is shown. A key of two letters is typed one after the other. */
export type Shortcuts = Record<string, () => unknown>;

const stack: { current: Shortcuts }[] = [];
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

/** Listens for keys while the component is there. What is typed into fields, or while a dialog is open, is none of them. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    stack.push(latest);
    return () => {
      stack.splice(stack.indexOf(latest), 1);
    };
  }, []);
}

window.addEventListener('keydown', event => {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(target) || document.querySelector('[role="dialog"]:not([data-closed]), [role="menu"]:not([data-closed])')) {
    return;
  }

  const find = (key: string) => stack.findLast(entry => entry.current[key])?.current[key];

  // Arrows belong to what has the focus: tabs, menus, lists.
  if (event.key.startsWith('Arrow') && target.closest('[role="tablist"], [role="radiogroup"], .scrolls')) {
    return;
  }

  const run = find(prefix + event.key) ?? (prefix ? undefined : find(event.key));
  clearTimeout(prefixTimer);
  if (run) {
    event.preventDefault();
    prefix = '';
    run();
  } else if (prefix === '' && stack.some(entry => Object.keys(entry.current).some(key => key.length === 3 && key.startsWith(`${event.key} `)))) {
    prefix = `${event.key} `;
    prefixTimer = setTimeout(() => (prefix = ''), 1200);
  } else {
    prefix = '';
  }
});

function isTyping(element: HTMLElement): boolean {
  return element.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName) || element.shadowRoot !== null;
}

/** All shortcuts, for the help. */
export const shortcutTable: { where: string; keys: [string, string][] }[] = [
  {
    where: 'Everywhere',
    keys: [['?', 'Show this help'], ['g l', 'Go to the list'], ['g s', 'Go to submit'], ['t', 'Switch between light and dark'], ['Esc', 'Close what is open']],
  },
  {
    where: 'List',
    keys: [['/', 'Search'], ['j  k', 'Next, previous pipeline'], ['Enter', 'Open it'], ['x', 'Select it'], ['r', 'Read again']],
  },
  {
    where: 'Pipeline',
    keys: [['1 … 5', 'Graph, timeline, journal, context, definition'], ['a', 'Actions for what is selected'], ['y', 'Copy the id of what is selected'], ['w', 'Why: what it waits for']],
  },
  {
    where: 'Graph',
    keys: [['← → ↑ ↓', 'Select a neighbour'], ['f', 'Next failed node'], ['n', 'Next node that is not done'], ['o', 'Open or close a sub-process'], ['/', 'Find a node'], ['+  -  0', 'Zoom in, out, show all'], ['c', 'Centre what is selected']],
  },
];
