import type { InfraChange } from './bring-up.ts';

const DONE = { create: 'created', change: 'changed', unchanged: 'unchanged', delete: 'deleted' } as const;
const PLANNED = { create: 'to create', change: 'to change', unchanged: 'unchanged', delete: 'to delete' } as const;

/** One line per object; fields by name only, since some values are secret. */
export function describeChanges(changes: readonly InfraChange[], isPlan: boolean): string {
  if (changes.length === 0) return 'nothing to do';
  const words = isPlan ? PLANNED : DONE;
  return changes
    .map(({ kind, name, action, fields }) => {
      const what = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
      return `${words[action].padEnd(10)} ${kind} ${name}${what}`;
    })
    .join('\n');
}
