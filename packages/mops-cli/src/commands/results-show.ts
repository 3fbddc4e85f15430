import { defineCommand, formatCount, formatDuration, formatTable, type Style } from '@modelops/cli-kit';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import type { ShownOutput, ShownResult } from '../documents/results.ts';
import { showResult } from '../results/show-result.ts';
import { envOption, resultArgument } from './options.ts';
import { inlineParams } from './render-losses.ts';
import { renderUses } from './render-uses.ts';

export const command = defineCommand({
  examples: ['mops results show 3f9a1c', 'mops results show sims/0f1e2d3c4b5a/3f/params_3f9a1c2b/seed_7 --json'],
  args: z.object({ result: resultArgument }),
  options: z.object({
    rows: z.int().min(0).max(1_000_000).default(5).describe('Number of rows to show of each output').meta({ short: 'n' }),
    env: envOption,
  }),
  schema: 'modelops.results.show/v1',
  document: async () => (await import('../documents/results.ts')).resultsShow,
  run: async ({ result, rows, env }, deps: MopsDeps) => showResult(result, rows, (await deps.open(env)).stores),
  human: renderResult,
});

function renderResult(result: ShownResult, { color }: Style): string {
  const { task_id, path, status, params, seed, code, bundle_ref, entrypoint, pack, also_in, jobs, outputs, error } = result;
  const lines = [
    `${task_id}  ${status === 'ok' ? color.green(status) : color.red(status)}`,
    `  path      ${path}`,
    `  model     ${entrypoint}`,
    `  code      ${code} (${result.address})${bundle_ref === null ? '' : `, bundle ${bundle_ref}`}`,
    `  params    ${inlineParams(params)}  (${result.param_id})`,
    `  seed      ${seed}`,
    `  computed  ${result.started_at} in ${formatDuration(result.duration_ms)} by ${result.computed_by ?? 'an import'}, worker ${result.worker}`,
    `  pack      ${pack}${also_in.length === 0 ? '' : `, also in ${also_in.join(', ')}`}`,
  ];
  if (error !== null) lines.push(`  error     ${JSON.stringify(error)}`);
  for (const output of outputs) lines.push('', ...renderOutput(output));
  return [...lines, '', renderUses(jobs)].join('\n');
}

function renderOutput({ name, rows, evicted, columns, first }: ShownOutput): string[] {
  const title = `${name}: ${formatCount(rows, 'row')}${evicted ? '; outputs deleted by mops store gc' : ''}`;
  if (first.length === 0) return [title];
  const table = formatTable(
    first,
    columns.map((column, at) => ({
      title: column.name,
      value: (row) => String(row[at]),
      align: column.type === 'utf8' ? ('left' as const) : ('right' as const),
    })),
  );
  return [title, table, ...(rows > first.length ? [`… ${formatCount(rows - first.length)} more`] : [])];
}
