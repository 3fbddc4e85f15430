import { ModelOpsError } from './errors.ts';
import type { ParseContext } from './parsing.ts';

/** Levels of objects and arrays that a document may have. */
const MAX_DEPTH = 100;

type Context = Pick<ParseContext, 'source' | 'code'>;

/**
 * Refuses what a schema cannot see in a parsed document: cycles and deep nesting, which overflow the stack, and fields named `__proto__`,
 * which are dropped silently.
 * @throws the context's code, with the path
 */
export function checkDocument(value: unknown, { source, code }: Context): void {
  const pending: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    const { path } = next;
    if (path.length >= MAX_DEPTH)
      throw new ModelOpsError(code, `invalid ${source}: nested more than ${MAX_DEPTH} levels deep, at ${path.slice(0, 5).join('.')}…`);
    if (Object.hasOwn(next.value, '__proto__'))
      throw new ModelOpsError(code, `invalid ${source}: ${[...path, '__proto__'].join('.')} is not allowed as a name`, {
        hint: 'rename it',
      });
    for (const [key, child] of Object.entries(next.value))
      if (typeof child === 'object' && child !== null) pending.push({ value: child, path: [...path, key] });
  }
}

/** Refuses JSON in which an object names a field twice; `JSON.parse` keeps the last one silently. The text must be valid JSON. @throws the context's code */
export function checkUniqueKeys(json: string, { source, code }: Context): void {
  const open: (Set<string> | undefined)[] = [];
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const quoted = token.slice(0, token.lastIndexOf('"') + 1);
      const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
      const keys = open.at(-1);
      if (keys?.has(key) === true)
        throw new ModelOpsError(code, `invalid ${source}: the field "${key}" is given twice`, { hint: 'keep one of them' });
      keys?.add(key);
    }
  }
}
