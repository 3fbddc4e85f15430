import { formatTable, formatTime } from '@modelops/cli-kit';
import type { ShownResult } from '../documents/results.ts';

/** The jobs that use a result, for display. */
export function renderUses(uses: ShownResult['jobs']): string {
  if (uses.length === 0) return 'no job of this environment uses it';
  return formatTable(uses, [
    { title: 'JOB', value: ({ job }) => job },
    { title: 'SOURCE', value: ({ source }) => source },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'CREATED', value: ({ created_at }) => formatTime(created_at) },
  ]);
}
