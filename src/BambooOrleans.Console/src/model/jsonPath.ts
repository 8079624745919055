import { findNodeAtLocation, parseTree, type Node, type ParseError, printParseErrorCode } from 'jsonc-parser';

/** A stretch of a text. */
export interface Place {
  from: number;
  to: number;
}

/**
 * Finds the place in a JSON text that a path of the validator names, such as `pipeline.activities.a.b.outgoing` or
 * `flows[0]`. Keys may have dots in them, so the longest key that fits is taken. A path that leads to nothing gives the nearest
 * object around it.
 */
export function placeOfPath(text: string, path: string): Place {
  const root = parseTree(text);
  if (!root) {
    return { from: 0, to: 0 };
  }

  // The text is the pipeline itself, which paths call `pipeline`.
  const rest = path.replace(/^\$?\.?pipeline(?=$|[.[])/, '').replaceAll(/\[(\d+)\]/g, '.$1').replaceAll(/\[["']([^\]]*)["']\]/g, '.$1').replace(/^\./, '');
  return spot(walk(root, rest === '' ? [] : rest.split('.')), root);
}

/** What is wrong with a text as JSON; nothing where it is JSON. */
export function syntaxProblems(text: string): (Place & { message: string })[] {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  return errors.slice(0, 20).map(error => ({ from: error.offset, to: error.offset + Math.max(error.length, 1), message: words(printParseErrorCode(error.error)) }));
}

/** Line and column of a place, from 1. */
export function lineOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

function walk(from: Node, parts: readonly string[]): Node {
  let node = from;
  for (let at = 0; at < parts.length;) {
    let next: Node | undefined;
    let used = 0;
    if (node.type === 'array') {
      next = findNodeAtLocation(node, [Number(parts[at])]);
      used = 1;
    } else {
      for (let count = parts.length - at; count > 0 && !next; count--) {
        next = findNodeAtLocation(node, [parts.slice(at, at + count).join('.')]);
        used = count;
      }
    }

    if (!next) {
      return node;
    }

    node = next;
    at += used;
  }

  return node;
}

// A large value is named by its key, or by its brace, not marked whole.
function spot(node: Node, root: Node): Place {
  if (node.type !== 'object' && node.type !== 'array') {
    return { from: node.offset, to: node.offset + node.length };
  }

  const key = node !== root && node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
  return key ? { from: key.offset, to: key.offset + key.length } : { from: node.offset, to: node.offset + 1 };
}

function words(code: string): string {
  return code.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
